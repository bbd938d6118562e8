"""Posts of 4chan and 8kun as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-imageboards",
    label="4CAT, image boards",
    recognised_by=[["id", "body", "subject", "author", "timestamp", "thread_id", "image_file", "image_md5"]],
    fields={
        "post_id": ["id"],
        "text": ["subject + body"],
        "author": ["author"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_file"],
    },
)
