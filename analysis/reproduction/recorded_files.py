"""Finds the files of a manifest among those that are given, by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from analysis.importers import RefusedError
from analysis.intake import InputFile, list_files
from analysis.intake.files import is_system_file
from analysis.intake.folders import list_nearby_files
from analysis.intake.record import InputRecord, RecordedFile
from analysis.reproduction.differences import Difference
from analysis.settings import Settings
from analysis.wording import format_count

_LISTED = 20  # files that are named


@dataclass(frozen=True)
class FoundFiles:
    """The files of a manifest.

    Attributes:
        contents: The file with the content of each recorded file; one with the same name and another content if
            there is no better; None if there is none, or it was not read.
        differences: Files that are missing, or have another content.
        extra: Names of files that are not in the manifest, which are not read.
    """

    contents: tuple[Path | None, ...]
    differences: tuple[Difference, ...]
    extra: tuple[str, ...]


def find_recorded_files(
    record: InputRecord, places: Sequence[Path], ignored: Set[Path] = frozenset()
) -> FoundFiles:
    """Find the recorded files, whatever their names are now.

    Args:
        record: How the files of the manifest were read.
        places: Files and folders. Files that a recorded table names are also looked up next to a file.
        ignored: Real paths of files that are no input, such as the manifest.

    Raises:
        IntakeError: A place cannot be read, or is an empty folder.
    """
    given = _list_given(record, places, ignored)
    sizes = {file.size for file in record.files}
    digests = {path: _hash_file(file) if _size(file) in sizes else "" for path, file in given.items()}
    by_digest: dict[str, list[InputFile]] = {}
    for path, digest in digests.items():
        by_digest.setdefault(digest, []).append(given[path])
    contents: list[Path | None] = []
    differences: list[Difference] = []
    for file in record.files:
        if file.problem:
            contents.append(None)
            continue
        same = by_digest.get(file.sha256, [])
        found = next((each for each in same if each.name == file.name), next(iter(same), None))
        if found is None:
            found = _find_by_name(file, list(given.values()))
            differences.append(_describe_difference(file, found))
        contents.append(None if found is None else Path(str(found.content)))
    known = {file.sha256 for file in record.files}
    used = {path.resolve() for path in contents if path is not None}
    extra = [file.name for path, file in given.items() if path not in used and digests[path] not in known]
    return FoundFiles(tuple(contents), _limit(differences), tuple(extra))


def _list_given(record: InputRecord, places: Sequence[Path], ignored: Set[Path]) -> dict[Path, InputFile]:
    """List the files of all places by their real paths."""
    nearby = [file.name for file in record.files if file.is_nearby]
    found: list[InputFile] = []
    for place in places:
        found += list_files(place)
        if place.is_file():
            found += list_nearby_files(place.parent, nearby, Settings())
    given: dict[Path, InputFile] = {}
    for file in found:
        if not file.problem and isinstance(file.content, Path) and not is_system_file(file.name):
            path = file.content.resolve()
            if path not in ignored:
                given.setdefault(path, file)
    return given


def _find_by_name(file: RecordedFile, given: Sequence[InputFile]) -> InputFile | None:
    same = [each for each in given if each.name == file.name]
    base = InputFile(file.name, b"").base
    return next(iter(same or [each for each in given if each.base == base]), None)


def _describe_difference(file: RecordedFile, found: InputFile | None) -> Difference:
    if found is None:
        return Difference("input", f"{file.name} is missing ({file.size:,} bytes, SHA-256 {file.sha256})")
    return Difference(
        "input",
        f"{file.name} has another content: SHA-256 {_hash_file(found) or 'not readable'} here, "
        f"{file.sha256} in the manifest",
    )


def _limit(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    more = len(differences) - _LISTED
    rest = (
        [
            Difference(
                "input", f"{format_count(more, 'more file')} could not be found with the recorded content"
            )
        ]
        if more > 0
        else []
    )
    return (*differences[:_LISTED], *rest)


def _size(file: InputFile) -> int | None:
    try:
        return file.size
    except RefusedError:
        return None


def _hash_file(file: InputFile) -> str:
    """Hash the content of a file; "" if it cannot be read."""
    try:
        with file.open() as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, RefusedError):
        return ""
