"""JSON and NDJSON: objects to flat rows of text. Numbers keep all their digits; lists stay JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from analysis.intake.decoding import clean
from analysis.intake.heartbeat import beating
from analysis.intake.rejections import RefusedError
from analysis.intake.schemas import guess_mapping

Flat = dict[str, str]
Refused = tuple[str, str]  # why an element is no post, and the element as it came


def read_json(text: str) -> tuple[list[Flat | Refused], str]:
    """Read an array of objects, a list of objects inside one object, a single object, or one object a line.

    Args:
        text: The file.

    Returns:
        What it holds, in order: the flat cells of an object, or a refusal; and the form's name for people.

    Raises:
        RefusedError: If it holds no object at all.
    """
    whole, error = _loaded(text)
    if error:
        rows = _lines(text)
        form = "one JSON object a line"
    else:
        elements, form = _posts(whole)
        rows = read_objects(elements)
    if rows and not any(isinstance(row, dict) for row in rows):
        raise RefusedError(
            f"is not JSON: {error}" if error else "holds no JSON objects",
            "Give an array of objects, or one object a line.",
        )
    return rows, form


def read_objects(elements: Sequence[Any]) -> list[Flat | Refused]:
    """Give the flat cells of each JSON object, or a refusal of what is none."""
    return [_row(element) for element in beating(elements)]


def _posts(whole: Any) -> tuple[list[Any], str]:
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
                f"holds several lists: {', '.join(clean(name) for name in lists)}",
                "Keep only the list of posts.",
            )
    return [whole], "JSON object"


def _lines(text: str) -> list[Flat | Refused]:
    rows: list[Flat | Refused] = []
    for number, line in enumerate(beating(text.split("\n")), start=1):
        if line.strip():
            value, error = _loaded(line)
            if error:
                rows.append((f"is not JSON: line {number}, {error}", line.strip()))
            else:
                rows.append(_row(value))
    return rows


def _loaded(text: str) -> tuple[Any, str]:
    """Give the value and "", or None and what is wrong."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, f"{error.msg} at character {error.colno:,}"
    except (RecursionError, ValueError):
        return None, "nested too deeply, or with an endless number"


def _row(value: Any) -> Flat | Refused:
    try:
        return _flat(value) if isinstance(value, dict) else ("is not a JSON object", _text(value))
    except RecursionError:
        return "is nested too deeply", ""


def _flat(post: dict[str, Any]) -> Flat:
    """Spread the objects inside a post over columns "outer.inner", one level deep."""
    flat: Flat = {}
    for name, value in post.items():
        inside = (
            {f"{name}.{inner}": held for inner, held in value.items()} if isinstance(value, dict) else None
        )
        for column, cell in ({name: value} if inside is None else inside).items():
            flat[clean(column)] = _text(cell)
    return flat


def _text(value: Any) -> str:
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
