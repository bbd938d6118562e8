"""Parquet: a table of posts as data tools write it, to flat rows of text, as if it were NDJSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.intake.notation import Flat, Refused, read_json
from analysis.intake.rejections import RefusedError
from analysis.settings import MB, Settings


def read_parquet(content: bytes, settings: Settings) -> list[Flat | Refused]:
    """Read every row.

    Args:
        content: The file.
        settings: Limits: of cells, and of what the table unpacks to.

    Returns:
        The rows' flat cells; times in ISO 8601, lists as JSON.

    Raises:
        RefusedError: If it is not Parquet, is damaged, or unpacks to more than the limits allow.
    """
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            about = file.metadata
            unpacked = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
            if unpacked > settings.max_table_bytes:
                raise RefusedError(
                    f"unpacks to {unpacked / MB:,.0f} MB; the limit is {settings.max_table_bytes // MB:,} MB",
                    "Split it and add the parts.",
                )
            if about.num_rows * about.num_columns > settings.max_sheet_cells:
                raise RefusedError(
                    f"holds {about.num_rows:,} rows of {about.num_columns:,} columns; "
                    f"the limit is {settings.max_sheet_cells:,} cells",
                    "Keep the columns that describe the posts, or split it.",
                )
            posts = file.read().to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RefusedError(
            f"is not Parquet that can be read ({str(error)[:100]})", "Export or download it again."
        ) from error
    return read_json("\n".join(json.dumps(post, default=_plain) for post in posts))[0] if posts else []


def _plain(value: Any) -> str:
    """Write what JSON has no form for."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
