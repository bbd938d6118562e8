"""Posts of the Twitter API v1.1 that twarc's json2csv and the Social Feed Manager have flattened."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="twarc-v1-csv",
    label="twarc, Twitter API v1.1 CSV",
    recognised_by=[
        ["id", "tweet_url", "created_at", "user_screen_name", "text", "favorite_count", "retweet_count"]
    ],
    fields={
        "post_id": ["id"],
        "text": ["text"],
        "author": ["user_screen_name", "user_name"],
        "created_at": ["parsed_created_at", "created_at"],
        "images": ["media"],
        "likes": ["favorite_count"],
        "shares": ["retweet_count"],
    },
)
