"""Matches images to rows: by path or name, else by the post's id, else by the last part of a URL.

Names are only compared with each other; none is ever opened as a path.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from analysis.importers.refused import RefusedError
from analysis.intake.formats import format_by_suffix
from analysis.intake.media import StoredImage
from analysis.intake.references import MAX_CELL_CHARS, URL, split_image_references

_BRACKETED = re.compile(r"\[([^\[\]]+)\]")
_DEPTH = 16  # folders that two paths are compared by
_MIN_STEM_CHARS = 6  # of an address's last part without a suffix that counts as an image's name
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
class Listing:
    """An image in the list of a tool that downloaded the images of posts.

    Attributes:
        address: The URL that the image was downloaded from, "" if unknown.
        name: The name of the image's file.
        post_ids: The posts that have the image.
        folder: The folder of the list within the upload, "" for none.
    """

    address: str
    name: str
    post_ids: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class MatchedImages:
    """A row's images in order, without duplicates, and its references that have no image.

    Attributes:
        images: The images found.
        references: The number of references in the row, or of its images if they were found by its id.
        refused: References without an image, each with the reason.
    """

    images: tuple[StoredImage, ...] = ()
    references: int = 0
    refused: tuple[tuple[str, RefusedError], ...] = ()


NO_IMAGES = MatchedImages()
"""For a row without images."""
_REJECTED = RefusedError("was rejected", "See the reason listed for the file of that name.")
_URL_ONLY = RefusedError(
    "is only given as a URL; nothing is downloaded", "Add the image file under the same name."
)
_TOO_LONG = RefusedError(
    f"is longer than {MAX_CELL_CHARS:,} characters, the limit for image names",
    "List only the names of the post's images.",
)
_MISSING = RefusedError("was not uploaded", "Add the image, or correct its name in the table.")


def match_images(
    rows: Iterable[RowReferences],
    images: Mapping[str, StoredImage],
    refused: Collection[str] = (),
    progress: Callable[[], object] = lambda: None,
    listings: Sequence[Listing] = (),
) -> Iterator[MatchedImages]:
    """Find the images of every row.

    Names in a row come first, then the lists of tools that downloaded the images. If a row names no file, its images
    are those called `<id>-...`, `<id>_...` or `<id>.jpg`, unless another row names them. A URL refers to the file
    whose name is the last part of the URL.

    Args:
        rows: The references of each row; iterated three times if there are images, else once.
        images: By name within the upload.
        refused: Names of rejected files, for a more specific reason.
        progress: Called for each row, twice if there are images.
        listings: The entries of the lists of downloaded images.

    Yields:
        One per row, in the same order.
    """
    index = _ImageIndex(images, refused, listings)

    def references_of(row: RowReferences) -> Iterator[tuple[str, StoredImage | RefusedError]]:
        for cell in row.cells:
            if len(cell) > MAX_CELL_CHARS:
                yield cell, _TOO_LONG
                continue
            for part in split_image_references(cell, lambda name: index.at(name, row.folder) is not None):
                yield part, index.find(part, row.folder)

    named: set[str] = set()
    for row in (
        rows if images else ()
    ):  # computed again below, because storing all references would take too much memory
        progress()
        named.update(
            result.name
            for part, result in references_of(row)
            if isinstance(result, StoredImage) and not URL.match(part)
        )
    unnamed = [image for image in images.values() if image.name not in named]
    possible = {part for image in unnamed for part in _possible_ids(image.name)}
    post_ids = {row.post_id for row in rows if row.post_id in possible} if possible else set[str]()
    by_id = _match_by_id(post_ids, unnamed)
    for row in rows:
        progress()
        if not (by_id or index.listed or any(row.cells)):  # as in most tables without images
            yield NO_IMAGES
            continue
        references = list(dict(references_of(row)).items())  # two columns can have the same URL
        if all(URL.match(part) for part, _ in references):
            found = [result for _, result in references]
            listed = [image for image in index.listed.get(row.post_id, ()) if image not in found]
            references += [(image.name, image) for image in listed]
            # URLs of one row refer to the same images; the id is more reliable than the last part of a URL.
            own: list[tuple[str, StoredImage | RefusedError]]
            own = [(image.name, image) for image in by_id.get(row.post_id, [])]
            references = own or references
        if not references:
            yield NO_IMAGES
            continue
        matched = {result.name: result for _, result in references if isinstance(result, StoredImage)}
        missing = tuple((part, result) for part, result in references if isinstance(result, RefusedError))
        yield MatchedImages(tuple(matched.values()), len(references), missing)


class _ImageIndex:
    """Finds the images of an upload by path, by name, or by the last part of a URL."""

    def __init__(
        self, images: Mapping[str, StoredImage], refused: Collection[str], listings: Iterable[Listing]
    ) -> None:
        self._by_path = {_normalize_path(name): image for name, image in images.items()}
        by_end: dict[str, list[StoredImage]] = defaultdict(list)
        for path, image in self._by_path.items():
            for end in _path_suffixes(path):
                by_end[end].append(image)
        self._by_end = {end: _image_or_refusal(found) for end, found in by_end.items()}
        by_stem: dict[str, list[StoredImage]] = defaultdict(list)
        for path, image in self._by_path.items():
            by_stem[PurePosixPath(path.casefold()).stem].append(image)
        self._by_stem = {stem: _image_or_refusal(found) for stem, found in by_stem.items()}
        paths = [_normalize_path(name) for name in refused]
        self._refused = {_path_suffixes(path)[-1] for path in paths}
        self._refused_paths = {path.casefold(): name for path, name in zip(paths, refused, strict=True)}
        self._by_address: dict[str, StoredImage] = {}
        self.listed: dict[str, list[StoredImage]] = defaultdict(list)
        for listing in listings:
            found_image = self.find(listing.name, listing.folder)
            if isinstance(found_image, StoredImage):
                self._by_address[listing.address] = found_image
                for post_id in listing.post_ids:
                    self.listed[post_id].append(found_image)

    def at(self, path: str, folder: str) -> StoredImage | None:
        """Return the image with exactly this path, relative to the table's folder or to the upload."""
        near_table = self._by_path.get(_normalize_path(posixpath.join(folder, path)))
        return near_table or self._by_path.get(_normalize_path(path))

    def find(self, reference: str, folder: str) -> StoredImage | RefusedError:
        """Return the image for a reference, or the reason why there is none."""
        address = bool(URL.match(reference))
        if address and reference in self._by_address:
            return self._by_address[reference]
        path = _last_part(reference) if address else _without_query(reference)
        if exact := self.at(path, folder):
            return exact
        ends = _path_suffixes(_normalize_path(path))
        for end in ends:  # the longest match is the best
            if end in self._by_end:
                return self._by_end[end]
        if named := self._without_suffix(ends[-1], address):
            return named
        return self._why_missing(path, ends[-1], folder, address)

    def _why_missing(self, path: str, name: str, folder: str, address: bool) -> RefusedError:
        """Return the reason why there is no image for a reference."""
        if name in self._refused:
            return _REJECTED
        if address:
            return _URL_ONLY
        for start in (posixpath.join(folder, path), path):
            for parent in PurePosixPath(_normalize_path(start).casefold()).parents:
                if behind := self._refused_paths.get(str(parent)):
                    return RefusedError(
                        f"is in {_shorten_name(behind)}, which was rejected", _REJECTED.remedy
                    )
        return _MISSING

    def _without_suffix(self, name: str, address: bool) -> StoredImage | RefusedError | None:
        """Return the image for a name without its suffix: "m01" for m01.jpg, "b4f@jpeg" for b4f.jpg."""
        stem = name.partition("@")[0]
        if format_by_suffix(PurePosixPath(name).suffix) or (address and len(stem) < _MIN_STEM_CHARS):
            return None
        return self._by_stem.get(stem)


