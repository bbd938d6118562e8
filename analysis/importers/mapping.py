"""Which column of a table holds each field of a post."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from analysis.importers.guess import Guess, guess_fields
from analysis.importers.matching import score_column_name
from analysis.importers.names import NAMES

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


def guess_mapping(columns: Sequence[str], sample: Mapping[str, Sequence[str]] | None = None) -> ColumnMapping:
    """Guess the mapping from column names and, where given, from values.

    Args:
        columns: The table's column names.
        sample: Values of each column, "" where blank.

    Returns:
        The mapping with the best guess for each field (`guess_fields`). A column serves one field only. All image
        columns are mapped (image_1, image_2, ...), in the table's order.
    """
    return mapping_from_guesses(columns, guess_fields(columns, sample))


def mapping_from_guesses(columns: Sequence[str], guesses: Mapping[str, Sequence[Guess]]) -> ColumnMapping:
    """Return the mapping that follows from guesses."""
    used: set[str] = set()
    found: dict[str, str] = {}
    for field in MAPPED_FIELDS:
        best = next((each.column for each in guesses.get(field, ()) if each.column not in used), None)
        if field != "images" and best is not None:
            found[field] = best
            used.add(best)
    images = {each.column for each in guesses.get("images", ())} - used
    return ColumnMapping(images=tuple(name for name in columns if name in images), **found)


def count_known_columns(columns: Iterable[str]) -> int:
    """Count the column names that are known to name a field of a post."""
    return sum(any(score_column_name(field, name) for field in NAMES) for name in columns)
