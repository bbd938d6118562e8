"""Posts of Threads as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-threads",
    label="4CAT, Threads",
    recognised_by=[["id", "body", "author", "image_url", "likes", "reposts", "replies", "quotes"]],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["author"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_url"],
        "likes": ["likes"],
        "shares": ["reposts"],
        "comments": ["replies"],
    },
)
