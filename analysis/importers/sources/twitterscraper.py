"""Posts of Twitter from twitterscraper, as JSON or CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="twitterscraper",
    label="twitterscraper",
    recognised_by=[["tweet_id", "screen_name", "text", "timestamp", "likes", "retweets", "replies"]],
    fields={
        "post_id": ["tweet_id"],
        "text": ["text"],
        "author": ["screen_name", "username"],
        "created_at": ["timestamp_epochs", "timestamp"],
        "images": ["img_urls"],
        "likes": ["likes"],
        "shares": ["retweets"],
        "comments": ["replies"],
    },
)
