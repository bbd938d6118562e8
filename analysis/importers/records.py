"""Converts JSON objects to imported rows. Numbers keep all digits; nested lists stay JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from analysis.importers.decoding import clean
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, RefusedRow, cells_as_json
from analysis.importers.limits import check_refused, check_shape
from analysis.settings import Settings

Record = dict[str, str]
"""The cells of one object by column."""
Unreadable = tuple[str, str]
"""Why an element is not a record, and its original content."""


def flatten(value: Any) -> Record | Unreadable:
    """Convert an object to cells; members of nested objects become columns "outer.inner", one level deep."""
    try:
        return (
            _flatten_object(value) if isinstance(value, dict) else ("is not a JSON object", _as_text(value))
        )
    except RecursionError:
        return "is nested too deeply", ""


def flatten_all(elements: Sequence[Any]) -> list[Record | Unreadable]:
    """Apply `flatten` to each element."""
    return [flatten(element) for element in with_heartbeats(elements)]


def rows_from_records(
    records: Sequence[Record | Unreadable], notes: Sequence[str], size: int, settings: Settings
) -> ImportedRows:
    """Convert records to rows with the columns of all records, in order of appearance.

    Args:
        records: From `flatten`.
        notes: How they were read, for display.
        size: Of the file, bytes.
        settings: Limits.

    Raises:
        RefusedError: If there are too many rows, columns or refused rows.
    """
    columns = list(dict.fromkeys(name for record in records if isinstance(record, dict) for name in record))
    check_shape(len(records), len(columns), size, settings)
    rows: dict[int, list[str]] = {}
    refused: list[RefusedRow] = []
    for number, record in enumerate(with_heartbeats(records), start=1):
        if isinstance(record, dict):
            rows[number] = [record.get(name, "") for name in columns]
        else:
            reason, raw = record
            content = cells_as_json(["line"], [raw], settings)
            refused.append(RefusedRow(number, reason, "Write each post as one JSON object.", content))
            check_refused(refused, settings)
    return ImportedRows(columns, rows, refused, notes)


def _flatten_object(post: dict[str, Any]) -> Record:
    record: Record = {}
    for name, value in post.items():
        inside = (
            {f"{name}.{inner}": content for inner, content in value.items()}
            if isinstance(value, dict)
            else None
        )
        for column, cell in ({name: value} if inside is None else inside).items():
            record[clean(column)] = _as_text(cell)
    return record


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
