"""Posts of the Twitter API v1.1, from REST answers and the stream: one JSON object a line.

https://developer.x.com/en/docs/x-api/v1/data-dictionary/object-model/tweet
"""

from analysis.importers.sources.source import ANY, Skip, Source

SOURCE = Source(
    name="twitter-v1",
    label="Twitter API v1.1",
    recognised_by=[
        ["id_str", "created_at", "full_text", "user.screen_name"],
        ["id_str", "created_at", "text", "user.screen_name"],
    ],
    fields={
        "post_id": ["id_str", "id"],
        "text": [
            "retweeted_status.extended_tweet.full_text",
            "retweeted_status.full_text",
            "extended_tweet.full_text",
            "full_text",
            "text",
        ],
        "author": ["user.screen_name", "user.name"],
        "created_at": ["created_at"],
        "images": ["extended_tweet.extended_entities.media", "extended_entities.media", "entities.media"],
        "likes": ["favorite_count"],
        "shares": ["retweet_count"],
        "comments": ["reply_count"],
    },
    skips=[
        Skip(when={"delete.status.id_str": [ANY]}, reason="records a deleted post"),
        Skip(when={"status_withheld.id": [ANY]}, reason="records a post withheld in some countries"),
        Skip(when={"scrub_geo.user_id": [ANY]}, reason="records that locations of posts were deleted"),
        Skip(when={"limit.track": [ANY]}, reason="counts the posts that the stream left out"),
    ],
)
