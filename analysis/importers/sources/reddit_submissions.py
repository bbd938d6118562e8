"""Submissions of Reddit from its API and from dumps such as Pushshift's: one JSON object a line, or listings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.importers.sources.source import NO_IMAGE, Skip, Source

_KINDS = ("t1", "t3")  # comments and submissions


def open_listing(document: Any) -> list[Any] | None:
    """Return the submissions and comments of an answer of Reddit's API; None for other documents."""
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict) or first.get("kind") not in ("Listing", *_KINDS):
        return None
    return list(_things(document)) or None


def _things(document: Any) -> Iterator[Any]:
    """Yield the posts of a listing, of a list of them, or of one thing, and the replies of comments."""
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += reversed(each)
        if not isinstance(each, dict) or not isinstance(data := each.get("data"), dict):
            continue
        if each.get("kind") == "Listing":
            waiting.append(data.get("children"))
        elif each.get("kind") in _KINDS:
            yield {name: value for name, value in data.items() if name != "replies"}
            waiting.append(data.get("replies"))


SOURCE = Source(
    name="reddit-submissions",
    label="Reddit, submissions",
    recognised_by=[
        ["subreddit", "created_utc", "title", "selftext"],
        ["subreddit", "created_utc", "title", "num_comments"],
    ],
    fields={
        "post_id": ["id", "name"],
        "text": ["title + selftext", "body"],
        "author": ["author"],
        "created_at": ["created_utc"],
        "images": ["url_overridden_by_dest", "url"],
        "likes": ["score", "ups"],
        "comments": ["num_comments"],
    },
    blank={
        "text": r"\[(?:removed|deleted)(?: by (?:user|reddit))?\]",
        "author": r"\[deleted\]",
        "images": NO_IMAGE,
    },
    skips=[
        Skip(
            when={
                "selftext": ["[removed]", "[deleted]"],
                "title": ["", "[removed]", "[deleted]", "[deleted by user]", "[removed by reddit]"],
            },
            reason="was deleted by its author or removed by a moderator and has no title",
        )
    ],
    open=open_listing,
)
