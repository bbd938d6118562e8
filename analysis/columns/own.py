"""Columns of the analyst's own tables that were kept as filters of a batch: `own_0`, `own_1`, ...

Their names for people are in the manifest of the batch, as they are untrusted and of any length.
"""

from __future__ import annotations

import re

import pyarrow as pa

from analysis.columns.column import Column
from analysis.columns.filter_kinds import OneOf

_NAME = re.compile(r"own_(\d{1,2})")


def own_filter(number: int) -> str:
    """Name the filter, and the column of the summary table, of the kept column with this number."""
    return f"own_{number}"


def column_of_own_filter(name: str) -> Column | None:
    """Return the column that a filter of `own_filter` is about; None if it is not such a filter."""
    if not _NAME.fullmatch(name):
        return None
    kind = OneOf(name=name, label=name, is_long=True)
    return Column(name, "original", "extra", pa.string(), filter=kind, summary=True)
