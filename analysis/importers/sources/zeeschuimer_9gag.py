"""Posts of 9gag collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-9gag",
    label="Zeeschuimer, 9gag",
    recognised_by=[["item_id", "timestamp_collected", "data.upVoteCount", "data.creationTs"]],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": ["data.title + data.description"],
        "author": ["data.creator.username", "data.creator.fullName"],
        "created_at": ["data.creationTs"],
        "images": ["data.images.image700.url", "data.images.image460.url"],
        "likes": ["data.upVoteCount"],
        "comments": ["data.commentsCount"],
    },
)
