"""Posts of the X API v2, as twarc2 and other tools store its answers: pages of `data`, `includes` and `meta`.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.importers.sources.source import ANY, Skip, Source

_Object = Mapping[str, Any]


def open_page(page: Any) -> list[Any] | None:
    """Return the posts of a page with their authors, images and originals from `includes`; None for other objects."""
    if not isinstance(page, dict) or "data" not in page or not isinstance(page.get("includes"), dict):
        return None
    data = page["data"]
    posts = data if isinstance(data, list) else [data]
    users = _by_key(page["includes"].get("users"), "id")
    media = _by_key(page["includes"].get("media"), "media_key")
    originals = _by_key(page["includes"].get("tweets"), "id")
    return [_joined(post, users, media, originals) if isinstance(post, dict) else post for post in posts]


def _joined(
    post: _Object,
    users: Mapping[str, _Object],
    media: Mapping[str, _Object],
    originals: Mapping[str, _Object],
) -> dict[str, Any]:
    keys = (post.get("attachments") or {}).get("media_keys") or ()
    referenced = post.get("referenced_tweets") or ()
    retweeted = [each.get("id") for each in referenced if each.get("type") == "retweeted"]
    whole = originals.get(str(retweeted[0]), {}) if retweeted else {}
    return {
        **post,
        "author": users.get(str(post.get("author_id")), {}),
        "media": [media[key] for key in keys if key in media],
        "retweeted_text": (whole.get("note_tweet") or {}).get("text") or whole.get("text"),
    }


def _by_key(objects: Iterable[Any] | None, key: str) -> dict[str, _Object]:
    return {str(each[key]): each for each in objects or () if isinstance(each, dict) and key in each}


SOURCE = Source(
    name="twitter-v2",
    label="X API v2",
    recognised_by=[
        ["id", "text", "author_id", "author.username"],
        ["id", "text", "author_id", "public_metrics.like_count"],
        ["id", "text", "retweeted_text"],
    ],
    fields={
        "post_id": ["id"],
        "text": ["retweeted_text", "note_tweet.text", "text"],
        "author": ["author.username", "author.name", "author_id"],
        "created_at": ["created_at"],
        "images": ["media", "attachments.media"],
        "likes": ["public_metrics.like_count"],
        "shares": ["public_metrics.retweet_count"],
        "comments": ["public_metrics.reply_count"],
    },
    skips=[
        Skip(when={"id": [""], "errors": [ANY]}, reason="is an error of the API"),
        Skip(when={"id": [""], "meta.result_count": [ANY]}, reason="is a page without posts"),
    ],
    open=open_page,
)
