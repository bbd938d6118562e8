"""Posts in the download that Instagram gives to the owner of an account: `posts_1.json`, `stories.json` and others.

An entry has `media[].uri`; its words are in its title or, if it has one image only, in that of the image.
"""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.meta import entries_of, objects_in, repair
from analysis.importers.sources.source import Source

_SAMPLE = 50  # entries that are looked at to recognise a document
_NO_POSTS = "ig_profile_picture"


def open_posts(document: Any) -> list[Any] | None:
    """Return the posts of a download; None for other documents, and for profile pictures."""
    if isinstance(document, dict) and _NO_POSTS in document:
        return None
    entries = entries_of(document)
    if entries is None or not any(map(_is_entry, entries[:_SAMPLE])):
        return None
    return [_post_of(entry) if isinstance(entry, dict) else entry for entry in entries]


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and any(
        "uri" in each and "creation_timestamp" in each for each in _media_of(entry)
    )


def _media_of(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return objects_in(entry["media"]) if "media" in entry else [entry]  # a story is its own image


def _post_of(entry: dict[str, Any]) -> dict[str, Any]:
    media = _media_of(entry)
    titles = [repair(entry.get("title")), *(repair(each.get("title")) for each in media)]
    times = [entry.get("creation_timestamp"), *(each.get("creation_timestamp") for each in media)]
    return {
        "instagram text": next((title for title in titles if title.strip()), ""),
        "instagram time": next((time for time in times if time), ""),
        "instagram media": [repair(each.get("uri")) for each in media],
    }


SOURCE = Source(
    name="instagram-download",
    label="Instagram download",
    recognised_by=[["instagram text", "instagram time", "instagram media"]],
    fields={
        "text": ["instagram text"],
        "created_at": ["instagram time"],
        "images": ["instagram media"],
    },
    open=open_posts,
)
