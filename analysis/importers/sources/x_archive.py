"""Posts in the archive that X gives to the owner of an account, as `data/tweets.js`.

Images are `data/tweets_media/<id>-<name>`, and the owner's name is in `data/account.js`.
"""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="x-archive",
    label="X archive",
    recognised_by=[["tweet.id_str", "tweet.full_text"], ["tweet.id_str", "tweet.text"]],
    fields={
        "post_id": ["tweet.id_str"],
        "text": ["tweet.full_text", "tweet.text"],
        "created_at": ["tweet.created_at"],
        "images": ["tweet.extended_entities.media", "tweet.entities.media"],
        "likes": ["tweet.favorite_count"],
        "shares": ["tweet.retweet_count"],
    },
)
