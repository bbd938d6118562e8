"""Shapes of JSON other than lists of objects: objects by id, columns as pandas writes them, and sequences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_MIN_COMMON_FIELDS = 2  # of objects by id that describe things of one kind
_SEPARATORS = " \t\r\n,"


def convert_object_to_records(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the records of an object in another shape than a list; None for other objects.

    The shapes are `{"columns": [...], "data": [[...]]}`, columns of values by row or in lists, and objects by id,
    which get the id as `id` if they have none.
    """
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and data and all(map(_fits(columns), data)):
        return [dict(zip(map(str, columns), row, strict=True)) for row in data]
    inner = list(value.values())
    if len(inner) < 2:
        return None
    if all(isinstance(each, list) and each for each in inner):
        return _from_lists(value)
    if not all(isinstance(each, dict) and each for each in inner):
        return None
    keys = inner[0].keys()
    if all(each.keys() == keys for each in inner) and all(key.isdecimal() for key in keys):
        return [{name: column[row] for name, column in value.items()} for row in keys]
    return _by_id(value)


def parse_json_sequence(text: str) -> list[Any] | None:
    """Parse JSON values one after the other, over any number of lines; None if a part of the text is none."""
    decoder = json.JSONDecoder()
    values: list[Any] = []
    place = 0
    while place < len(text):
        if text[place] in _SEPARATORS:
            place += 1
            continue
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        values.append(value)
    return values


def _fits(columns: list[Any]) -> Any:
    return lambda row: isinstance(row, list) and len(row) == len(columns)


def _from_lists(value: Mapping[str, list[Any]]) -> list[Any] | None:
    lengths = {len(column) for column in value.values()}
    if len(lengths) != 1 or any(
        isinstance(cell, dict | list) for column in value.values() for cell in column
    ):
        return None
    return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]


def _by_id(value: Mapping[str, dict[str, Any]]) -> list[Any] | None:
    common = set.intersection(*(set(each) for each in value.values()))
    if len(common) < _MIN_COMMON_FIELDS:
        return None
    return [each if "id" in each else {"id": key, **each} for key, each in value.items()]
