"""Limits shared by several formats: rows and columns, refused rows, unpacked size."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.importers.importer import RefusedRow
from analysis.importers.refused import RefusedError
from analysis.settings import MB, Settings

_KEEP_POST_COLUMNS = "Keep only the columns that describe the posts."


def check_table_shape(
    rows: int, columns: int, size: int, settings: Settings, values: int | None = None
) -> None:
    """Refuse a table with too many rows, columns or blank cells before memory is allocated for them.

    Args:
        rows: Data rows.
        columns: Columns.
        size: Of the file, bytes.
        settings: Limits.
        values: In the whole table, if not rows x columns because cells contain lists.

    Raises:
        RefusedError: If it is over a limit.
    """
    if columns > settings.max_columns:
        raise RefusedError(
            f"has {columns:,} columns; the limit is {settings.max_columns:,}", _KEEP_POST_COLUMNS
        )
    if rows > settings.max_table_rows:
        raise RefusedError(
            f"has {rows:,} rows; the limit is {settings.max_table_rows:,}",
            "Split it and score the parts separately.",
        )
    values = rows * columns if values is None else values
    if values > settings.max_blank_cells + size:
        raise RefusedError(
            f"has {values:,} values in {rows:,} rows and {columns:,} columns, nearly all of them blank or equal",
            _KEEP_POST_COLUMNS,
        )


def check_unpacked_size(unpacked: int, size: int, settings: Settings, most: int | None = None) -> None:
    """Refuse a packed table that unpacks to too many bytes.

    Args:
        unpacked: Bytes so far.
        size: Of the file, bytes.
        settings: Limits.
        most: The limit for a file of any size; `Settings.max_table_bytes` if None.

    Raises:
        RefusedError: If it is over the limit.
    """
    limit = settings.min_unpacked_bytes + settings.max_archive_ratio * size
    limit = min(limit, settings.max_table_bytes if most is None else most)
    if unpacked > limit:
        raise RefusedError(
            f"unpacks to more than {limit / MB:,.0f} MB, the limit for a file of its size",
            "Split it and add the parts, or save it as CSV.",
        )


def check_refused_rows(refused: Sequence[RefusedRow], settings: Settings) -> None:
    """Refuse a table with too many unreadable rows.

    Args:
        refused: The unreadable rows so far.
        settings: Limits.

    Raises:
        RefusedError: If there are more than the limit.
    """
    if len(refused) > settings.max_rejected_rows:
        first = refused[0]
        raise RefusedError(
            f"has more than {settings.max_rejected_rows:,} rows that cannot be read, "
            f"such as: row {first.number:,} {first.reason}",
            first.remedy,
        )
