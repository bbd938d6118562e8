"""Values of JSON: lines of NDJSON, lists of posts inside objects, and pages of posts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.importers.decoding import remove_invalid_characters
from analysis.importers.guess import guess_fields
from analysis.importers.importer import ImportedRows
from analysis.importers.json_shapes import convert_object_to_records
from analysis.importers.mapping import guess_mapping
from analysis.importers.records import Record, Unreadable, flatten_record
from analysis.importers.sources import find_source, open_source_document

_MAX_LIST_DEPTH = 6  # objects in which lists of posts are searched
SAMPLE = 20
"""Elements whose fields are looked at."""
_MAX_SAMPLED_COLUMNS = 1_000
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # as json.loads, but faster for short lines


def find_json_lists(value: Any, path: str = "", depth: int = _MAX_LIST_DEPTH) -> dict[str, list[Any]]:
    """Find the lists of objects in a JSON document, by path; lists in the objects of a list do not count."""
    found: dict[str, list[Any]] = {}
    if isinstance(value, list):
        if any(isinstance(element, dict) for element in value):
            found[path] = value
    elif (
        isinstance(value, dict)
        and (records := convert_object_to_records(value))
        and score_post_likeness(records) > 0
    ):
        found[path] = records
    elif isinstance(value, dict) and depth > 0:
        for name, inner in value.items():
            found |= find_json_lists(
                inner,
                f"{path}.{remove_invalid_characters(name)}" if path else remove_invalid_characters(name),
                depth - 1,
            )
    return found


def score_post_likeness(elements: Sequence[Any]) -> float:
    """Return how well the fields of objects fit those of posts, from their names and values; 0 for no texts."""
    records = [record for record in map(flatten_record, elements[:SAMPLE]) if isinstance(record, dict)]
    columns = list(dict.fromkeys(name for record in records for name in record))[:_MAX_SAMPLED_COLUMNS]
    sample = {name: [record.get(name, "") for record in records] for name in columns}
    guesses = guess_fields(columns, sample)
    if not guesses["text"]:
        return 0.0
    return guesses["text"][0].confidence + 0.1 * sum(bool(each) for each in guesses.values())


def is_post_like_object(value: dict[str, Any]) -> bool:
    """Return whether the names of an object's members are those of a post."""
    names = [name for name, inner in value.items() if not isinstance(inner, dict)]
    return guess_mapping(names).makes_posts


def find_page_opener(elements: Sequence[Any]) -> Callable[[Any], list[Any]] | None:
    """Find how the posts in pages, such as answers of an API, are read.

    Args:
        elements: The first elements of a list.

    Returns:
        A function that returns the posts of an element; None if the elements are no pages.
    """
    if elements and open_source_document(elements[0]):
        return _open_known_page
    sample = [element for element in elements[:SAMPLE] if isinstance(element, dict)]
    if not sample or any(is_post_like_object(element) for element in sample):
        return None
    lists = find_json_lists(sample[0])
    best = max(lists, key=lambda path: score_post_likeness(lists[path]), default=None)
    if (
        best is None
        or score_post_likeness(lists[best]) <= score_post_likeness(sample)
        or _is_recognised(sample)
    ):
        return None
    path = best

    def open_page(element: Any) -> list[Any]:
        inner = find_json_lists(element).get(path) if isinstance(element, dict) else None
        return [element] if inner is None else inner

    return open_page


def _is_recognised(elements: Sequence[Any]) -> bool:
    """Whether objects are of a known source, so that lists in them are no posts."""
    records = [record for record in map(flatten_record, elements) if isinstance(record, dict)]
    names = list(dict.fromkeys(name for record in records for name in record))
    return find_source(ImportedRows(names, {})) is not None


def _open_known_page(element: Any) -> list[Any]:
    opened = open_source_document(element)
    return opened[0] if opened else [element]


def parse_json_lines(lines: Iterable[str], first: int = 1) -> Iterator[Any]:
    """Parse one JSON value per line.

    Args:
        lines: Lines; blank ones are skipped.
        first: The number of the first line.

    Yields:
        The value of each line, or a `BrokenLine`.
    """
    for number, line in enumerate(lines, start=first):
        line = strip_json_list_syntax(line)
        try:
            value, end = _scan(line, 0)
        except (StopIteration, ValueError, RecursionError):
            end = -1
        if end == len(line):
            yield value
        elif line:
            value, error = parse_json(line)
            yield BrokenLine(f"is not JSON: line {number}, {error}", line.strip()) if error else value


def strip_json_list_syntax(line: str) -> str:
    """Return what a line has without the commas and brackets of a list around its lines; "" for no value."""
    line = line.strip().removesuffix(",")
    return "" if line in ("[", "]") else line


def flatten_parsed_value(value: Any) -> Record | Unreadable:
    """Return the cells of a value from `parse_json_lines`, or why it has none."""
    return (value.reason, value.raw) if isinstance(value, BrokenLine) else flatten_record(value)


@dataclass(frozen=True)
class BrokenLine:
    """A line that is not JSON."""

    reason: str
    raw: str


def parse_json(text: str) -> tuple[Any, str]:
    """Return the value and "", or None and the error."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, f"{error.msg} at character {error.colno:,}"
    except (RecursionError, ValueError):
        return None, "nested too deeply, or with too long a number"
