"""Limits of tables that several formats share: their shape, and what packed formats unpack to."""

from __future__ import annotations

from analysis.intake.rejections import RefusedError
from analysis.settings import MB, Settings

_KEEP = "Keep the columns that describe the posts."


def check_shape(rows: int, columns: int, size: int, settings: Settings, values: int | None = None) -> None:
    """Refuse a table with too many rows, columns or blank cells, before memory is taken for them.

    Args:
        rows: Data rows.
        columns: Columns.
        size: Of the file, bytes.
        settings: Limits.
        values: In the whole table, where they are not rows x columns, since cells hold lists.

    Raises:
        RefusedError: If a limit is passed.
    """
    if columns > settings.max_columns:
        raise RefusedError(f"has {columns:,} columns; the limit is {settings.max_columns:,}", _KEEP)
    if rows > settings.max_table_rows:
        raise RefusedError(
            f"has {rows:,} rows; the limit is {settings.max_table_rows:,}",
            "Split it and score the parts one after the other.",
        )
    values = rows * columns if values is None else values
    if values > settings.max_blank_cells + size:
        raise RefusedError(
            f"holds {values:,} values in {rows:,} rows and {columns:,} columns, nearly all of them blank or the same",
            _KEEP,
        )


def check_unpacked(unpacked: int, size: int, settings: Settings) -> None:
    """Refuse a packed table that unpacks to too many bytes.

    Args:
        unpacked: Bytes so far.
        size: Of the file, bytes.
        settings: Limits.

    Raises:
        RefusedError: If the limit is passed.
    """
    limit = settings.min_unpacked_bytes + settings.max_archive_ratio * size
    limit = min(limit, settings.max_table_bytes)
    if unpacked > limit:
        raise RefusedError(
            f"unpacks to more than {limit / MB:,.0f} MB, the limit for a file of its size",
            "Split it and add the parts, or save it as CSV.",
        )
