"""Everything dropped, read: zips unpacked, tables parsed, pictures stored, and the rest rejected with its reason.

Each file has one fate: a table, a picture, or a rejection. How rows and pictures make posts is `batch`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from analysis.errors import IntakeError
from analysis.intake.archive import expand
from analysis.intake.files import InputFile, is_system_file
from analysis.intake.formats import (
    ARCHIVES,
    OTHER_TABLE_ENDINGS,
    TABLE_ENDINGS,
    format_by_content,
    format_by_ending,
)
from analysis.intake.media import Picture, looks_like_picture, store_picture
from analysis.intake.rejections import RefusedError, Rejection
from analysis.intake.tables import Table, parse_table
from analysis.settings import Settings

_THREADS = 2  # Pillow decodes outside Python's lock; more threads would hold more large pictures at once
_AT_ONCE = 1_000  # files handed to the threads together


@dataclass(frozen=True)
class Inputs:
    """A drop that was read.

    Attributes:
        tables: In the order they came, names unique.
        pictures: By name, in the order they came.
        rejected: Files that are neither; those of `tables` hold rows, not files.
        expected_files: `len(tables) + len(pictures) + len(rejected)`: files that came, a zip counted as its
            members, files that systems add (`files.is_system_file`) not counted.
    """

    tables: tuple[Table, ...]
    pictures: Mapping[str, Picture]
    rejected: tuple[Rejection, ...]
    expected_files: int


def read_inputs(files: Sequence[InputFile], media_dir: Path, settings: Settings | None = None) -> Inputs:
    """Read files of any kind.

    Of files with one name and one content only the first is taken; those with another content get a number.

    Args:
        files: As dropped: tables, pictures, zips, anything.
        media_dir: Where pictures are stored; made if missing. Zips are unpacked there for the while.
        settings: Limits; the defaults when None.

    Returns:
        Tables, pictures and rejections.

    Raises:
        IntakeError: If the disk refuses to store them.
    """
    settings = settings or Settings()
    try:
        media_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=media_dir) as spool:
            found = list(_named_apart(_unpacked(files, Path(spool), settings)))
            fates = _read_all(found, media_dir, Path(spool), settings)
    except OSError as error:
        raise IntakeError(
            "The batch",
            f"cannot be stored: {error.strerror or error}",
            "Free some disk space, or set POSTLENS_HOME to a folder on another disk.",
        ) from error
    return Inputs(
        tables=tuple(fate for fate in fates if isinstance(fate, Table)),
        pictures={fate.name: fate for fate in fates if isinstance(fate, Picture)},
        rejected=tuple(fate for fate in fates if isinstance(fate, Rejection)),
        expected_files=len(fates),
    )


def _unpacked(files: Sequence[InputFile], spool: Path, settings: Settings) -> list[InputFile | Rejection]:
    """Put the members of each zip in its place, and leave out what systems add."""
    found: list[InputFile | Rejection] = []
    for number, file in enumerate(files):
        if is_system_file(file.name):
            continue
        if file.ending != ".zip":
            found.append(file)
            continue
        folder = spool / f"{number:06}"
        folder.mkdir()
        try:
            members, rejected = expand(file, folder, settings)
            found += [*members, *rejected]
        except RefusedError as error:
            found.append(error.of_file(file.name))
    return found


def _named_apart(found: Sequence[InputFile | Rejection]) -> Iterator[InputFile | Rejection]:
    """Give every file a name of its own, and reject the second of two that are the same in name and content."""
    counts = Counter(file.name for file in found if isinstance(file, InputFile))
    names = set(counts)
    contents: dict[str, set[bytes]] = defaultdict(set)
    for file in found:
        if isinstance(file, Rejection) or counts[file.name] == 1:
            yield file
            continue
        try:
            with file.open() as opened:
                digest = hashlib.file_digest(opened, "sha256").digest()
        except RefusedError as error:
            yield error.of_file(file.name)
            continue
        known = contents[file.name]
        if digest in known:
            problem = RefusedError(
                "is the same as the other file of this name", "Nothing is missing; leave it out."
            )
            yield problem.of_file(file.name)
            continue
        known.add(digest)
        number = len(known)
        path, name = PurePosixPath(file.name), file.name
        while number > 1 and name in names:
            name = f"{file.name.removesuffix(path.suffix)} ({number}){path.suffix}"
            number += 1
        names.add(name)
        yield InputFile(name, file.content)


def _read_all(
    found: Sequence[InputFile | Rejection], media_dir: Path, spool: Path, settings: Settings
) -> list[Table | Picture | Rejection]:
    """Read files in a few threads, in their order."""

    def fate(file: InputFile | Rejection) -> Table | Picture | Rejection:
        if isinstance(file, Rejection):
            return file
        try:
            read = _read(file, media_dir, settings)
        except RefusedError as error:
            return error.of_file(file.name)
        if isinstance(read, Table) and isinstance(read.raw, Path) and read.raw.is_relative_to(spool):
            return replace(read, raw=read.raw.read_bytes())  # its file is about to go
        return read

    fates: list[Table | Picture | Rejection] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(found), _AT_ONCE):
            fates += pool.map(fate, found[start : start + _AT_ONCE])
    return fates


def _read(file: InputFile, media_dir: Path, settings: Settings) -> Table | Picture:
    if looks_like_picture(file):
        return store_picture(file, media_dir, settings)
    content = format_by_content(file.head())
    if file.ending in TABLE_ENDINGS and content in (None, "zip"):
        return parse_table(file, settings)
    if file.ending in OTHER_TABLE_ENDINGS:
        raise RefusedError(
            f"is a table of the kind {file.ending}; PostLens reads CSV, TSV, JSON, NDJSON, XLSX and Parquet",
            "Save it as XLSX or CSV and add it again.",
        )
    packed = content or format_by_ending(file.ending)
    if packed == "zip":
        raise RefusedError(
            "is packed like a zip, but its name does not end in .zip",
            "If it is a zip, name it so and add it again.",
        )
    if packed in ARCHIVES:
        raise RefusedError(
            f"is an archive in the {packed} format; PostLens unpacks zip",
            "Unpack it, and add its files or a zip of them.",
        )
    raise RefusedError(
        "is neither a table, a picture nor a zip",
        "Nothing to do, unless it holds posts: then save them as CSV.",
    )
