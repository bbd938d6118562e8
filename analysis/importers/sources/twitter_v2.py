"""Posts of the X API v2, as twarc2 and other tools store its answers: pages of `data`, `includes` and `meta`.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.importers.sources.source import ANY, Skip, Source

_Object = Mapping[str, Any]


def open_tweets_page(page: Any) -> list[Any] | None:
    """Return the posts of a page with their authors, images and originals from `includes`; None for other objects."""
    if not isinstance(page, dict) or "data" not in page or not _is_page(page):
        return None
    data = page["data"]
    posts = data if isinstance(data, list) else [data]
    includes = _object(page.get("includes"))
    users = _by_key(includes.get("users"), "id")
    media = _by_key(includes.get("media"), "media_key")
    originals = _by_key(includes.get("tweets"), "id")
    return [_joined(post, users, media, originals) if isinstance(post, dict) else post for post in posts]


def _is_page(page: _Object) -> bool:
    """Whether a page has objects of posts, the number of posts of a search, or the rules of a stream."""
    meta = page.get("meta")
    counted = isinstance(meta, dict) and "result_count" in meta
    included = page.get("includes", {} if counted or "matching_rules" in page else None)
    return isinstance(included, dict)


def _joined(
    post: _Object,
    users: Mapping[str, _Object],
    media: Mapping[str, _Object],
    originals: Mapping[str, _Object],
) -> dict[str, Any]:
    keys = _list(_object(post.get("attachments")).get("media_keys"))
    referenced = map(_object, _list(post.get("referenced_tweets")))
    retweeted = [each.get("id") for each in referenced if each.get("type") == "retweeted"]
    whole = originals.get(str(retweeted[0]), {}) if retweeted else {}
    return {
        **post,
        "author": users.get(str(post.get("author_id")), {}),
        "media": [media[str(key)] for key in keys if str(key) in media],
        "retweeted_text": _object(whole.get("note_tweet")).get("text") or whole.get("text"),
    }


def _object(value: Any) -> _Object:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _by_key(objects: Any, key: str) -> dict[str, _Object]:
    return {str(each[key]): each for each in _list(objects) if isinstance(each, dict) and key in each}


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
    open=open_tweets_page,
)
