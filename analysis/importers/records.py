"""Converts JSON objects to imported rows. Numbers keep all digits; nested lists stay JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from analysis.importers.decoding import remove_invalid_characters
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, RefusedRow, cells_as_json
from analysis.importers.limits import check_refused_rows, check_table_shape
from analysis.importers.sources import find_source
from analysis.settings import Settings

Record = dict[str, str]
"""The cells of one object by column."""
OTHERS = "other fields"
"""Column of the fields of a record that few records have, as JSON, where there are too many for columns."""
_MAX_DEPTH = 8  # objects in each other; what is deeper stays JSON
_MAX_CELLS = 400  # of a record; objects after these stay JSON
_dumps = json.JSONEncoder(ensure_ascii=False).encode
Unreadable = tuple[str, str]
"""Why an element is not a record, and its original content."""


def flatten_record(value: Any) -> Record | Unreadable:
    """Turn an object into cells; the members of objects inside it become columns "outer.inner", at any depth."""
    try:
        if not isinstance(value, dict):
            return "is not a JSON object", _as_text(value)
        record: Record = {}
        _add_cells(value, "", _MAX_DEPTH, record)
        return record
    except RecursionError:
        return "is nested too deeply", ""


def flatten_records(elements: Sequence[Any]) -> list[Record | Unreadable]:
    """Apply `flatten_record` to each element."""
    return [flatten_record(element) for element in with_heartbeats(elements)]


def rows_from_records(
    records: Sequence[Record | Unreadable], notes: Sequence[str], size: int, settings: Settings
) -> ImportedRows:
    """Convert records to rows with the columns of all records, in order of appearance.

    Args:
        records: From `flatten_record`.
        notes: How they were read, for display.
        size: Of the file, bytes.
        settings: Limits.

    Raises:
        RefusedError: If there are too many rows, columns or refused rows.
    """
    columns = list(dict.fromkeys(name for record in records if isinstance(record, dict) for name in record))
    if len(columns) > settings.max_columns:
        records, columns = _with_common_columns(records, settings.max_columns)
    check_table_shape(len(records), len(columns), size, settings)
    rows: dict[int, list[str]] = {}
    refused: list[RefusedRow] = []
    for number, record in enumerate(with_heartbeats(records), start=1):
        if isinstance(record, dict):
            rows[number] = [record.get(name, "") for name in columns]
        else:
            refused.append(refused_record(number, record, settings))
            check_refused_rows(refused, settings)
    return ImportedRows(columns, rows, refused, notes)


def refused_record(number: int, problem: Unreadable, settings: Settings) -> RefusedRow:
    """Return the refused row for an element that is not a record."""
    reason, raw = problem
    content = cells_as_json(["line"], [raw], settings)
    return RefusedRow(number, reason, "Write each post as one JSON object.", content)


def _with_common_columns(
    records: Sequence[Record | Unreadable], most: int
) -> tuple[list[Record | Unreadable], list[str]]:
    """Keep the columns that a source reads or most records have; move all others of a record to a column of JSON."""
    counts = Counter(name for record in records if isinstance(record, dict) for name in record)
    source = find_source(ImportedRows(list(counts), {}))
    read = source.columns_read(list(counts)) if source else set()
    common = [name for name, _ in counts.most_common() if name not in read]
    kept = {*sorted(read)[: most - 1], *common[: max(0, most - 1 - len(read))]}
    folded: list[Record | Unreadable] = []
    for record in with_heartbeats(records):
        if not isinstance(record, dict):
            folded.append(record)
            continue
        others = {name: cell for name, cell in record.items() if name not in kept}
        cells = {name: cell for name, cell in record.items() if name in kept}
        folded.append(cells | ({OTHERS: json.dumps(others, ensure_ascii=False)} if others else {}))
    columns = dict.fromkeys(name for record in folded if isinstance(record, dict) for name in record)
    return folded, list(columns)


def _add_cells(value: dict[str, Any], path: str, depth: int, record: Record) -> None:
    for name, inner in value.items():
        column = path + (name if name.isascii() and "\x00" not in name else remove_invalid_characters(name))
        if isinstance(inner, str):
            record[column] = (
                inner if inner.isascii() and "\x00" not in inner else remove_invalid_characters(inner)
            )
        elif isinstance(inner, dict) and inner and depth > 0 and len(record) < _MAX_CELLS:
            _add_cells(inner, f"{column}.", depth - 1, record)
        else:
            record[column] = _as_text(inner)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if value is True or value is False or type(value) is int:
        return str(value).lower()  # as json.dumps, but faster
    return remove_invalid_characters(value if isinstance(value, str) else _dumps(value))
