"""Posts of 4chan and 8kun as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="imageboards",
    label="image boards",
    recognised_by=[["subject", "author", "timestamp", "thread_id", "image_file", "image_md5"]],
    fields={
        "text": ["subject + body"],
        "images": ["image_file"],
    },
)
