"""Parquet: each row is read like a JSON object."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.importers.cell_images import CellImages
from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.limits import check_table_shape, check_unpacked_size
from analysis.importers.records import Record, Unreadable, flatten_records, rows_from_records
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

_ROWS_AT_ONCE = 256


def read_parquet(content: bytes, settings: Settings) -> ImportedRows:
    """Read every row.

    Args:
        content: The file.
        settings: Limits of rows, values and unpacked size.

    Returns:
        The rows, and the images in their cells; times in ISO 8601, times outside the calendar as numbers, lists as
        JSON.

    Raises:
        RefusedError: If it is not Parquet, is damaged, or is over a limit.
    """
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            _check_declared(file.metadata, len(content), settings)
            records: list[Record | Unreadable] = []
            images = CellImages()
            unpacked = 0
            for rows in file.iter_batches(_ROWS_AT_ONCE, use_threads=False):
                send_heartbeat()
                unpacked += rows.nbytes  # the footer counts a text shared by many rows only once
                check_unpacked_size(unpacked, len(content), settings)
                taken = (images.take(row) for row in _as_python(rows))
                records += flatten_records(
                    [json.loads(json.dumps(row, default=_json_default)) for row in taken]
                )
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        raise RefusedError(
            f"is not a readable Parquet file ({str(error)[:100]})", "Export or download it again."
        ) from error
    notes = ["Parquet", *([f"{len(images.found):,} images in cells"] if images.found else [])]
    return replace(rows_from_records(records, notes, len(content), settings), images=images.found)


def _check_declared(footer: pq.FileMetaData, size: int, settings: Settings) -> None:
    """Check the sizes that the file's footer declares before any data is read."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    check_unpacked_size(sum(group.total_byte_size for group in groups), size, settings)
    values = sum(group.column(number).num_values for group in groups for number in range(footer.num_columns))
    check_table_shape(footer.num_rows, footer.num_columns, size, settings, values)


def _as_python(rows: pa.RecordBatch) -> list[dict[str, Any]]:
    """Convert rows to Python values; times that Python cannot represent become numbers."""
    try:
        found: list[dict[str, Any]] = rows.to_pylist()
    except (ArithmeticError, ValueError, pa.ArrowException):
        columns = [[_scalar_value(scalar) for scalar in column] for column in rows.columns]
        found = [dict(zip(rows.schema.names, cells, strict=True)) for cells in zip(*columns, strict=True)]
    return found


def _scalar_value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (ArithmeticError, ValueError, pa.ArrowException):
        pass
    if isinstance(scalar, pa.StructScalar):
        return {name: _scalar_value(inner) for name, inner in scalar.items()}
    if isinstance(scalar, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar | pa.MapScalar):
        return [_scalar_value(inner) for inner in scalar.values]
    if isinstance(scalar, pa.DictionaryScalar):
        return _scalar_value(scalar.value)
    return getattr(scalar, "value", None) or str(scalar)


def _json_default(value: Any) -> str:
    """Write a value that JSON cannot represent."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


IMPORTER = Importer(
    name="parquet",
    label="Parquet",
    suffixes=frozenset({".parquet"}),
    read=read_parquet,
    beginnings=(b"PAR1",),
    packed=True,
)
