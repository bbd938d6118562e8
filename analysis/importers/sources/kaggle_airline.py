"""The tweets about airlines that Kaggle offers, as CSV."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="kaggle-airline",
    label="Kaggle, airline tweets",
    recognised_by=[["tweet_id", "airline_sentiment", "name", "text", "tweet_created"]],
    fields={
        "post_id": ["tweet_id"],
        "text": ["text"],
        "author": ["name"],
        "created_at": ["tweet_created"],
        "shares": ["retweet_count"],
    },
)
