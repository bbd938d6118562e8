"""Posts of Bluesky as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="bluesky",
    label="Bluesky",
    recognised_by=[["author", "like_count", "repost_count", "reply_count", "quote_count"]],
    fields={
        "created_at": ["created_at", "unix_timestamp", "timestamp"],
        "images": ["images"],
        "likes": ["like_count"],
        "shares": ["repost_count"],
        "comments": ["reply_count"],
    },
)
