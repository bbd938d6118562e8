"""Posts of Twitter as CSV or workbook of the Social Feed Manager."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="social-feed-manager",
    label="Social Feed Manager",
    recognised_by=[["twitter_id", "text", "screen_name", "created_at"]],
    fields={
        "post_id": ["twitter_id"],
        "text": ["text"],
        "author": ["screen_name"],
        "created_at": ["created_at"],
        "images": ["media_url"],
        "likes": ["favorite_count"],
        "shares": ["retweet_count"],
    },
)
