"""Posts of Imgur collected with Zeeschuimer: one JSON object a line, with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="imgur",
    label="Imgur",
    recognised_by=[["upvote_count", "point_count"]],
    fields={
        "post_id": ["id"],
        "text": ["title + description"],
        "author": ["account.username", "account_id"],
        "created_at": ["created_at"],
        "images": ["media", "cover.url"],
        "likes": ["upvote_count"],
        "comments": ["comment_count"],
    },
)
