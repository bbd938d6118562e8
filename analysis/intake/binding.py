"""Pictures to posts: by the path or name that a row gives, else by the post's id, else by an address's last part.

All matching is between names; no name is ever opened as a path.
"""

from __future__ import annotations

import json
import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from analysis.importers.decoding import clean
from analysis.importers.refused import RefusedError
from analysis.intake.media import Picture

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_FILE_NAME = re.compile(r".*\S\.[A-Za-z0-9]{2,5}")
_DEPTH = 16  # folders that two paths are compared by


@dataclass(frozen=True, slots=True)
class Claim:
    """What one row says about its pictures.

    Attributes:
        post_id: The row's id, "" for none.
        cells: The cells of its picture columns.
        folder: The folder its table stands in within the drop, "" for none.
    """

    post_id: str
    cells: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A row's pictures: those found, in its order and each once, and the references that lead to none.

    Attributes:
        pictures: The pictures found.
        references: How many references the row holds; where it goes by its id, the pictures found so.
        refused: References that lead to no picture, each with the reason.
    """

    pictures: tuple[Picture, ...] = ()
    references: int = 0
    refused: tuple[tuple[str, RefusedError], ...] = ()


NOTHING = Bound()
"""Of a row without pictures."""
_UNTAKEN = RefusedError("was given, but could not be taken", "See the reason at the file of that name.")
_ADDRESS_ALONE = RefusedError(
    "is only named by its address; nothing is downloaded", "Add the picture's file under the same name."
)
_MISSING = RefusedError(
    "is not among the pictures given", "Add the picture, or correct its name in the table."
)


def bind(
    claims: Sequence[Claim], pictures: Mapping[str, Picture], refused: Collection[str] = ()
) -> Iterator[Bound]:
    """Find the pictures of every row.

    A name in a row goes first. Where a row names no file, those called `<id>-...`, `<id>_...` or `<id>.jpg` are
    its pictures, unless another row names them; an address (URL) stands for the file called as its last part.

    Args:
        claims: One a row.
        pictures: By name within the drop.
        refused: Names of files in the drop that are no usable pictures, for a better reason.

    Yields:
        One a claim, in the same order.
    """
    shelf = _Shelf(pictures, refused)

    def references_of(claim: Claim) -> Iterator[tuple[str, Picture | RefusedError]]:
        for cell in claim.cells:
            for part in _split(cell, claim.folder, shelf):
                yield part, shelf.find(part, claim.folder)

    named: set[str] = set()
    for claim in claims if pictures else ():  # found again below: all references at once take much memory
        named.update(
            result.name
            for part, result in references_of(claim)
            if isinstance(result, Picture) and not _ADDRESS.match(part)
        )
    by_id = _by_id(
        {claim.post_id for claim in claims if claim.post_id},
        [picture for picture in pictures.values() if picture.name not in named],
    )
    for claim in claims:
        references = list(references_of(claim))
        if all(_ADDRESS.match(part) for part, _ in references):
            # Addresses of one row stand for the same pictures; the id says more than an address's last part.
            own: list[tuple[str, Picture | RefusedError]]
            own = [(picture.name, picture) for picture in by_id.get(claim.post_id, [])]
            references = own or references
        if not references:
            yield NOTHING
            continue
        met = {result.name: result for _, result in references if isinstance(result, Picture)}
        unmet = tuple((part, result) for part, result in references if isinstance(result, RefusedError))
        yield Bound(tuple(met.values()), len(references), unmet)


class _Shelf:
    """The pictures of a drop, to be found by path, by name, or by an address's last part."""

    def __init__(self, pictures: Mapping[str, Picture], refused: Iterable[str]) -> None:
        self._by_path = {_plain(name): picture for name, picture in pictures.items()}
        by_end: dict[str, list[Picture]] = defaultdict(list)
        for path, picture in self._by_path.items():
            for end in _ends(path):
                by_end[end].append(picture)
        self._by_end = {end: _sole(found) for end, found in by_end.items()}
        self._refused = {_ends(_plain(name))[-1] for name in refused}

    def at(self, path: str, folder: str) -> Picture | None:
        """Give the picture that stands under exactly this path, beside the table or in the whole drop."""
        beside = self._by_path.get(_plain(posixpath.join(folder, path)))
        return beside or self._by_path.get(_plain(path))

    def find(self, reference: str, folder: str) -> Picture | RefusedError:
        """Find the picture that a reference means, or say why there is none."""
        address = bool(_ADDRESS.match(reference))
        path = _last_part(reference) if address else reference
        if exact := self.at(path, folder):
            return exact
        ends = _ends(_plain(path))
        for end in ends:  # the more folders agree, the better
            if end in self._by_end:
                return self._by_end[end]
        if ends[-1] in self._refused:
            return _UNTAKEN
        return _ADDRESS_ALONE if address else _MISSING


def _ends(path: str) -> list[str]:
    """List a path's ends, in small letters, from the longest to the name alone."""
    parts = path.casefold().split("/")[-_DEPTH:]
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _sole(pictures: Sequence[Picture]) -> Picture | RefusedError:
    if len({picture.media_id for picture in pictures}) == 1:
        return pictures[0]
    names = ", ".join(picture.name for picture in pictures[:3])
    return RefusedError(
        f"fits {len(pictures):,} pictures: {names}{', ...' if len(pictures) > 3 else ''}",
        "Give the picture's path, or rename the pictures.",
    )


def _split(cell: str, folder: str, shelf: _Shelf) -> list[str]:
    """Split a cell that names several pictures; a name that is in the drop as it stands is never split."""
    cell = cell.strip()
    if not cell or shelf.at(cell, folder):
        return [cell] if cell else []
    if cell.startswith("["):
        try:
            listed = json.loads(cell)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list):
            names = (clean(name) if isinstance(name, str) else json.dumps(name) for name in listed if name)
            return [name.strip() for name in names if name.strip()]
    parts: list[str] = []
    for part in re.split(r"[;|\n]|,\s*(?=https?://)", cell):
        between_commas = part.split(",")
        several = not _ADDRESS.match(part.strip()) and all(
            _FILE_NAME.fullmatch(name.strip()) for name in between_commas
        )
        parts += between_commas if several else [part]
    return [part.strip() for part in parts if part.strip()]


def _by_id(post_ids: Collection[str], pictures: Iterable[Picture]) -> dict[str, list[Picture]]:
    """Give each post the pictures that begin with its id; the longest id wins where several fit."""
    found: dict[str, list[Picture]] = defaultdict(list)
    for picture in sorted(pictures, key=lambda picture: _natural(picture.name)):
        base = posixpath.basename(_plain(picture.name))
        for separator in reversed(list(re.finditer(r"[-_.]", base))):
            if base[: separator.start()] in post_ids:
                found[base[: separator.start()]].append(picture)
                break
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort 2 before 10."""
    return [(len(part) if part.isdecimal() else 0, part) for part in re.split(r"([0-9]+)", name)]


def _last_part(address: str) -> str:
    try:
        return posixpath.basename(unquote(urlsplit(address).path))
    except ValueError:  # "http://[" is no address
        return ""


def _plain(name: str) -> str:
    """Bring paths of all systems to one form: slashes, no "." or "..", composed letters."""
    path = posixpath.normpath(unicodedata.normalize("NFC", name.replace("\\", "/")))
    return "" if path == "." else path
