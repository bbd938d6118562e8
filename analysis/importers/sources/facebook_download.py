"""Posts in the download that Facebook gives to the owner of an account, `your_posts_1.json` and its kin.

The words of an entry are in `data[].post`, its images in `attachments[].data[].media`. Its title is a sentence of
Facebook.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.importers.sources.meta import entries_of, objects_in, repair
from analysis.importers.sources.source import Source

_SAMPLE = 50  # entries that are looked at to recognise a document


def open_posts(document: Any) -> list[Any] | None:
    """Return the posts of a download; None for other documents."""
    entries = entries_of(document)
    if entries is None or not any(map(_is_entry, entries[:_SAMPLE])):
        return None
    return [_post_of(entry) if isinstance(entry, dict) else entry for entry in entries]


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or "timestamp" not in entry:
        return False
    has_post = any("post" in each for each in objects_in(entry.get("data")))
    return has_post or any(
        isinstance(each.get("data"), list) for each in objects_in(entry.get("attachments"))
    )


def _post_of(entry: dict[str, Any]) -> dict[str, Any]:
    parts = [part for each in objects_in(entry.get("attachments")) for part in objects_in(each.get("data"))]
    media = [part["media"] for part in parts if isinstance(part.get("media"), dict)]
    texts = [repair(each.get("post")) for each in objects_in(entry.get("data"))]
    said = [text for text in texts if text.strip()]
    return {
        "facebook text": "\n".join(said or dict.fromkeys(_descriptions(media))),
        "facebook time": entry.get("timestamp", ""),
        "facebook media": [repair(each.get("uri")) for each in media],
        "facebook title": repair(entry.get("title")),
        "facebook links": [
            repair(part["external_context"].get("url"))
            for part in parts
            if isinstance(part.get("external_context"), dict)
        ],
    }


def _descriptions(media: list[dict[str, Any]]) -> Iterator[str]:
    """Find the descriptions of images, which are the words of an entry that has no others."""
    for each in media:
        if (text := repair(each.get("description"))).strip():
            yield text


SOURCE = Source(
    name="facebook-download",
    label="Facebook download",
    recognised_by=[["facebook text", "facebook time", "facebook media"]],
    fields={
        "text": ["facebook text"],
        "created_at": ["facebook time"],
        "images": ["facebook media"],
    },
    open=open_posts,
)
