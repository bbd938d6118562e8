"""The photos of an album in an account's download from Facebook, as JSON; `title` is the name of the album."""

from __future__ import annotations

from typing import Any

from analysis.importers.sources.source import Source


def open_album(document: Any) -> list[Any] | None:
    """Return the photos of an album; None for other documents."""
    photos = document.get("photos") if isinstance(document, dict) else None
    first = photos[0] if isinstance(photos, list) and photos else None
    return photos if isinstance(first, dict) and {"uri", "creation_timestamp"} <= first.keys() else None


SOURCE = Source(
    name="facebook-photos",
    label="Facebook download, photos",
    recognised_by=[
        ["uri", "creation_timestamp", "description"],
        ["uri", "creation_timestamp", "description", "title"],
    ],
    fields={
        "text": ["description"],
        "created_at": ["creation_timestamp"],
        "images": ["uri"],
    },
    open=open_album,
)
