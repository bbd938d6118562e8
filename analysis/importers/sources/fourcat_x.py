"""Posts of X as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-x",
    label="4CAT, X",
    recognised_by=[["id", "body", "author", "like_count", "retweet_count", "reply_count", "quote_count"]],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["author", "author_fullname"],
        "created_at": ["unix_timestamp", "timestamp"],
        "images": ["images"],
        "likes": ["like_count"],
        "shares": ["retweet_count"],
        "comments": ["reply_count"],
    },
)
