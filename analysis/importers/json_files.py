"""JSON and NDJSON: an array of objects, a list of objects inside an object, one object, or one object per line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.importers.decoding import clean, decode, decode_head
from analysis.importers.guess import guess_fields
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import CERTAIN, ImportedRows, Importer
from analysis.importers.json_lists import elements_of, list_paths
from analysis.importers.json_shapes import open_shape, parse_sequence
from analysis.importers.mapping import guess_mapping
from analysis.importers.records import Record, Unreadable, flatten, flatten_all, rows_from_records
from analysis.importers.refused import RefusedError
from analysis.importers.sources import find_source, open_document
from analysis.settings import Settings

_START = re.compile(
    r"(?:[A-Za-z_.$][\w.$]{0,99}\s{0,9}=)?\s{0,99}(?:\[\s{0,99}){0,9}\{\s{0,99}(?:\"[^\"\n]{1,200}\"\s{0,9}:|\})"
)
_ASSIGNMENT = re.compile(r"\s{0,99}[A-Za-z_$][\w.$]{0,99}\s{0,9}=\s{0,99}(?=[\[{])")
_ARCHIVE_PART = re.compile(r"\s{0,99}window\.(?:YTD\.(\w{1,99})\.|__THAR_CONFIG\b)")
_ARCHIVE_POSTS = frozenset({"tweet", "tweets", "community_tweet", "deleted_tweets", "note_tweet"})
"""Parts of an archive of X that hold posts of its owner; the others are likes, followers, ads and settings."""
_SNIFFED_CHARS = 2_000
_OBJECT = "JSON object"
_NOTED_LISTS = 5
_MAX_LIST_DEPTH = 6  # objects in which lists of posts are searched
_SAMPLE = 20  # elements whose fields are looked at
_MAX_SAMPLED_COLUMNS = 1_000


def read_json(
    content: bytes, settings: Settings, encoding: str | None = None, list_path: str | None = None
) -> ImportedRows:
    """Read a JSON or NDJSON file.

    Args:
        content: The file.
        settings: Limits.
        encoding: See `ImportOptions`.
        list_path: See `ImportOptions`.

    Raises:
        RefusedError: If it contains no object, is in an unknown encoding, or exceeds a limit.
    """
    text, encoding = decode(content, encoding)
    part = _ARCHIVE_PART.match(text)
    if part and part[1] not in _ARCHIVE_POSTS:
        name = part[1] or "manifest"
        raise RefusedError(
            f"is the part {name!r} of an archive of X, which has no posts of its owner", "Leave it out."
        )
    records, form, lists = _parse_records(without_assignment(text), list_path)
    if form == _OBJECT and lists:
        form += f"; lists in it that can be chosen: {', '.join(lists[:_NOTED_LISTS])}"
    return replace(rows_from_records(records, [encoding, form], len(content), settings), lists=lists)


def without_assignment(text: str) -> str:
    """Return the value that a JavaScript file assigns to a variable, as in archives of X; nothing is run."""
    assigned = _ASSIGNMENT.match(text)
    return text[assigned.end() :].rstrip().removesuffix(";") if assigned else text


def sniff_json(head: bytes) -> float:
    """Return how certainly a file is JSON: an object or a list of objects, also if it is assigned to a variable."""
    return CERTAIN if _START.match(decode_head(head)[:_SNIFFED_CHARS].lstrip()) else 0.0


def _parse_records(
    text: str, list_path: str | None
) -> tuple[list[Record | Unreadable], str, tuple[str, ...]]:
    """Return the records, a description of the file's form for display, and the lists that can be chosen."""
    whole, error = _parse(text)
    lists = () if error else tuple(list_paths(whole))
    if list_path is not None:
        records = flatten_all(elements_of(whole, list_path))
        form = f"JSON, the list {list_path!r}, chosen"
    elif error:
        records = _parse_lines(text)
        form = "one JSON object per line"
        if not any(isinstance(record, dict) for record in records) and (values := parse_sequence(text)):
            records, form = flatten_all(_open_pages(values)), "JSON objects in sequence"
    else:
        elements, form = _find_posts(whole)
        records = flatten_all(elements)
    if records and not any(isinstance(record, dict) for record in records):
        raise RefusedError(
            f"is not JSON: {error}" if error else "contains no JSON objects",
            "Use an array of objects, or one object per line.",
            lists,
        )
    return records, form, lists


