"""Posts of 9gag collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="9gag",
    label="9gag",
    recognised_by=[["upVoteCount", "creationTs"]],
    fields={
        "post_id": ["id"],
        "text": ["title + description"],
        "author": ["creator.username", "creator.fullName"],
        "created_at": ["creationTs"],
        "images": ["images.image700.url", "images.image460.url"],
        "likes": ["upVoteCount"],
        "comments": ["commentsCount"],
    },
)
