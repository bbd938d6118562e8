"""The lists in a JSON document that can be chosen as the posts, where PostLens found another list or none.

A list is named by its path: "data.posts"; "threads[].posts" for the lists in each element of another list; and
"posts.*" for an object whose values are the posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import islice
from typing import Any

from analysis.importers.decoding import remove_invalid_characters
from analysis.importers.refused import RefusedError

WHOLE = "top level"
"""The name of a list that is the whole document."""
_MAX_DEPTH = 8
_MAX_LISTS = 50  # more are no choice for a person
_SAMPLE = 20  # elements, or values of an object, that are looked at
_MAX_NAMES = 200  # of an object, that are looked at


class _Each(Enum):
    """A step of a path that leads to all elements of a list, or to all values of an object."""

    ELEMENT = "[]"
    VALUE = ".*"


_Path = tuple[str | _Each, ...]


def list_json_paths(document: Any) -> Mapping[str, _Path]:
    """Return the paths of all lists that may hold posts, by name, in their order in the document."""
    found: dict[str, _Path] = {}
    for path in _walk([document], (), _MAX_DEPTH):
        found.setdefault(_name(path), path)
        if len(found) == _MAX_LISTS:
            break
    return found


def select_json_list(document: Any, name: str) -> list[Any]:
    """Return the elements of a list; a text becomes an object with the field "text".

    Args:
        document: The JSON document.
        name: The name of the list, from `list_json_paths`.

    Raises:
        RefusedError: There is no such list.
    """
    paths = list_json_paths(document)
    if name not in paths:
        raise RefusedError(
            f"has no list {name[:100]!r}",
            f"Choose one of its lists: {', '.join(paths)}." if paths else "Let PostLens find the posts.",
            paths,
        )
    values = [document]
    for step in paths[name]:
        values = list(_follow(values, step))
    return [{"text": value} if isinstance(value, str) else value for value in values]


def _walk(values: list[Any], path: _Path, depth: int) -> Iterator[_Path]:
    """Find lists in the values at a path; of the lists and objects there, only the first ones are looked at."""
    elements = [each for value in values if isinstance(value, list) for each in value[:_SAMPLE]]
    if any(isinstance(each, dict | str) for each in elements):
        yield (*path, _Each.ELEMENT)
    objects = [value for value in values if isinstance(value, dict)]
    for value in objects[:1]:
        if _are_alike(list(islice(value.values(), _SAMPLE))):
            yield (*path, _Each.VALUE)
    if not depth:
        return
    inner = [each for each in elements if isinstance(each, dict)][:_SAMPLE]
    if inner:
        yield from _walk(inner, (*path, _Each.ELEMENT), depth - 1)
    names = dict.fromkeys(name for value in objects for name in islice(value, _MAX_NAMES))
    for name in islice(names, _MAX_NAMES):
        yield from _walk([value[name] for value in objects if name in value], (*path, name), depth - 1)


def _are_alike(values: list[Any]) -> bool:
    """Whether values are several objects with a name in common."""
    names = [set(value) for value in values if isinstance(value, dict)]
    return len(names) == len(values) > 1 and bool(set.intersection(*names))


def _follow(values: list[Any], step: str | _Each) -> Iterator[Any]:
    for value in values:
        if step is _Each.ELEMENT and isinstance(value, list):
            yield from value
        elif step is _Each.VALUE and isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, dict) and step in value:
            yield value[step]


def _name(path: _Path) -> str:
    """Name a list by its path, without the step to its elements."""
    *steps, last = path
    if last is _Each.VALUE:
        steps.append(last)
    name = "".join(
        step.value if isinstance(step, _Each) else f".{remove_invalid_characters(step)}" for step in steps
    )
    return name.removeprefix(".") or WHOLE
