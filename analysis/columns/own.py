"""Columns of the analyst's tables that a batch keeps as filters: `own_0`, `own_1`, ...

Their display names are in the manifest of the batch, because they are untrusted and of any length.
"""

from __future__ import annotations

import re

import pyarrow as pa

from analysis.columns.column import Column
from analysis.columns.filter_kinds import OneOf

_NAME = re.compile(r"own_(\d{1,2})")


def own_filter(number: int) -> str:
    """Return the name of the filter, and of the summary column, for the kept column with this number."""
    return f"own_{number}"


def column_of_own_filter(name: str) -> Column | None:
    """Return the column of a filter from `own_filter`; None for other filters."""
    if not _NAME.fullmatch(name):
        return None
    kind = OneOf(name=name, label=name, is_long=True)
    return Column(name, "original", "extra", pa.string(), filter=kind, summary=True)
