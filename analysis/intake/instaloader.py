"""The data of one Instagram post as Instaloader stores it next to the images, in a file `<time>_UTC.json.xz`.

https://instaloader.github.io/basic-usage.html#metadata-json-files
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "post_id": ("shortcode", "id"),
    "text": ("edge_media_to_caption.edges.node.text", "caption.text", "caption"),
    "author": ("owner.username", "user.username"),
    "created_at": ("taken_at_timestamp", "date"),
    "likes": ("edge_media_preview_like.count", "edge_liked_by.count"),
    "comments": ("edge_media_to_comment.count", "edge_media_to_parent_comment.count", "comments"),
}


def read_instaloader_post(node: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a post as text; those that the data lacks are left out."""
    found = {}
    for field, paths in _FIELDS.items():
        values = (_value_at(node, path) for path in paths)
        value = next((value for value in values if isinstance(value, str | int) and str(value).strip()), None)
        if value is not None:
            found[field] = str(value)
    return found


def _value_at(value: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(key) if isinstance(value, dict) else None
    return value
