"""Which images belong to which row: by path or name, else by the post's id, else by the last part of a URL.

Names are only compared with each other; none is ever opened as a path.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from analysis.importers.decoding import clean
from analysis.importers.refused import RefusedError
from analysis.intake.media import StoredImage

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE_NAME = re.compile(r".*\S\.[A-Za-z0-9]{2,5}")
_IMAGE_NAME = re.compile(r"\S+\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|heic|heif)", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([^\[\]]+)\]")
_DEPTH = 16  # folders that two paths are compared by
_MAX_CELL_CHARS = 100_000  # characters of a cell that is split into names; 20 signed addresses take 20,000
_MAX_BRACKETS = 1_000  # of a list as Python prints it
_NAME_KEYS = (
    "path", "file", "filename", "file_name", "uri", "url", "media_url_https", "media_url", "fullurl", "fullsize", "src",
    "href", "image_url", "display_url", "displayurl", "preview_image_url", "url_list", "urllist",
)  # fmt: skip
"""Keys of the objects that name an image, the most exact first."""
_NAME_DEPTH = 4  # objects in each other in which an address is searched
_MAX_SHOWN_CHARS = 100  # characters of an image's name in a reason


@dataclass(frozen=True, slots=True)
class RowReferences:
    """The references of one row to its images.

    Attributes:
        post_id: The row's id, "" for none.
        cells: The cells of its image columns.
        folder: The folder of its table within the upload, "" for none.
    """

    post_id: str
    cells: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class MatchedImages:
    """A row's images in order and each once, and its references without an image.

    Attributes:
        images: The images found.
        references: The number of references in the row; if images were found by its id, their number.
        refused: References without an image, each with the reason.
    """

    images: tuple[StoredImage, ...] = ()
    references: int = 0
    refused: tuple[tuple[str, RefusedError], ...] = ()


NO_IMAGES = MatchedImages()
"""For a row without images."""
_REJECTED = RefusedError("was given, but was rejected", "See the reason at the file of that name.")
_URL_ONLY = RefusedError(
    "is only named by its address; nothing is downloaded", "Add the image's file under the same name."
)
_TOO_LONG = RefusedError(
    f"is longer than the {_MAX_CELL_CHARS:,} characters that are read as names of images",
    "Give the names of the post's images only.",
)
_MISSING = RefusedError("is not among the images given", "Add the image, or correct its name in the table.")


def bind(
    claims: Sequence[RowReferences],
    images: Mapping[str, StoredImage],
    refused: Collection[str] = (),
    progress: Callable[[], object] = lambda: None,
) -> Iterator[MatchedImages]:
    """Find the images of every row.

    Names in a row come first. If a row names no file, those called `<id>-...`, `<id>_...` or `<id>.jpg` are its
    images, unless another row names them; a URL refers to the file named like its last part.

    Args:
        claims: One per row.
        images: By name within the upload.
        refused: Names of rejected files, for a more specific reason.
        progress: Called at each claim, twice over all of them where there are images.

    Yields:
        One per claim, in the same order.
    """
    index = _ImageIndex(images, refused)

    def references_of(claim: RowReferences) -> Iterator[tuple[str, StoredImage | RefusedError]]:
        for cell in claim.cells:
            if len(cell) > _MAX_CELL_CHARS:
                yield cell, _TOO_LONG
                continue
            for part in _split_cell(cell, claim.folder, index):
                yield part, index.find(part, claim.folder)

    named: set[str] = set()
    for claim in (
        claims if images else ()
    ):  # computed again below: all references at once take too much memory
        progress()
        named.update(
            result.name
            for part, result in references_of(claim)
            if isinstance(result, StoredImage) and not _URL.match(part)
        )
    by_id = _match_by_id(
        {claim.post_id for claim in claims if claim.post_id},
        [image for image in images.values() if image.name not in named],
    )
    for claim in claims:
        progress()
        references = list(references_of(claim))
        if all(_URL.match(part) for part, _ in references):
            # URLs of one row refer to the same images; the id is more reliable than the last part of a URL.
            own: list[tuple[str, StoredImage | RefusedError]]
            own = [(image.name, image) for image in by_id.get(claim.post_id, [])]
            references = own or references
        if not references:
            yield NO_IMAGES
            continue
        met = {result.name: result for _, result in references if isinstance(result, StoredImage)}
        unmet = tuple((part, result) for part, result in references if isinstance(result, RefusedError))
        yield MatchedImages(tuple(met.values()), len(references), unmet)


class _ImageIndex:
    """Finds the images of an upload by path, by name, or by the last part of a URL."""

    def __init__(self, images: Mapping[str, StoredImage], refused: Iterable[str]) -> None:
        self._by_path = {_normalize_path(name): image for name, image in images.items()}
        by_end: dict[str, list[StoredImage]] = defaultdict(list)
        for path, image in self._by_path.items():
            for end in _path_suffixes(path):
                by_end[end].append(image)
        self._by_end = {end: _only_image(found) for end, found in by_end.items()}
        self._refused = {_path_suffixes(_normalize_path(name))[-1] for name in refused}

    def at(self, path: str, folder: str) -> StoredImage | None:
        """Return the image with exactly this path, relative to the table's folder or to the upload."""
        near_table = self._by_path.get(_normalize_path(posixpath.join(folder, path)))
        return near_table or self._by_path.get(_normalize_path(path))

    def find(self, reference: str, folder: str) -> StoredImage | RefusedError:
        """Return the image for a reference, or the reason why there is none."""
        address = bool(_URL.match(reference))
        path = _last_part(reference) if address else reference
        if exact := self.at(path, folder):
            return exact
        ends = _path_suffixes(_normalize_path(path))
        for end in ends:  # matching more folders is better
            if end in self._by_end:
                return self._by_end[end]
        if ends[-1] in self._refused:
            return _REJECTED
        return _URL_ONLY if address else _MISSING


