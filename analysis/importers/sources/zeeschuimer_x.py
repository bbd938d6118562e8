"""Posts of X collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`.

X puts a post with limited visibility into a further object, `data.tweet`.
"""

from analysis.importers.sources.source import Source


def _paths(*names: str) -> list[str]:
    """Return the paths of fields in posts of both kinds."""
    return [f"{start}.{name}" for start in ("data", "data.tweet") for name in names]


SOURCE = Source(
    name="zeeschuimer-x",
    label="Zeeschuimer, X",
    recognised_by=[
        ["item_id", "timestamp_collected", f"{start}.legacy.full_text", f"{start}.legacy.created_at"]
        for start in ("data", "data.tweet")
    ],
    fields={
        "post_id": ["item_id", *_paths("rest_id", "legacy.id_str")],
        "text": _paths(
            "legacy.retweeted_status_result.result.note_tweet.note_tweet_results.result.text",
            "legacy.retweeted_status_result.result.legacy.full_text",
            "note_tweet.note_tweet_results.result.text",
            "legacy.full_text",
        ),
        "author": _paths(
            "core.user_results.result.legacy.screen_name", "core.user_results.result.core.screen_name"
        ),
        "created_at": _paths("legacy.created_at"),
        "images": _paths("legacy.extended_entities.media", "legacy.entities.media"),
        "likes": _paths("legacy.favorite_count"),
        "shares": _paths("legacy.retweet_count"),
        "comments": _paths("legacy.reply_count"),
    },
)
