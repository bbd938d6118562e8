"""Rejections: rows, files and references that cannot be used, each with a reason and a remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from analysis.importers.refused import RefusedError

Kind = Literal["row", "file", "sheet", "reference", "column"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row, file, sheet or reference to an image that is not in the batch, or a column with unreadable values.

    Attributes:
        kind: What was rejected.
        name: The file, or the table that contains the row, reference or column.
        reason: The fact, worded to follow the name.
        remedy: What to do about it.
        post_id: The row's id, if it has one.
        raw: The original row or reference.
        count: The number of rows that it stands for; more than 1 where too many rows would be listed one by one.
    """

    kind: Kind
    name: str
    reason: str
    remedy: str
    post_id: str | None = None
    raw: str = ""
    count: int = 1


class RejectionList:
    """Rejections of one kind; those of a table that come after the first ones of a batch are listed together.

    Args:
        most: The number that is listed one by one.
        more: What the others are, such as "more rows that were rejected".
    """

    def __init__(self, most: int, more: str) -> None:
        self._most, self._more = most, more
        self._listed: list[Rejection] = []
        self._rest: dict[str, Rejection] = {}  # the first of each table, with the number of all of them

    def __len__(self) -> int:
        return len(self._listed)

    def add(self, rejection: Rejection) -> None:
        """Add a rejection."""
        if len(self._listed) < self._most or rejection.count > 1:
            self._listed.append(rejection)
            return
        first = self._rest.setdefault(rejection.name, replace(rejection, count=0))
        self._rest[rejection.name] = replace(first, count=first.count + 1)

    @property
    def count(self) -> int:
        """The number of rows or references that were rejected."""
        return sum(each.count for each in (*self._listed, *self._rest.values()))

    def all(self) -> list[Rejection]:
        """Return the rejections for display."""
        more = (
            replace(
                first,
                reason=f"has {first.count:,} {self._more}, such as: {first.reason}",
                post_id=None,
                raw="",
            )
            for first in self._rest.values()
        )
        return [*self._listed, *more]


@dataclass(frozen=True)
class Counts:
    """The numbers of one kind of input: `received + rejected == expected`."""

    expected: int
    received: int
    rejected: int


def reject_file(name: str, error: RefusedError) -> Rejection:
    """Return the rejection of a whole file."""
    return Rejection("file", name, error.reason, error.remedy)


REJECTED_COLUMNS: tuple[str, ...] = ("kind", "name", "reason", "remedy", "post_id", "raw")


def rejected_frame(rejections: Iterable[Rejection]) -> pd.DataFrame:
    """Return rejections as a table.

    Args:
        rejections: In display order.

    Returns:
        One row per rejection, columns `REJECTED_COLUMNS`, all strings; `post_id` is null where unknown.
    """
    listed = list(rejections)
    columns = {name: [getattr(rejection, name) for rejection in listed] for name in REJECTED_COLUMNS}
    return pd.DataFrame(columns, columns=list(REJECTED_COLUMNS), dtype="string")


def describe_rejected(rejected: pd.DataFrame) -> str:
    """Count the entries of a table of rejections in words, such as "2 rejected, 1 column with unreadable values"."""
    counts = rejected["kind"].value_counts()
    columns, references = int(counts.get("column", 0)), int(counts.get("reference", 0))
    others = len(rejected) - columns - references
    parts = [
        f"{others:,} rejected" if others else "",
        f"{references:,} image{'s' * (references != 1)} not found" if references else "",
        f"{columns:,} column{'s' * (columns != 1)} with unreadable values" if columns else "",
    ]
    return ", ".join(filter(None, parts))
