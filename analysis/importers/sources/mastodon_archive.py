"""The `outbox.json` of a Mastodon account's archive (ActivityPub)."""

from analysis.importers.sources.source import Skip, Source

SOURCE = Source(
    name="mastodon-archive",
    label="Mastodon archive",
    recognised_by=[["type", "published", "object.content"]],
    fields={
        "post_id": ["object.id", "id"],
        "text": ["object.summary + object.content"],
        "author": ["object.attributedTo", "actor"],
        "created_at": ["object.published", "published"],
        "images": ["object.attachment"],
    },
    skips=[
        Skip(when={"type": ["Announce"]}, reason="is a boost of a post by another account, without its text")
    ],
)
