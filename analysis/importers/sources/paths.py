"""Paths to values in the cells of a row: columns by name, and items of lists of JSON inside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

_JOIN = " + "
_STEP = re.compile(r"\[\]|\[0\]|[^.\[\]]+")
_NUMBER = re.compile(r"\d{1,4}")
_EMPTY = frozenset({"", "[]", "{}", "nan", "None", "null"})
"""Cells of programs for no value."""


def normalise_column_path(column: str) -> str:
    """Return a column's name as it is compared with others."""
    return column.strip().casefold().replace("/", ".")


class CellReader:
    """Reads the values of a path from rows.

    Args:
        path: Columns joined by " + ". See `Source` for paths into lists and for numbered columns.
        columns: Those of the table.

    Attributes:
        found: Whether the table has one of the columns.
        places: The positions of the columns.
        column: The position of the only column, if its cells are the values; None otherwise.
    """

    def __init__(self, path: str, columns: Sequence[str]) -> None:
        names = [normalise_column_path(column) for column in columns]
        self._parts: list[tuple[int, tuple[str, ...]]] = []
        for part in path.split(_JOIN):
            name, bracket, rest = part.partition("[")
            steps = tuple(_STEP.findall(bracket + rest))
            self._parts += [(place, steps) for place in _places(normalise_column_path(name), names)]
        self.found = bool(self._parts)
        self.places = [place for place, _ in self._parts]
        whole = len(self._parts) == 1 and not self._parts[0][1]
        self.column = self._parts[0][0] if whole else None

    def __call__(self, cells: Sequence[str]) -> list[str]:
        """Return the values in a row that are not blank."""
        values: list[str] = []
        for place, steps in self._parts:
            cell = cells[place].strip()
            if cell not in _EMPTY:
                values += _read_list(cell, steps) if steps else [cell]
        return values


def _places(name: str, names: Sequence[str]) -> list[int]:
    """Return the positions of a column, or of all columns of a name with a number, by that number."""
    if "*" not in name:
        return [names.index(name)] if name in names else []
    numbered = [place for place, each in enumerate(names) if _NUMBER.sub("*", each) == name]
    return sorted(numbered, key=lambda place: [int(number) for number in _NUMBER.findall(names[place])])


def _read_list(cell: str, steps: Sequence[str]) -> list[str]:
    try:
        found = list(_follow(json.loads(cell), steps))
        return [value.strip() for value in map(_as_text, found) if value.strip() not in _EMPTY]
    except (ValueError, RecursionError):  # no JSON, or nested too deeply
        return []


def _follow(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
    elif isinstance(value, list):
        if steps[0] in ("[]", "[0]"):
            for item in value if steps[0] == "[]" else value[:1]:
                yield from _follow(item, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _follow(value[steps[0]], steps[1:])


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
