"""Posts of Imgur collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-imgur",
    label="Zeeschuimer, Imgur",
    recognised_by=[["item_id", "timestamp_collected", "data.upvote_count", "data.point_count"]],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": ["data.title + data.description"],
        "author": ["data.account.username", "data.account_id"],
        "created_at": ["data.created_at"],
        "images": ["data.media", "data.cover.url"],
        "likes": ["data.upvote_count"],
        "comments": ["data.comment_count"],
    },
)
