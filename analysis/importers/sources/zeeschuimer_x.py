"""Posts of X collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

X puts a post with limited visibility into a further object, `data.tweet`.
"""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="x",
    label="X",
    recognised_by=[["legacy.full_text", "legacy.created_at"]],
    fields={
        "post_id": ["rest_id", "legacy.id_str"],
        "text": [
            "legacy.retweeted_status_result.result.note_tweet.note_tweet_results.result.text",
            "legacy.retweeted_status_result.result.legacy.full_text",
            "note_tweet.note_tweet_results.result.text",
            "legacy.full_text",
        ],
        "author": [
            "core.user_results.result.legacy.screen_name",
            "core.user_results.result.core.screen_name",
        ],
        "created_at": ["legacy.created_at"],
        "images": ["legacy.extended_entities.media", "legacy.entities.media"],
        "likes": ["legacy.favorite_count"],
        "shares": ["legacy.retweet_count"],
        "comments": ["legacy.reply_count"],
    },
    objects=["data", "data.tweet"],
)
