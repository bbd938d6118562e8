"""Statuses of the Mastodon API and of Truth Social's, as JSON."""

from analysis.importers.sources.source import Source

SOURCE = Source(
    name="mastodon-api",
    label="Mastodon API",
    recognised_by=[["id", "content", "created_at", "account.acct"]],
    fields={
        "post_id": ["id", "uri"],
        "text": ["spoiler_text + content", "reblog.spoiler_text + reblog.content"],
        "author": ["account.acct", "account.username"],
        "created_at": ["created_at"],
        "images": ["media_attachments", "reblog.media_attachments"],
        "likes": ["favourites_count"],
        "shares": ["reblogs_count"],
        "comments": ["replies_count"],
    },
)
