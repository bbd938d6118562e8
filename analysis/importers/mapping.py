"""Maps the columns of a table to fields of a post, by their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

MAPPED_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "text": "Text",
        "images": "Images",
        "post_id": "ID",
        "author": "Author",
        "created_at": "Time",
        "likes": "Likes",
        "shares": "Shares",
        "comments": "Comments",
    }
)
"""Fields of a post that a column can be mapped to, with their labels."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "post_id": ("postid", "id"),
    "text": ("text", "body", "content", "message", "caption"),
    "author": ("author", "username", "user"),
    "created_at": ("createdat", "timestamp", "date"),
    "likes": ("likes",),
    "shares": ("shares",),
    "comments": ("comments",),
}
"""Normalized column names of each field, the most specific first."""

_IMAGES = re.compile(r"(images?|imagepath|media)[0-9]*")


@dataclass(frozen=True)
class ColumnMapping:
    """The column of each field of a post; None or empty for a field without a column."""

    post_id: str | None = None
    text: str | None = None
    author: str | None = None
    created_at: str | None = None
    images: tuple[str, ...] = ()
    likes: str | None = None
    shares: str | None = None
    comments: str | None = None

    @property
    def makes_posts(self) -> bool:
        """Whether rows can become posts: there is a column for texts or images."""
        return self.text is not None or bool(self.images)

    def within(self, columns: Collection[str]) -> ColumnMapping:
        """Return the mapping without columns that a table lacks, so that several tables can share a mapping."""
        absent = {
            field: None
            for field in MAPPED_FIELDS
            if field != "images" and getattr(self, field) not in columns
        }
        return replace(self, images=tuple(name for name in self.images if name in columns), **absent)

    def columns(self) -> set[str]:
        """Return the columns that are mapped to a field."""
        single = (getattr(self, field) for field in MAPPED_FIELDS if field != "images")
        return {name for name in single if name is not None} | set(self.images)


def guess_mapping(columns: Sequence[str]) -> ColumnMapping:
    """Guess the mapping from column names, ignoring case, spaces and underscores.

    Args:
        columns: The table's column names.

    Returns:
        The mapping; if several columns match a field, the most specific name wins. All image columns are mapped
        (image_1, image_2, ...), in the table's order.
    """
    by_name = {_normalize_name(column): column for column in reversed(columns)}
    found = {
        field: next((by_name[name] for name in names if name in by_name), None)
        for field, names in _NAMES.items()
    }
    return ColumnMapping(
        images=tuple(name for name in columns if _IMAGES.fullmatch(_normalize_name(name))), **found
    )


def count_known_columns(columns: Iterable[str]) -> int:
    """Count the column names that are recognised as fields of a post."""
    known = {name for names in _NAMES.values() for name in names}
    return sum(
        _normalize_name(name) in known or bool(_IMAGES.fullmatch(_normalize_name(name))) for name in columns
    )


def _normalize_name(column: str) -> str:
    return re.sub(r"[\s_]+", "", column).casefold()
