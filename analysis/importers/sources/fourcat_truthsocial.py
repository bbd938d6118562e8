"""Posts of Truth Social as CSV of 4CAT."""

from analysis.importers.sources.fourcat_csv import fourcat_source

SOURCE = fourcat_source(
    name="truthsocial",
    label="Truth Social",
    recognised_by=[
        ["account_username", "reblogs_count", "replies_count", "created_at"],
        ["account_username", "reblogs_count", "replies_count", "created_at", "thread_id", "timestamp"],
    ],
    fields={
        "author": ["account_username", "account_display_name"],
        "created_at": ["created_at", "unix_timestamp", "timestamp"],
        "images": ["images"],
        "likes": ["favourites_count", "likes_count"],
        "shares": ["reblogs_count"],
        "comments": ["replies_count"],
    },
)
