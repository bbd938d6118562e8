"""Posts of the X API v2 that twarc-csv has flattened to CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="twarc-csv",
    label="twarc-csv, X API v2",
    recognised_by=[["id", "text", "author.username", "created_at", "referenced_tweets.retweeted.id"]],
    fields={
        "post_id": ["id"],
        "text": ["note_tweet.text", "text"],
        "author": ["author.username", "author.name", "author_id"],
        "created_at": ["created_at"],
        "images": ["attachments.media"],
        "likes": ["public_metrics.like_count"],
        "shares": ["public_metrics.retweet_count"],
        "comments": ["public_metrics.reply_count"],
    },
)
