"""Posts of Truth Social as CSV of 4CAT."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="4cat-truthsocial",
    label="4CAT, Truth Social",
    recognised_by=[
        ["id", "body", "account_username", "reblogs_count", "replies_count", "created_at"],
        [
            "id",
            "body",
            "account_username",
            "reblogs_count",
            "replies_count",
            "created_at",
            "thread_id",
            "timestamp",
        ],
    ],
    fields={
        "post_id": ["id"],
        "text": ["body"],
        "author": ["account_username", "account_display_name"],
        "created_at": ["created_at", "unix_timestamp", "timestamp"],
        "images": ["images"],
        "likes": ["favourites_count", "likes_count"],
        "shares": ["reblogs_count"],
        "comments": ["replies_count"],
    },
)
