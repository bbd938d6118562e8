"""Posts of Truth Social collected with Zeeschuimer: JSON lines with the platform's own object in `data`."""

from analysis.importers.sources.zeeschuimer_data import zeeschuimer_source

SOURCE = zeeschuimer_source(
    name="truthsocial",
    label="Truth Social",
    recognised_by=[["content", "created_at", "reblogs_count"]],
    fields={
        "post_id": ["id"],
        "text": ["content", "reblog.content"],
        "author": ["account.username", "account.acct"],
        "created_at": ["created_at"],
        "images": ["media_attachments"],
        "likes": ["favourites_count"],
        "shares": ["reblogs_count"],
        "comments": ["replies_count"],
    },
)
