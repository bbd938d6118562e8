"""Posts of Bluesky as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-bluesky",
    label="4CAT, Bluesky",
    recognised_by=[["id", "body", "author", "like_count", "repost_count", "reply_count", "quote_count"]],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["author"],
        "created_at": ["created_at", "unix_timestamp", "timestamp"],
        "images": ["images"],
        "likes": ["like_count"],
        "shares": ["repost_count"],
        "comments": ["reply_count"],
    },
)
