"""Data of posts from gallery-dl: a JSON file next to each image, named like it with .json at the end."""

from __future__ import annotations

from typing import Any

from analysis.importers.decoding import remove_invalid_characters

_FIELDS = {
    "post_id": ("tweet_id", "post_shortcode", "post_id", "shortcode", "id"),
    "text": ("content", "description", "text", "body", "caption", "title"),
    "author": (
        "author.name",
        "username",
        "owner.username",
        "user.name",
        "account.acct",
        "author.handle",
        "author",
    ),
    "created_at": ("date", "created_at", "post_date"),
    "likes": ("favorite_count", "favourites_count", "likes", "like_count", "likeCount", "score"),
    "shares": ("retweet_count", "reblogs_count", "repostCount"),
    "comments": ("reply_count", "replies_count", "comments", "comment_count", "replyCount", "num_comments"),
}
"""Names of the fields on different platforms, the best first."""


def read_gallery(document: Any) -> dict[str, Any] | None:
    """Return the fields of a post from gallery-dl's data of one of its images; None for other documents."""
    if not isinstance(document, dict) or not {"category", "filename", "extension"} <= document.keys():
        return None
    found = {field: _first(document, paths) for field, paths in _FIELDS.items()}
    return {field: value for field, value in found.items() if value}


def _first(document: dict[str, Any], paths: tuple[str, ...]) -> str:
    for path in paths:
        value: Any = document
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return remove_invalid_characters(str(value))
    return ""
