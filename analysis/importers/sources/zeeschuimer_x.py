"""Posts of X collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-x",
    label="Zeeschuimer, X",
    recognised_by=[["item_id", "timestamp_collected", "data.legacy.full_text", "data.legacy.created_at"]],
    fields={
        "post_id": ["item_id", "data.rest_id", "data.legacy.id_str"],
        "text": [
            "data.legacy.retweeted_status_result.result.note_tweet.note_tweet_results.result.text",
            "data.legacy.retweeted_status_result.result.legacy.full_text",
            "data.note_tweet.note_tweet_results.result.text",
            "data.legacy.full_text",
        ],
        "author": [
            "data.core.user_results.result.legacy.screen_name",
            "data.core.user_results.result.core.screen_name",
        ],
        "created_at": ["data.legacy.created_at"],
        "images": ["data.legacy.extended_entities.media", "data.legacy.entities.media"],
        "likes": ["data.legacy.favorite_count"],
        "shares": ["data.legacy.retweet_count"],
        "comments": ["data.legacy.reply_count"],
    },
)
