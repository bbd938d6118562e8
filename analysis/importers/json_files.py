"""JSON and NDJSON: an array of objects, a list of objects inside an object, one object, or one object per line."""

from __future__ import annotations

import json
from typing import Any

from analysis.importers.decoding import clean, decode
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.mapping import guess_mapping
from analysis.importers.records import Record, Unreadable, flatten, flatten_all, rows_from_records
from analysis.importers.refused import RefusedError
from analysis.settings import Settings


def read_json(content: bytes, settings: Settings) -> ImportedRows:
    """Read a JSON or NDJSON file.

    Args:
        content: The file.
        settings: Limits.

    Raises:
        RefusedError: If it contains no object, is in an unknown encoding, or exceeds a limit.
    """
    text, encoding = decode(content)
    records, form = _parse_records(text)
    return rows_from_records(records, [encoding, form], len(content), settings)


def _parse_records(text: str) -> tuple[list[Record | Unreadable], str]:
    """Return the records, and a description of the file's form for display."""
    whole, error = _parse(text)
    if error:
        records = _parse_lines(text)
        form = "one JSON object per line"
    else:
        elements, form = _find_posts(whole)
        records = flatten_all(elements)
    if records and not any(isinstance(record, dict) for record in records):
        raise RefusedError(
            f"is not JSON: {error}" if error else "contains no JSON objects",
            "Use an array of objects, or one object per line.",
        )
    return records, form


def _find_posts(whole: Any) -> tuple[list[Any], str]:
    """Return the list of posts in a JSON document, and a description of it for display."""
    if isinstance(whole, list):
        return whole, "JSON array"
    if isinstance(whole, dict) and not guess_mapping(list(whole)).makes_posts:
        lists = {
            name: value
            for name, value in whole.items()
            if isinstance(value, list) and any(isinstance(element, dict) for element in value)
        }
        if len(lists) == 1:
            ((name, elements),) = lists.items()
            return elements, f"JSON, the list {clean(name)!r}"
        if lists:
            raise RefusedError(
                f"contains several lists: {', '.join(clean(name) for name in lists)}",
                "Keep only the list of posts.",
            )
    return [whole], "JSON object"


def _parse_lines(text: str) -> list[Record | Unreadable]:
    records: list[Record | Unreadable] = []
    for number, line in enumerate(with_heartbeats(text.split("\n")), start=1):
        if line.strip():
            value, error = _parse(line)
            if error:
                records.append((f"is not JSON: line {number}, {error}", line.strip()))
            else:
                records.append(flatten(value))
    return records


def _parse(text: str) -> tuple[Any, str]:
    """Return the value and "", or None and the error."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, f"{error.msg} at character {error.colno:,}"
    except (RecursionError, ValueError):
        return None, "nested too deeply, or with too long a number"


IMPORTER = Importer(
    name="json",
    label="JSON, NDJSON",
    suffixes=frozenset({".json", ".jsonl", ".ndjson"}),
    read=read_json,
)
