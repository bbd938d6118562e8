"""Every limit and default of PostLens, each with its unit and its reason.

Where the workspace stands on disk is `analysis.workspace.default_home`.
"""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Limits of intake, scoring and explanation; pass another instance to change one.

    Sizes are bytes, sides and areas pixels, unless the name says otherwise.
    """

    # Intake: the worker processes that read files. A packed file counts as `reader_packed_ratio` times its size.
    reader_memory: int = 768 * MB
    """Memory that reading an image may take; a WebP of 40 MP takes 550 MB."""
    reader_table_memory: int = 384 * MB
    """Memory that reading a table may take, besides `reader_memory_factor`."""
    reader_memory_factor: int = 12
    """Further memory for each byte of a table; a CSV with emoji takes up to ten times its size."""
    reader_packed_ratio: int = 5
    """What XLSX, Parquet and the members of zips are expected to unpack to; more is read if memory allows."""
    reader_seconds: float = 12
    """Time that a worker may take for an image, or until it shows that it goes on; an image of 40 MP takes 2 s."""
    reader_seconds_per_mb: float = 2
    """Further time for each MB of a table in all; it is parsed at 5 MB a second."""
    reader_stall_per_mb: float = 0.1
    """Further time for each MB of a table until its worker shows that it goes on: JSON is decoded in one step."""

    # Intake: tables
    max_table_bytes: int = 512 * MB
    """A table is parsed in memory, at about five times its size on disk."""
    max_rows: int = 1_000_000
    """Rows of all tables of one batch; beyond that, score in several batches."""
    min_unpacked_bytes: int = 64 * MB
    """What any XLSX or Parquet file may unpack to, besides `max_archive_ratio` times its size."""
    max_table_rows: int = 1_200_000
    """Rows of all tables of one batch that are read at all: those beyond `max_rows` are listed one by one."""
    max_tables: int = 1_000
    """Tables of one batch; an export has a few."""
    max_tables_memory: int = 2 * 1024 * MB
    """Memory that the cells of all tables of one batch may take after they are parsed."""
    max_names_memory: int = 256 * MB
    """Characters of column names of one batch, each as often as its column has a value, besides four times the memory
    of the cells: values that are no field of a post are kept with the name of their column."""
    max_rejected_rows: int = 100_000
    """Unreadable rows of one batch that are listed, at about 500 bytes each; a table with more is refused as a
    whole: its separator or quotation marks were misread."""
    max_columns: int = 1_000
    """Wider tables are not post tables; parsing them costs memory for nothing."""
    max_sheet_cells: int = 10_000_000
    """Rows x columns of a sheet in a workbook, blank ones too: they are read at about 100 bytes a cell."""
    max_listed_references: int = 200_000
    """Missing images of one batch that are listed one by one, at about 400 bytes each; beyond that those of a row
    are listed as one."""
    max_workbook_parts: int = 10_000
    """Files that an XLSX workbook is packed from: its sheets, images and relations."""
    max_blank_cells: int = 10_000_000
    """Rows x columns of a table of any other format, besides one cell for each byte of the file: a short row or an
    absent value costs nothing on disk, and 8 bytes or more in memory."""
    max_text_chars: int = 100_000
    """No platform allows longer posts; a longer cell is a mis-quoted file."""

    max_file_name_chars: int = 500
    """A file's name with its folders, which each post and each reason repeats; Windows allows 260."""

    max_companion_bytes: int = 64 * MB
    """A caption, or the list of the images of a data set: 100,000 images with their addresses take 50 MB."""

    # Intake: images
    max_image_bytes: int = 40 * MB
    """One encoded image; larger ones are camera raw or not images."""
    max_image_pixels: int = 40_000_000
    """Decoded, 40 MP is 120 MB of memory; a phone's largest photo has less than this."""
    max_image_scans: int = 200
    """Scans of a progressive JPEG, each of which is decoded over the whole image; cameras and sites write 10."""
    min_image_side: int = 8
    """Smaller images are tracking pixels and hold nothing to score."""
    max_images_per_post: int = 20
    """Instagram's longest carousel."""
    stored_image_side: int = 1_024
    """The longer side kept in the workspace; the encoder reads 224, people read 1,024."""
    stored_jpeg_quality: int = 90
    """Visually lossless at the size kept."""

    # Intake: archives
    max_archive_members: int = 200_000
    """Files in one zip or folder."""
    max_archive_bytes: int = 8 * 1024 * MB
    """Unpacked size of one zip; the disk must hold it for a while."""
    max_archive_ratio: int = 200
    """Unpacked over packed size of one member; text reaches 20, a zip bomb 1,000."""

    # Workspace
    max_name_chars: int = 120
    """A batch's name stands on one line of a list."""
    max_parts: int = 200
    """Parts of one batch; larger batches get larger parts: every query opens every part, 1 ms each."""

    abandoned_after_s: float = 86_400
    """Age in seconds from which temporary files that earlier versions left are removed: nobody uploads for a day."""

    # Scoring
    part_posts: int = 256
    """Posts in one part: what a crash or a Cancel can lose, and the step of the progress bar."""
    batch_posts: int = 16
    """Texts encoded at once; on two cores larger batches were not faster."""
    batch_images: int = 4
    """Images encoded at once; on two cores 16 at once were slower per image, by either engine."""
    openvino_from: int = 500
    """Batches from this many posts on are scored by OpenVINO: compiling takes as long as 200 posts in PyTorch."""
    cached_texts: int = 10_000
    """Encodings of the latest texts kept in memory, 1.5 kB each: what is said again is not encoded again."""
    cached_images: int = 2_500
    """The same for images, 5 kB each."""
    read_words: int = 2_048
    """Words of a text that are read, explained and highlighted: a word is a token or more, and encoders read 1,024
    tokens at most (`max_encoder_tokens`)."""
    read_emoji: int = 4_096
    """Characters of emoji in a text after which no more of it is read: joined ones take 2 us each to tell apart, and
    their names are more tokens than an encoder reads."""
    language_chars: int = 5_000
    """Characters from the start of a text that its language is named by; more would not change it."""
    words_up_to: int = 200
    """Batches up to this many posts get top words at once; a post costs 0.2 to 1 s, by its length."""
    uncertain_below: float = 0.5
    """Confidence under which PostLens says "not sure": the class is likelier wrong than right."""
    topic_from: float = 0.5
    """Probability from which a topic is named; below it the topic reads "unclear"."""
    emotion_from: float = 0.5
    """Probability from which an emotion, or a class of any further head, is named; below it it reads "unclear",
    since another class may well be the right one: most posts show no emotion, and no class says so."""
    language_from: float = 0.7
    """Probability from which a language is named: from here on 4 of 2,000 English tweets were taken for another
    language, most of them partly written in it; 94 % of tweets in seven languages were named."""
    own_topic_from: float = 0.3
    """Cosine similarity from which a post is given one of the analyst's own topics; below it, none of them. Of the
    sample posts and six topics 5 of 7 so given were right, from 0.25 on 6 of 10."""
    max_similar_posts: int = 200
    """Posts that a search by meaning shows: further down the list likeness says little."""

    disagree_below: float = 0.6
    """Agreement below which text and image disagree: their valences are over 0.8 apart."""
    likely_from: float = 0.75
    """Probability above which a post counts as ironic, offensive or hateful. A third to a half of the labelled posts
    are, far more than of most batches. Above 0.75, 81 to 84 % of those counted on validation are right, and by the
    same rates still 58 to 66 % where only a fifth of the posts are; above 0.5 it would be 37 to 51 %."""

    # Model bundles, which may come from anywhere
    max_encoder_tokens: int = 1_024
    """Tokens of a text that an encoder may read; most read 512, and attention costs the square of it."""
    max_encoder_side: int = 1_024
    """Side of the square that an image encoder may read, pixels; stored images are not larger."""
    max_model_json_bytes: int = 16 * MB
    """config.json, metrics.json and the model card, which are kilobytes."""
    max_vocabulary: int = 2**20
    """Numbers of a tokenizer's tokens; the largest vocabularies have 256,000."""
    max_tokenizer_bytes: int = 64 * MB
    """tokenizer.json; a vocabulary of 256,000 pieces takes 33 MB."""

    # Explanation
    word_steps: int = 16
    """Gauss-Legendre steps of integrated gradients over words; 8 leave 14-23 % unexplained."""
    pixel_steps: int = 32
    """Gauss-Legendre steps of integrated gradients over pixels."""
    superpixels: int = 60
    """Regions that pixel attributions are pooled to: about what the eye can tell apart."""
    random_orders: int = 5
    """Random orders of words or regions that an explanation's order is checked against."""
    top_words: int = 5
    """Words of each post named in the report."""
    completeness_ok: float = 0.05
    """Relative error of the sum up to which an attribution is shown as complete."""
    completeness_refused: float = 0.20
    """Relative error above which it is rerun with twice the steps, then marked as failed."""
