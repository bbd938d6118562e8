"""Events of Bluesky's Jetstream: one JSON object a line."""

from analysis.importers.sources.source import Skip, Source

SOURCE = Source(
    name="bluesky-jetstream",
    label="Bluesky, Jetstream",
    recognised_by=[["did", "time_us", "commit.collection", "commit.record.text"]],
    fields={
        "post_id": ["commit.cid"],
        "text": ["commit.record.text"],
        "author": ["did"],
        "created_at": ["commit.record.createdAt", "time_us"],
    },
    skips=[
        Skip(when={"commit.operation": ["delete"]}, reason="records a deleted post"),
        Skip(
            when={
                "commit.record.text": [""],
                "commit.collection": [
                    "app.bsky.feed.like",
                    "app.bsky.feed.repost",
                    "app.bsky.graph.follow",
                    "app.bsky.graph.block",
                ],
            },
            reason="is a like, a repost or a follow, not a post",
        ),
        Skip(when={"kind": ["identity", "account"]}, reason="is a message about an account, not a post"),
    ],
)
