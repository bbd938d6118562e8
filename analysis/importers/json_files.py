"""JSON and NDJSON: an array of objects, a list of objects inside an object, one object, or one object per line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.importers.decoding import decode_file_head, decode_file_text
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import CERTAIN, ImportedSheets, Importer, RefusedSheet
from analysis.importers.json_lines import read_json_lines
from analysis.importers.json_lists import list_json_paths, select_json_list
from analysis.importers.json_shapes import convert_object_to_records, parse_json_sequence
from analysis.importers.json_values import (
    find_json_lists,
    find_page_opener,
    flatten_parsed_value,
    is_post_like_object,
    parse_json,
    parse_json_lines,
    score_post_likeness,
)
from analysis.importers.records import Record, Unreadable, flatten_records, rows_from_records
from analysis.importers.refused import RefusedError
from analysis.importers.sources import open_source_document
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


def read_json(
    content: bytes, settings: Settings, encoding: str | None = None, list_path: str | None = None
) -> ImportedSheets:
    """Read a JSON or NDJSON file; other lists of objects in it are refused, like sheets of a workbook.

    Args:
        content: The file.
        settings: Limits.
        encoding: See `ImportOptions`.
        list_path: See `ImportOptions`.

    Raises:
        RefusedError: If it contains no object, is in an unknown encoding, or exceeds a limit.
    """
    text, encoding = decode_file_text(content, encoding)
    part = _ARCHIVE_PART.match(text)
    if part and part[1] not in _ARCHIVE_POSTS:
        name = part[1] or "manifest"
        raise RefusedError(
            f"is the part {name!r} of an archive of X, which has no posts of its owner", "Leave it out."
        )
    parsed = _parse_records(strip_js_assignment(text), list_path)
    form = parsed.form
    if form == _OBJECT and parsed.lists:
        form += f"; lists in it that can be chosen: {', '.join(parsed.lists[:_NOTED_LISTS])}"
    rows = rows_from_records(parsed.records, [encoding, form], len(content), settings)
    return ImportedSheets([replace(rows, sheet=parsed.name, lists=parsed.lists)], parsed.others, kind="list")


def strip_js_assignment(text: str) -> str:
    """Return the value that a JavaScript file assigns to a variable, as in archives of X; nothing is run."""
    assigned = _ASSIGNMENT.match(text)
    return text[assigned.end() :].rstrip().removesuffix(";") if assigned else text


def sniff_json(head: bytes) -> float:
    """Return how certainly a file is JSON: an object or a list of objects, also if it is assigned to a variable."""
    return CERTAIN if _START.match(decode_file_head(head)[:_SNIFFED_CHARS].lstrip()) else 0.0


@dataclass(frozen=True)
class _Parsed:
    """What a JSON file holds.

    Attributes:
        records: The posts.
        form: The file's form, for display.
        lists: The lists that can be chosen.
        name: The list that was read, "" if it is the only one.
        others: The lists that were not read.
    """

    records: list[Record | Unreadable]
    form: str
    lists: tuple[str, ...]
    name: str = ""
    others: tuple[RefusedSheet, ...] = ()


def _parse_records(text: str, list_path: str | None) -> _Parsed:
    whole, error = parse_json(text)
    name, others = "", dict[str, list[Any]]()
    lists = () if error else tuple(list_json_paths(whole))
    if list_path is not None:
        records = flatten_records(select_json_list(whole, list_path))
        form = f"JSON, the list {list_path!r}, chosen"
    elif error:
        records = _parse_lines(text)
        form = "one JSON object per line"
        if not any(isinstance(record, dict) for record in records) and (values := parse_json_sequence(text)):
            records, form = flatten_records(_open_pages(values)), "JSON objects in sequence"
    else:
        elements, form, name, others = _find_posts(whole)
        records = flatten_records(elements)
    if records and not any(isinstance(record, dict) for record in records):
        raise RefusedError(
            f"is not JSON: {error}" if error else "contains no JSON objects",
            "Use an array of objects, or one object per line.",
            lists,
        )
    refused = (_refused_list(path, elements) for path, elements in others.items())
    return _Parsed(records, form, lists, name, tuple(refused))


def _refused_list(path: str, elements: Sequence[Any]) -> RefusedSheet:
    objects = f"{len(elements):,} object{'s' * (len(elements) != 1)}"
    return RefusedSheet(
        path,
        f"was not read ({objects})",
        "If it has the posts, choose it as the list of posts (--list on the command line).",
    )


def _find_posts(whole: Any) -> tuple[list[Any], str, str, dict[str, list[Any]]]:
    """Return the posts of a JSON document, how they were found, the name of their list, and the other lists."""
    if opened := open_source_document(whole):
        return opened[0], f"JSON of {opened[1].label}", "", {}
    if isinstance(whole, list):
        return _open_pages(whole), "JSON array", "", {}
    if (
        isinstance(whole, dict)
        and (records := convert_object_to_records(whole))
        and score_post_likeness(records) > 0
    ):
        return records, "JSON, objects by id or by column", "", {}
    if not isinstance(whole, dict) or is_post_like_object(whole):
        return [whole], _OBJECT, "", {}
    found = find_json_lists(whole)
    if not found:
        return [whole], _OBJECT, "", {}
    best = max(found, key=lambda path: (score_post_likeness(found[path]), len(found[path])))
    others = {path: elements for path, elements in found.items() if path != best}
    return found[best], f"JSON, the list {best!r}", best if others else "", others


def _open_pages(elements: Sequence[Any]) -> list[Any]:
    """Replace each page of a list of pages, such as answers of an API, by its posts."""
    open_page = find_page_opener(elements)
    if open_page is None:
        return list(elements)
    return [post for element in with_heartbeats(elements) for post in open_page(element)]


def _parse_lines(text: str) -> list[Record | Unreadable]:
    values = list(parse_json_lines(with_heartbeats(text.split("\n"))))
    return [flatten_parsed_value(value) for value in with_heartbeats(_open_pages(values))]


IMPORTER = Importer(
    name="json",
    read_chunks=read_json_lines,
    label="JSON, NDJSON",
    suffixes=frozenset({".json", ".jsonl", ".ndjson"}),
    read=read_json,
    sniff=sniff_json,
    options=("encoding", "list_path"),
)
