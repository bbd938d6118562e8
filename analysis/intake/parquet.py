"""Parquet: a table of posts as data tools write it, to flat rows of text, as if it were NDJSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.intake.heartbeat import beat
from analysis.intake.limits import check_shape, check_unpacked
from analysis.intake.notation import Flat, Refused, read_objects
from analysis.intake.rejections import RefusedError
from analysis.settings import Settings

_ROWS_AT_ONCE = 256


def read_parquet(content: bytes, settings: Settings) -> list[Flat | Refused]:
    """Read every row.

    Args:
        content: The file.
        settings: Limits: of rows, of values, and of what the table unpacks to.

    Returns:
        The rows' flat cells; times in ISO 8601, those outside the calendar as their number, lists as JSON.

    Raises:
        RefusedError: If it is not Parquet, is damaged, or unpacks to more than the limits allow.
    """
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            _check_declared(file.metadata, len(content), settings)
            posts: list[Flat | Refused] = []
            unpacked = 0
            for rows in file.iter_batches(_ROWS_AT_ONCE, use_threads=False):
                beat()
                unpacked += rows.nbytes  # a text that all rows share is declared once
                check_unpacked(unpacked, len(content), settings)
                posts += read_objects([json.loads(json.dumps(row, default=_plain)) for row in _python(rows)])
            return posts
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        raise RefusedError(
            f"is not Parquet that can be read ({str(error)[:100]})", "Export or download it again."
        ) from error


def _check_declared(about: pq.FileMetaData, size: int, settings: Settings) -> None:
    """Refuse by what the file's footer says, before any of it is read."""
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    check_unpacked(sum(group.total_byte_size for group in groups), size, settings)
    values = sum(group.column(number).num_values for group in groups for number in range(about.num_columns))
    check_shape(about.num_rows, about.num_columns, size, settings, values)


def _python(rows: pa.RecordBatch) -> list[dict[str, Any]]:
    """Give rows as Python values; times that Python has no form for as numbers."""
    try:
        found: list[dict[str, Any]] = rows.to_pylist()
    except (ArithmeticError, ValueError, pa.ArrowException):
        columns = [[_value(scalar) for scalar in column] for column in rows.columns]
        found = [dict(zip(rows.schema.names, cells, strict=True)) for cells in zip(*columns, strict=True)]
    return found


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (ArithmeticError, ValueError, pa.ArrowException):
        pass
    if isinstance(scalar, pa.StructScalar):
        return {name: _value(inner) for name, inner in scalar.items()}
    if isinstance(scalar, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar | pa.MapScalar):
        return [_value(inner) for inner in scalar.values]
    if isinstance(scalar, pa.DictionaryScalar):
        return _value(scalar.value)
    return getattr(scalar, "value", None) or str(scalar)


def _plain(value: Any) -> str:
    """Write what JSON has no form for."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
