"""Posts of Bluesky's API as JSON: an author's feed (`feed[].post`), a search (`posts`), or one post a line."""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import Source


def open_feed(document: Any) -> list[Any] | None:
    """Return the posts of a feed or a search; None for other documents. A repost keeps its `reason`."""
    if not isinstance(document, dict):
        return None
    entries = document.get("feed", document.get("posts"))
    if not isinstance(entries, list):
        entries = [document] if _post_of(document) is not document else None
    if not entries or not any(_is_post(_post_of(entry)) for entry in entries):
        return None
    return [{**entry, **_post_of(entry)} if _is_post(_post_of(entry)) else entry for entry in entries]


def _post_of(entry: Any) -> Any:
    return entry["post"] if isinstance(entry, dict) and isinstance(entry.get("post"), dict) else entry


def _is_post(post: Any) -> bool:
    return isinstance(post, dict) and "uri" in post and isinstance(post.get("record"), dict)


SOURCE = Source(
    name="bluesky-feed",
    label="Bluesky API",
    recognised_by=[["uri", "record.text", "author.handle"]],
    fields={
        "post_id": ["uri"],
        "text": ["record.text"],
        "author": ["author.handle", "author.displayName"],
        "created_at": ["record.createdAt", "indexedAt"],
        "images": ["embed.images[].fullsize", "embed.media.images[].fullsize"],
        "likes": ["likeCount"],
        "shares": ["repostCount"],
        "comments": ["replyCount"],
    },
    open=open_feed,
)
