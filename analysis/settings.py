"""Every limit and default of PostLens, each with its unit and its reason.

The location of the workspace is `analysis.workspace.default_workspace_home`.
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
    """Memory that reading a table may take, in addition to `reader_memory_factor`."""
    reader_memory_factor: int = 12
    """Further memory for each byte of a table; a CSV with emoji takes up to ten times its size."""
    reader_packed_ratio: int = 5
    """Expected unpacked over packed size of XLSX, Parquet and the members of zips; more is read if memory allows."""
    reader_seconds: float = 12
    """Time limit for an image, and between two heartbeats of a worker; an image of 40 MP takes 2 s."""
    reader_seconds_per_mb: float = 2
    """Additional total time for each MB of a table; parsing runs at 5 MB a second."""
    reader_stall_per_mb: float = 0.1
    """Additional time between heartbeats for each MB of a table: JSON is decoded in one step."""

    reader_processes: int = 2
    """Files that are read at once; each may be an image that takes `reader_memory`."""
    queued_files: int = 200
    """Files that wait for a reader together: their results are kept until those of all earlier files are there."""
    queued_images: int = 64
    """Images of a DataFrame that are in memory as files at once, each up to `max_image_bytes`."""
    reader_stream_memory: int = 512 * MB
    """Memory that reading a table in chunks may take, whatever its size: a chunk of 4 million characters takes
    100 MB, a line of `max_line_chars` 200 MB."""

    # Intake: tables
    stream_from_bytes: int = 32 * MB
    """Unpacked size from which CSV and NDJSON are read in chunks; smaller ones are read whole, in less time."""
    max_streamed_bytes: int = 4 * 1024 * MB
    """Unpacked size of a table that is read in chunks: a million posts with all of their fields take 2 GB."""
    max_line_chars: int = 16 * MB
    """Characters of a line, or of a row, of a table that is read in chunks; a page of 100 posts takes 1 million."""
    max_table_bytes: int = 512 * MB
    """Any other table is parsed in memory, at about five times its size on disk."""
    max_rows: int = 1_000_000
    """Rows of all tables of one batch; beyond that, score in several batches."""
    min_unpacked_bytes: int = 64 * MB
    """Unpacked size allowed for any XLSX or Parquet file, in addition to `max_archive_ratio` times its size."""
    max_table_rows: int = 1_200_000
    """Rows of all tables of one batch that are read: rows beyond `max_rows` are listed individually. A larger table
    is read up to here, and its rows that make no post are listed together."""
    max_rejected_chars: int = 64 * MB
    """Characters of all rejected rows of one table that are listed with their whole content; of the rows after these,
    only the first 200 characters are."""
    max_tables: int = 1_000
    """Tables of one batch; an export has a few."""
    max_refused_kept: int = 200
    """Refused files of an upload that are kept so that they can be read in another way; a longer list is of no use.
    Those from zips may take `max_table_bytes` together."""
    max_tables_memory: int = 2 * 1024 * MB
    """Memory that the cells of all tables of one batch may take after they are parsed. Building the posts takes four
    to eight times as much, so only large uploads may come near it; see `min_tables_memory`."""
    min_tables_memory: int = 128 * MB
    """Memory for the cells of several tables in any upload, besides `reader_packed_ratio` times the tables' packed
    size. Limits a small zip of many tables to 1.5 GB in all: posts take up to eight times the memory of their cells,
    as Python needs four bytes for each character of a text with an emoji."""
    max_names_memory: int = 256 * MB
    """Characters of column names in one batch, counted once per value, besides `names_memory_factor`: values of
    unmapped columns are stored with the name of their column."""
    names_memory_factor: int = 4
    """Further characters of column names for each byte of the cells: names of a few words are usual."""
    max_rejected_rows: int = 100_000
    """Unreadable rows of one batch that are listed, at about 500 bytes each; a table with more is refused as a
    whole: its separator or quotation marks were misread."""
    max_columns: int = 1_000
    """Wider tables are not tables of posts, and parsing them wastes memory."""
    max_sheet_cells: int = 10_000_000
    """Rows x columns of a sheet in a workbook, blank ones too: they are read at about 100 bytes a cell."""
    max_listed_references: int = 200_000
    """Missing images of one batch that are listed individually, at about 400 bytes each; beyond that, the missing
    images of a row are listed together, and after twice as many entries those of a table."""
    max_listed_rows: int = 400_000
    """Rejected rows of one batch that are listed individually, at about 600 bytes each; beyond that, those of a table
    are listed together."""
    max_workbook_parts: int = 10_000
    """Files inside an XLSX workbook: its sheets, images and relations."""
    max_blank_cells: int = 10_000_000
    """Rows x columns of a table of any other format, in addition to one cell for each byte of the file: a short row
    or a missing value takes nothing on disk, but 8 bytes or more in memory."""
    max_text_chars: int = 100_000
    """No platform allows longer posts; a longer cell means that a quotation mark is missing."""
    max_id_chars: int = 1_000
    """Characters of a post's id, which every page and every reason repeats; URLs that serve as ids are shorter."""
    max_author_chars: int = 1_000
    """Characters of a post's author, which every page repeats; platforms allow 100 or fewer."""

    max_file_name_chars: int = 500
    """Characters of a file's name with its folders, which is repeated in each post and rejection; Windows allows
    260."""

    max_companion_bytes: int = 64 * MB
    """A caption, or the list of the images of a data set: 100,000 images with their addresses take 50 MB."""

    # Intake: images
    max_image_bytes: int = 40 * MB
    """One encoded image; larger ones are camera raw or not images."""
    max_image_pixels: int = 40_000_000
    """40 MP take 120 MB when decoded; most phone photos are smaller."""
    max_image_scans: int = 200
    """Scans of a progressive JPEG, each of which is decoded over the whole image; cameras and sites write 10."""
    min_image_side: int = 8
    """Smaller images are tracking pixels without content."""
    max_images_per_post: int = 20
    """Instagram's longest carousel."""
    stored_image_side: int = 1_024
    """The longer side as stored in the workspace; the encoder reads 224 px, and 1,024 px are enough to view."""
    stored_jpeg_quality: int = 90
    """Visually lossless at the stored size."""

    # Intake: archives
    max_archive_members: int = 200_000
    """Files in one zip or folder."""
    max_archive_bytes: int = 8 * 1024 * MB
    """Unpacked size of one zip, which is temporarily stored on disk."""
    max_archive_ratio: int = 200
    """Unpacked over packed size of one member; text reaches 20, a zip bomb 1,000."""

    # Workspace
    max_name_chars: int = 120
    """Characters of a batch's name, which must fit on one line of a list."""
    max_parts: int = 200
    """Parts of one batch; larger batches get larger parts: every query opens every part, 1 ms each."""

    max_view_chars: int = 8_000
    """Characters of the address of a saved view: servers and proxies refuse addresses above about 8 kB."""
    max_saved_mappings: int = 500
    """Column mappings saved for tables with the same columns; a mapping takes about 300 bytes."""
    max_open_uploads: int = 20
    """Uploads that are kept for a reload of their page until they are scored; each takes its files' size on disk."""
    max_kept_columns: int = 8
    """Columns of the analyst's own tables kept as filters of a batch; each is a filter and a chart."""
    max_filter_values: int = 100
    """Values of such a column: a column with more, such as an address, is no segment."""
    abandoned_after_s: float = 86_400
    """Age in seconds at which temporary files of earlier versions are removed: no upload takes a day."""
    max_compiled_bytes: int = 512 * MB
    """Compiled encoders kept in the workspace's folder so that scoring starts sooner; those of a bundle take about
    100 MB. 0 keeps none."""

    # Queries
    cached_posts: int = 2_000_000
    """Posts of all batches that are kept in memory for counts and filters, about 400 MB."""
    cached_batches: int = 8
    """Batches that are kept in memory; each is a separate database, which takes a few MB even for few posts."""

    max_search_chars: int = 1_000
    """Characters of a search by words: a page of a report; a link in which it is stored may have a few thousand."""
    max_search_terms: int = 30
    """Words and phrases of a search: each takes up to 0.3 s for a million posts."""
    max_search_depth: int = 20
    """Levels of parentheses and NOT in a search: more than anyone can read, and few enough to parse by recursion."""

    # Pages and reports
    download_up_to: int = 100_000
    """Posts of a report above which writing it to disk is recommended: Streamlit keeps a download in memory, which
    is about 70 MB at this size."""
    heat_maps_up_to: int = 2_000
    """Posts whose heat maps are drawn in one job: about half an hour, less from stored image maps."""
    heat_maps_at_once: int = 100
    """Images whose heat maps are drawn when they are downloaded, from stored image maps: about ten seconds."""
    previewed_posts: int = 20
    """Posts in the preview of a report: as many as fit on a screen."""
    shares_from: int = 30
    """Scored posts below which a page warns that shares are imprecise: at 30, the standard error of a share is up to
    9 percentage points."""
    max_uncertain: float = 0.25
    """Share of uncertain posts above which a page warns: the shares of sentiments may then be far off."""
    max_chart_values: int = 12
    """Values of a column of the analyst's tables in one chart, the most frequent: more do not fit on a screen."""
    max_hourly_days: int = 14
    """Days that a chart of hours may span: 14 days are 336 bars, as many as a screen shows apart."""
    max_trend_periods: int = 3_000
    """Periods on the page Trends, such as the hours of 125 days: peaks need many weeks, and as many bars draw in a
    second. Wrong dates can make posts span thousands of years."""
    trend_days: int = 184
    """Longest span, in days, that the page Trends shows by day at first: weeks hide the peaks of single days. Half a
    year is about as many bars as a screen shows apart."""
    trend_values: int = 100
    """The most frequent values of a column, such as hashtags, of which hours are tested for peaks."""
    trend_daily_values: int = 2_000
    """The most frequent values of a column, words too, of which days are tested: as many words as are used ten times
    in 10,000 posts. More would be too many tests: each makes a peak harder to tell from chance."""
    trend_peaks: int = 40
    """Peaks that are listed, the strongest: each takes a minute to look into."""
    breakdown_values: int = 25
    """Values on one page of Breakdown, such as hashtags: about as many as fit on a screen."""
    compared_texts: int = 100_000
    """Posts whose words are counted to compare segments, or a random sample: 0.2 s with the table of words."""
    named_texts: int = 50_000
    """Posts in which names are looked for, in 1.1 s, or a random sample: posts with them are then counted in all."""
    compared_embeddings: int = 50_000
    """Posts whose images are compared to find those that are typical of segments."""
    report_values: int = 5
    """Hashtags, names, authors and so on in the summary report, each: a short list that fits on a page."""
    suggestions_up_to: int = 20_000
    """Posts of a batch up to which filters wait for suggestions of hashtags, authors and so on: finding all of
    them takes 50 ms. In larger batches they have them once another page has found them."""
    max_manifest_bytes: int = 128 * MB
    """A manifest of a report: 200,000 files take 40 MB."""
    max_manifest_threads: int = 1_024
    """Threads that a manifest may ask for; the largest servers have fewer cores."""
    max_chart_points: int = 2_000
    """Points of a scatter chart, each of which the browser draws."""
    swapped_posts: int = 200
    """Posts between which texts and images are swapped to measure how much images matter; the time is quadratic."""

    # Scoring
    part_posts: int = 256
    """Posts in one part: the most work that a crash or Cancel can lose, and the step of the progress bar."""
    batch_posts: int = 16
    """Texts encoded at once; on two cores larger batches were not faster."""
    batch_images: int = 4
    """Images encoded at once; on two cores 16 at once were slower per image, by either engine."""
    openvino_from: int = 500
    """Batches from this many posts on are scored by OpenVINO: compiling takes as long as 200 posts in PyTorch."""
    cached_texts: int = 10_000
    """Encodings of the latest texts in memory, usually 2 to 4 kB each: repeated texts are not encoded again."""
    cached_images: int = 2_500
    """The same for images, usually 6 kB each."""
    read_words: int = 2_048
    """Words of a text that are read, explained and highlighted: a word is one or more tokens, and encoders read at
    most 1,024 tokens (`max_encoder_tokens`)."""
    read_emoji: int = 4_096
    """Emoji characters in a text after which the rest is ignored: parsing joined emoji takes 2 us each, and their
    names are more tokens than an encoder reads."""
    language_chars: int = 5_000
    """Characters from the start of a text that are used to detect its language; more would not change the result."""
    words_up_to: int = 200
    """Batches of up to this many posts get words by integrated gradients at once, which take 0.2 to 1 s a post."""
    uncertain_below: float = 0.5
    """Confidence below which a post counts as uncertain: the class is more likely wrong than right."""
    topic_from: float = 0.5
    """Minimum probability of a topic; below it, the topic is "unclear"."""
    class_from: float = 0.5
    """Minimum probability of an emotion, or of a class of any further head; below it, the value is "unclear": most
    posts show no emotion, and there is no class for that."""
    language_from: float = 0.7
    """Minimum probability of a language: at 0.7, 4 of 2,000 English tweets were assigned another language, most of
    them partly written in it; 94 % of tweets in seven languages were assigned one."""
    custom_topic_from: float = 0.25
    """Minimum cosine similarity of a post to a custom topic, of which it may have several. Chosen on half of the
    English names of `tests/search_phrases.csv`. With the other half, F1 is 0.57 for captions, 0.48 for images and
    0.35 for tweets (precision 0.55, 0.60, 0.54), on average 0.47, against 0.44 with 0.2 or 0.3. Names in other
    languages are less similar to posts: they need about 0.15, and find less."""
    max_custom_topics: int = 20
    """Custom topics of a batch: each takes 4 MB for a million posts, and more bars do not fit into a chart."""
    max_saved_topics: int = 100
    """Custom topics in a workspace or a taxonomy file, of which a batch shows those that are switched on."""
    max_topic_description_chars: int = 500
    """Characters of the description of a custom topic: about as many as the model reads."""
    max_topic_examples: int = 50
    """Examples of a custom topic, as `max_marked_posts`: each usually takes 1 to 2 kB in a file."""
    max_example_chars: int = 2_000
    """Characters of the text of an example; the model reads about 600."""
    max_example_vectors: int = 4
    """Vectors of an example: one for each modality of a post."""
    max_taxonomy_bytes: int = 64 * MB
    """A taxonomy file; one with as many topics, examples and characters as allowed has up to 60 MB."""
    min_topic_marks: int = 5
    """Examples that belong to a topic, and that do not, from which a threshold is suggested: with fewer, a
    single one decides."""
    name_weight: float = 1.33
    """Weight of the name and description of a custom topic relative to its examples: 1 / 0.75, the usual weights of
    Rocchio's method."""
    theme_posts: int = 20_000
    """Posts in which themes are found, a random sample of a larger batch: grouping them takes a minute or two on two
    cores, and a theme of one in a thousand posts has 20 of them."""
    max_similar_posts: int = 200
    """Results of a semantic search: further down, similarity is not informative."""
    cached_vector_bytes: int = 2 * 1024 * MB
    """Vectors of all batches that are kept in memory for searches by meaning; a million posts with text and image
    take 1.5 GB. The batch searched last is kept whatever its size."""
    max_marked_posts: int = 50
    """Posts of a session that are marked “more like this” or “not like this”: as many chips as fit on a screen."""
    unliked_weight: float = 0.2
    """Weight of posts marked “not like this” relative to posts marked “more like this”: 0.15 / 0.75, the usual
    weights of Rocchio's method."""

    disagree_below: float = 0.6
    """Agreement below which text and image disagree: their valences are over 0.8 apart."""
    likely_from: float = 0.75
    """Probability above which a post counts as ironic, offensive or hateful. A third to a half of the labelled posts
    are, far more than in most batches. At 0.75, precision on validation is 81 to 84 %, which corresponds to 58 to 66
    % in batches where only a fifth of the posts are; at 0.5 it would be 37 to 51 %."""

    # Labels of people
    min_review_sample: int = 30
    """Labels of a random sample from which corrected shares are shown; with fewer, intervals are over 30 points
    wide."""
    review_half_width: float = 0.03
    """Half the width of the intervals of corrected shares that the Review page suggests: three percentage points, as
    in most opinion polls."""
    max_note_chars: int = 2_000
    """Characters of a note on a post."""
    max_tags: int = 20
    """Tags of a post."""

    # Model bundles, which may come from anywhere
    max_encoder_tokens: int = 1_024
    """Tokens of a text that an encoder may read; most read 512, and the cost of attention is quadratic."""
    max_encoder_side: int = 1_024
    """Side of the square that an image encoder may read, pixels; stored images are not larger."""
    max_model_json_bytes: int = 16 * MB
    """config.json, metrics.json and the model card, which are kilobytes."""
    max_vocabulary: int = 2**20
    """Token ids of a tokenizer; the largest vocabularies have 256,000."""
    max_tokenizer_bytes: int = 64 * MB
    """tokenizer.json; a vocabulary of 256,000 pieces takes 33 MB."""

    # Explanation
    word_steps: int = 16
    """Gauss-Legendre steps of integrated gradients over words; 8 leave 14-23 % unexplained."""
    pixel_steps: int = 32
    """Gauss-Legendre steps of integrated gradients over pixels."""
    superpixels: int = 60
    """Regions into which pixel attributions are pooled: about as many as people can distinguish."""
    random_orders: int = 5
    """Random orders of words or regions with which an explanation's order is compared."""
    top_words: int = 5
    """Words of each post listed in the report."""
    completeness_ok: float = 0.05
    """Relative error of the sum up to which an attribution counts as complete."""
    completeness_refused: float = 0.20
    """Relative error above which an attribution is computed again with twice the steps, then marked as failed."""
