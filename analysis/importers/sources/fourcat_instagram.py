"""Posts of Instagram as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-instagram",
    label="4CAT, Instagram",
    recognised_by=[
        ["id", "body", "author", "image_urls", "num_likes", "num_comments", "timestamp", "thread_id"],
        ["id", "body", "author", "image_url", "num_likes", "num_comments", "timestamp", "thread_id"],
        ["id", "body", "author", "image_urls", "num_likes", "num_comments"],
    ],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["author", "author_fullname"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_urls", "image_url", "media_urls", "media_url"],
        "likes": ["num_likes"],
        "comments": ["num_comments"],
    },
    blank={"likes": r"-1"},
)