def _find_posts(whole: Any) -> tuple[list[Any], str]:
    """Return the list of posts in a JSON document, and how it was found, for people."""
    if opened := open_document(whole):
        return opened[0], f"JSON of {opened[1].label}"
    if isinstance(whole, list):
        return _open_pages(whole), "JSON array"
    if isinstance(whole, dict) and (records := open_shape(whole)) and how_well(records) > 0:
        return records, "JSON, objects by id or by column"
    if not isinstance(whole, dict) or _is_post(whole):
        return [whole], _OBJECT
    found = find_lists(whole)
    if not found:
        return [whole], _OBJECT
    best = max(found, key=lambda path: (how_well(found[path]), len(found[path])))
    others = [f"{path} ({len(elements):,})" for path, elements in found.items() if path != best]
    form = f"JSON, the list {best!r}" + (f"; other lists, not read: {', '.join(others)}" if others else "")
    return found[best], form


def find_lists(value: Any, path: str = "", depth: int = _MAX_LIST_DEPTH) -> dict[str, list[Any]]:
    """Find the lists of objects in a JSON document, by path; lists in the objects of a list do not count."""
    found: dict[str, list[Any]] = {}
    if isinstance(value, list):
        if any(isinstance(element, dict) for element in value):
            found[path] = value
    elif isinstance(value, dict) and (records := open_shape(value)) and how_well(records) > 0:
        found[path] = records
    elif isinstance(value, dict) and depth > 0:
        for name, inner in value.items():
            found |= find_lists(inner, f"{path}.{clean(name)}" if path else clean(name), depth - 1)
    return found


def how_well(elements: Sequence[Any]) -> float:
    """Return how well the fields of objects fit those of posts, from their names and values; 0 for no texts."""
    records = [record for record in map(flatten, elements[:_SAMPLE]) if isinstance(record, dict)]
    columns = list(dict.fromkeys(name for record in records for name in record))[:_MAX_SAMPLED_COLUMNS]
    sample = {name: [record.get(name, "") for record in records] for name in columns}
    guesses = guess_fields(columns, sample)
    if not guesses["text"]:
        return 0.0
    return guesses["text"][0].confidence + 0.1 * sum(bool(each) for each in guesses.values())


def _is_post(value: dict[str, Any]) -> bool:
    names = [name for name, inner in value.items() if not isinstance(inner, dict)]
    return guess_mapping(names).makes_posts


def _open_pages(elements: Sequence[Any]) -> list[Any]:
    """Replace each page of a list of pages, such as answers of an API, by its posts."""
    if elements and open_document(elements[0]):
        pages = ((element, open_document(element)) for element in with_heartbeats(elements))
        return [post for element, opened in pages for post in (opened[0] if opened else [element])]
    sample = [element for element in elements[:_SAMPLE] if isinstance(element, dict)]
    if not sample or any(_is_post(element) for element in sample):
        return list(elements)
    lists = find_lists(sample[0])
    best = max(lists, key=lambda path: how_well(lists[path]), default=None)
    if best is None or how_well(lists[best]) <= how_well(sample) or _is_recognised(sample):
        return list(elements)
    opened: list[Any] = []
    for element in with_heartbeats(elements):
        inner = find_lists(element).get(best) if isinstance(element, dict) else None
        opened += inner if inner is not None else [element]
    return opened


def _is_recognised(elements: Sequence[Any]) -> bool:
    """Whether objects are of a known source, so that lists in them are no posts."""
    records = [record for record in map(flatten, elements) if isinstance(record, dict)]
    return (
        find_source(ImportedRows(list(dict.fromkeys(name for record in records for name in record)), {}))
        is not None
    )


def _parse_lines(text: str) -> list[Record | Unreadable]:
    values: list[Any] = []
    for number, line in enumerate(with_heartbeats(text.split("\n")), start=1):
        line = line.strip().removesuffix(",")
        if line not in ("", "[", "]"):
            value, error = _parse(line)
            values.append(_Broken(f"is not JSON: line {number}, {error}", line.strip()) if error else value)
    return [
        (value.reason, value.raw) if isinstance(value, _Broken) else flatten(value)
        for value in with_heartbeats(_open_pages(values))
    ]


@dataclass(frozen=True)
class _Broken:
    """A line that is not JSON."""

    reason: str
    raw: str


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
    sniff=sniff_json,
    options=("encoding", "list_path"),
)