def _path_suffixes(path: str) -> list[str]:
    """List the suffixes of a path in lower case, from the longest to the file name."""
    parts = path.casefold().split("/")[-_DEPTH:]
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _only_image(images: Sequence[StoredImage]) -> StoredImage | RefusedError:
    if len({image.media_id for image in images}) == 1:
        return images[0]
    names = ", ".join(_shorten(image.name) for image in images[:3])
    return RefusedError(
        f"fits {len(images):,} images: {names}{', ...' if len(images) > 3 else ''}",
        "Give the image's path, or rename the images.",
    )


def _shorten(name: str) -> str:
    return name if len(name) <= _MAX_SHOWN_CHARS else f"…{name[-_MAX_SHOWN_CHARS:]}"


def _split_cell(cell: str, folder: str, index: _ImageIndex) -> list[str]:
    """Split a cell that names several images; the exact name of a file in the upload is never split."""
    cell = cell.strip()
    if not cell or index.at(cell, folder):
        return [cell] if cell else []
    if cell[0] in "[{":
        listed = _parse_list(cell)
        if listed is not None:
            names = (name for item in listed for name in _names_in(item))
            return list(dict.fromkeys(name.strip() for name in names if name.strip()))
    words = cell.split()
    if len(words) > 1 and all(
        _URL.match(word) or _IMAGE_NAME.fullmatch(word.strip(",;|")) for word in words
    ):
        return [word.strip(",;|") for word in words]
    parts: list[str] = []
    for part in re.split(r"[;|\n]|,\s*(?=https?://)", cell):
        between_commas = part.split(",")
        several = not _URL.match(part.strip()) and all(
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
        return [clean(item)]
    name = _name_of(item, _NAME_DEPTH) if isinstance(item, dict) else None
    return [name] if name else [_as_json(item)] if item else []


def _name_of(item: Mapping[str, Any], depth: int) -> str | None:
    """Return the path or address of an object that describes an image, which may be in an object inside it."""
    lowered = {str(key).casefold(): value for key, value in item.items()}
    for key in _NAME_KEYS:
        value = lowered.get(key)
        value = value[0] if isinstance(value, list) and value else value  # the first of several addresses
        if isinstance(value, str) and value.strip():
            return clean(value)
    for value in lowered.values():
        inner = value[0] if isinstance(value, list) and value else value  # the first of several sizes
        if depth and isinstance(inner, dict) and (name := _name_of(inner, depth - 1)):
            return name
    plain = (lowered.get(key) for key in ("name", "id"))
    return next((clean(value) for value in plain if isinstance(value, str) and value.strip()), None)


def _as_json(value: object) -> str:
    try:
        return json.dumps(value)
    except (
        RecursionError
    ):  # reading takes less of the stack than writing, so this may be nested too deeply only here
        return "[nested too deeply]"


def _match_by_id(post_ids: Collection[str], images: Iterable[StoredImage]) -> dict[str, list[StoredImage]]:
    """Assign to each post the images whose names begin with its id, of which the longest wins, or hold it in brackets."""
    found: dict[str, list[StoredImage]] = defaultdict(list)
    for image in sorted(images, key=lambda image: _natural_sort_key(image.name)):
        base = posixpath.basename(_normalize_path(image.name))
        bracketed = _BRACKETED.findall(base)  # "Title [id].webp", as yt-dlp names files
        if bracketed and bracketed[-1] in post_ids:
            found[bracketed[-1]].append(image)
            continue
        for separator in reversed(list(re.finditer(r"[-_.]", base))):
            if base[: separator.start()] in post_ids:
                found[base[: separator.start()]].append(image)
                break
    return found


def _natural_sort_key(name: str) -> list[tuple[int, str]]:
    """Sort 2 before 10."""
    return [(len(part) if part.isdecimal() else 0, part) for part in re.split(r"([0-9]+)", name)]


def _last_part(address: str) -> str:
    try:
        return posixpath.basename(unquote(urlsplit(address).path))
    except ValueError:  # such as "http://["
        return ""


def _normalize_path(name: str) -> str:
    """Normalize a path of any system: slashes, no "." or "..", composed letters."""
    path = posixpath.normpath(unicodedata.normalize("NFC", name.replace("\\", "/")))
    return "" if path == "." else path
