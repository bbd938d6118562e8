"""Rejections: rows, files and references that cannot be used, each with a reason and a remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
