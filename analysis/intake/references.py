"""Splits the cells of a table into the names of images."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from analysis.importers.decoding import remove_invalid_characters

URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
MAX_CELL_CHARS = 100_000
"""Characters of a cell that is split into names; 20 signed addresses take 20,000."""
_FILE_NAME = re.compile(r".*\S\.[A-Za-z0-9]{2,5}")
_IMAGE_NAME = re.compile(r"\S+\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|heic|heif)", re.IGNORECASE)
_IMAGE_TAG = re.compile(r"<img\b[^<>]{0,500}?\bsrc=[\"']([^\"'<>]{1,2000})[\"']", re.IGNORECASE)
_MAX_BRACKETS = 1_000  # of a list as Python prints it
_NAME_KEYS = (
    "path", "file", "filename", "file_name", "media_url_https", "media_url", "fullurl", "fullsize", "uri", "url",
    "src", "href", "image_url", "display_url", "displayurl", "preview_image_url", "url_list", "urllist", "$link",
)  # fmt: skip
"""Keys of the objects that name an image, the most exact first; the `url` of an image of X is a link to its post."""
_NAME_DEPTH = 4  # objects in each other in which an address is searched


def find_image_paths(cells: Iterable[str]) -> Iterator[str]:
    """Find the names in cells of image columns that are not URLs."""
    for cell in cells:
        if len(cell) <= MAX_CELL_CHARS:
            if not URL.match(cell.strip()):
                yield cell.strip()
            yield from (name for name in split_image_references(cell) if not URL.match(name))


def split_image_references(cell: str, is_file: Callable[[str], bool] = lambda _: False) -> list[str]:
    """Split a cell that names several images.

    Args:
        cell: Of an image column.
        is_file: Returns whether a name is exactly that of a file in the upload, which is never split.
    """
    cell = cell.strip()
    if not cell or is_file(cell):
        return [cell] if cell else []
    if cell[0] in "[{":
        listed = _parse_list(cell)
        if listed is not None:
            names = (name for item in listed for name in _names_in(item))
            return list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if "<" in cell and (tags := _IMAGE_TAG.findall(cell)):
        return list(dict.fromkeys(html.unescape(name) for name in tags))
    words = cell.split()
    if len(words) > 1 and all(URL.match(word) or _IMAGE_NAME.fullmatch(word.strip(",;|")) for word in words):
        return [word.strip(",;|") for word in words]
    parts: list[str] = []
    for part in re.split(r"[;|\n]|,\s*(?=https?://)", cell):
        between_commas = part.split(",")
        several = not URL.match(part.strip()) and all(
            _FILE_NAME.fullmatch(name.strip()) for name in between_commas
        )
        parts += between_commas if several else [part]
    return [part.strip() for part in parts if part.strip()]


def _parse_list(cell: str) -> list[Any] | None:
    """Parse a list or an object of JSON or of Python; None if it is neither."""
    listed: Any = None
    try:
        listed = json.loads(cell)
    except (ValueError, RecursionError):
        if max(cell.count(bracket) for bracket in "[{(") <= _MAX_BRACKETS:  # literal_eval is recursive
            with suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                listed = ast.literal_eval(cell)
    if isinstance(listed, dict):
        return [listed]
    return list(listed) if isinstance(listed, list | tuple) else None


def _names_in(item: Any) -> list[str]:
    """List the names that an item of a list of images has: itself, or the address or path of an object."""
    if isinstance(item, str):
        return [remove_invalid_characters(item)]
    name = _name_of(item, _NAME_DEPTH) if isinstance(item, dict) else None
    return [name] if name else [_as_json(item)] if item else []


def _name_of(item: Mapping[str, Any], depth: int) -> str | None:
    """Return the path or address of an object that describes an image, which may be in an object inside it."""
    lowered = {str(key).casefold(): value for key, value in item.items()}
    for key in _NAME_KEYS:
        value = lowered.get(key)
        value = value[0] if isinstance(value, list) and value else value  # the first of several addresses
        if isinstance(value, str) and value.strip():
            return remove_invalid_characters(value)
    for value in lowered.values():
        inner = value[0] if isinstance(value, list) and value else value  # the first of several sizes
        if depth and isinstance(inner, dict) and (name := _name_of(inner, depth - 1)):
            return name
    plain = (lowered.get(key) for key in ("name", "id"))
    return next(
        (remove_invalid_characters(value) for value in plain if isinstance(value, str) and value.strip()),
        None,
    )


def _as_json(value: object) -> str:
    try:
        return json.dumps(value)
    except RecursionError:  # writing needs a deeper stack than reading
        return "[nested too deeply]"
