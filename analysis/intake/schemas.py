"""What a table's columns mean: which column holds each field of a post, guessed from the columns' names."""

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
"""Fields of a post that a column can be mapped to, with their titles for people."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "post_id": ("postid", "id"),
    "text": ("text", "body", "content", "message", "caption"),
    "author": ("author", "username", "user"),
    "created_at": ("createdat", "timestamp", "date"),
    "likes": ("likes",),
    "shares": ("shares",),
    "comments": ("comments",),
}
"""Names of each field's column as `_plain` leaves them, the most exact first."""

_IMAGES = re.compile(r"(images?|imagepath|media)[0-9]*")


@dataclass(frozen=True)
class ColumnMapping:
    """Which column of a table holds each field of a post; None, or no column at all, where there is none."""

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
        """Whether a row can become a post at all: there is a column for its text or its pictures."""
        return self.text is not None or bool(self.images)

    def within(self, columns: Collection[str]) -> ColumnMapping:
        """Leave out the columns that a table does not have, so that one mapping serves several tables."""
        absent = {
            field: None
            for field in MAPPED_FIELDS
            if field != "images" and getattr(self, field) not in columns
        }
        return replace(self, images=tuple(name for name in self.images if name in columns), **absent)

    def columns(self) -> set[str]:
        """Name every column that is mapped to a field."""
        single = (getattr(self, field) for field in MAPPED_FIELDS if field != "images")
        return {name for name in single if name is not None} | set(self.images)


def guess_mapping(columns: Sequence[str]) -> ColumnMapping:
    """Guess what each column means from its name; case, spaces and underscores do not matter.

    Args:
        columns: The table's column names.

    Returns:
        The mapping; where several columns fit a field, the most exactly named one. Every picture column
        counts (image_1, image_2, ...), in the table's order.
    """
    by_name = {_plain(column): column for column in reversed(columns)}
    found = {
        field: next((by_name[name] for name in names if name in by_name), None)
        for field, names in _NAMES.items()
    }
    return ColumnMapping(images=tuple(name for name in columns if _IMAGES.fullmatch(_plain(name))), **found)


def recognised(columns: Iterable[str]) -> int:
    """Count the column names that say what they hold."""
    known = {name for names in _NAMES.values() for name in names}
    return sum(_plain(name) in known or bool(_IMAGES.fullmatch(_plain(name))) for name in columns)


def _plain(column: str) -> str:
    return re.sub(r"[\s_]+", "", column).casefold()