def _path_suffixes(path: str) -> list[str]:
    """List the suffixes of a path in lower case, from the longest to the file name."""
    parts = path.casefold().split("/")[-_DEPTH:]
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _image_or_refusal(images: Sequence[StoredImage]) -> StoredImage | RefusedError:
    if len({image.media_id for image in images}) == 1:
        return images[0]
    names = ", ".join(_shorten_name(image.name) for image in images[:3])
    return RefusedError(
        f"matches {len(images):,} images: {names}{', ...' if len(images) > 3 else ''}",
        "Use the image's path, or rename the images.",
    )


def _shorten_name(name: str) -> str:
    return name if len(name) <= _MAX_SHOWN_CHARS else f"…{name[-_MAX_SHOWN_CHARS:]}"


def _match_by_id(post_ids: Collection[str], images: Iterable[StoredImage]) -> dict[str, list[StoredImage]]:
    """Assign to each post the images whose names begin with its id, have it in brackets or are in its folder."""
    found: dict[str, list[StoredImage]] = defaultdict(list)
    for image in sorted(images, key=lambda image: _natural_sort_key(image.name)):
        post_id = next((part for part in _possible_ids(image.name) if part in post_ids), None)
        if post_id is not None:
            found[post_id].append(image)
    return found


def _possible_ids(name: str) -> Iterator[str]:
    """Find the ids that an image may have in its name, the most likely first."""
    base = posixpath.basename(_normalize_path(name))
    if bracketed := _BRACKETED.findall(base):  # "Title [id].webp", as yt-dlp names files
        yield bracketed[-1]
    for separator in reversed(list(re.finditer(r"[-_.]", base))):
        if separator.start():
            yield base[: separator.start()]
    if folder := posixpath.basename(posixpath.dirname(_normalize_path(name))):
        yield folder


def _natural_sort_key(name: str) -> list[tuple[int, str]]:
    """Return a sort key that sorts 2 before 10."""
    return [(len(part) if part.isdecimal() else 0, part) for part in re.split(r"([0-9]+)", name)]


def _last_part(address: str) -> str:
    try:
        return posixpath.basename(unquote(urlsplit(address).path))
    except ValueError:  # such as "http://["
        return ""


def _without_query(path: str) -> str:
    """Return a path without what follows it in the address of a page: "a.jpg?raw=1"."""
    start = path.partition("?")[0]
    return start if format_by_suffix(PurePosixPath(start).suffix.lower()) else path


def _normalize_path(name: str) -> str:
    """Normalize a path of any system: slashes, no "." or "..", composed letters."""
    path = posixpath.normpath(unicodedata.normalize("NFC", name.replace("\\", "/")))
    return "" if path == "." else path
