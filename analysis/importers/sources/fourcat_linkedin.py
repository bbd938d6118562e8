"""Posts of LinkedIn as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-linkedin",
    label="4CAT, LinkedIn",
    recognised_by=[
        ["id", "body", "author", "image_urls", "comments", "shares", "reactions"],
        ["id", "body", "author_name", "image_urls", "comments", "shares", "reactions"],
    ],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["author", "author_name"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["image_urls"],
        "likes": ["reactions"],
        "shares": ["shares"],
        "comments": ["comments"],
    },
)
