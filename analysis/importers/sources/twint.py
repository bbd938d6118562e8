"""Posts of Twitter from twint, as CSV or one JSON object a line."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="twint",
    label="twint",
    recognised_by=[["id", "username", "tweet", "replies_count", "retweets_count", "likes_count"]],
    fields={
        "post_id": ["id"],
        "text": ["tweet"],
        "author": ["username", "name"],
        "created_at": ["date + time + timezone", "created_at"],
        "images": ["photos"],
        "likes": ["likes_count"],
        "shares": ["retweets_count"],
        "comments": ["replies_count"],
    },
)
