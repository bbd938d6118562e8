"""Posts of Truth Social collected with Zeeschuimer: JSON lines with the platform's own object in `data`."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="zeeschuimer-truthsocial",
    label="Zeeschuimer, Truth Social",
    recognised_by=[
        ["item_id", "timestamp_collected", "data.content", "data.created_at", "data.reblogs_count"]
    ],
    fields={
        "post_id": ["item_id", "data.id"],
        "text": ["data.content", "data.reblog.content"],
        "author": ["data.account.username", "data.account.acct"],
        "created_at": ["data.created_at"],
        "images": ["data.media_attachments"],
        "likes": ["data.favourites_count"],
        "shares": ["data.reblogs_count"],
        "comments": ["data.replies_count"],
    },
)
