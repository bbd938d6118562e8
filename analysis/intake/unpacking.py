"""Files of an upload: members of zips in place of the zips, each with a unique name."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from analysis.importers import table_suffixes
from analysis.importers.refused import RefusedError
from analysis.intake import sandbox
from analysis.intake.files import InputFile, is_system_file
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.worker_process import Progress
from analysis.settings import Settings

_TABLES_FOR_NAMES = 10  # tables next to a zip that its members' names are compared with


def unpack_zips(
    files: Sequence[InputFile], spool: Path, settings: Settings, progress: Progress
) -> list[InputFile | Rejection]:
    """Replace each zip by its members, and leave out system files."""
    found: list[InputFile | Rejection] = []
    suffixes = table_suffixes()
    tables = [file for file in files if file.suffix in suffixes and not file.problem][:_TABLES_FOR_NAMES]

    def report(found_before: int, _: int, members: int) -> None:
        progress(0, found_before + members)

    for number, file in enumerate(files):
        if is_system_file(file.name):
            continue
        if file.suffix != ".zip" or file.problem:
            found.append(file)
            continue
        folder = spool / f"{number:06}"
        folder.mkdir()
        try:
            members, rejected = sandbox.unpack_in_worker(
                file, folder, settings, spool, partial(report, len(found)), tables
            )
            found += [*members, *rejected]
        except RefusedError as error:
            found.append(reject_file(file.name, error))
    return found


def make_names_unique(
    found: Sequence[InputFile | Rejection], settings: Settings
) -> Iterator[InputFile | Rejection]:
    """Give files unique names; reject the second of two with equal names and contents, and names that are too long.

    Each post and each rejection repeats the name of its file.
    """
    counts = Counter(file.name for file in found if isinstance(file, InputFile))
    names = set(counts)
    contents: dict[str, set[bytes]] = defaultdict(set)
    for file in found:
        if isinstance(file, InputFile) and len(file.name) > settings.max_file_name_chars:
            yield _reject_long_name(file, settings)
            continue
        if isinstance(file, Rejection) or counts[file.name] == 1:
            yield file
            continue
        try:
            with file.open() as opened:
                digest = hashlib.file_digest(opened, "sha256").digest()
        except RefusedError as error:
            yield reject_file(file.name, error)
            continue
        known = contents[file.name]
        if digest in known:
            problem = RefusedError(
                "is the same as the other file of this name", "Ignore this; the first one was used."
            )
            yield reject_file(file.name, problem)
            continue
        known.add(digest)
        number = len(known)
        path, name = PurePosixPath(file.name), file.name
        while number > 1 and name in names:
            name = f"{file.name.removesuffix(path.suffix)} ({number}){path.suffix}"
            number += 1
        names.add(name)
        yield replace(file, name=name)


def _reject_long_name(file: InputFile, settings: Settings) -> Rejection:
    limit = settings.max_file_name_chars
    problem = RefusedError(
        f"has a name of {len(file.name):,} characters with its folders; the limit is {limit:,}",
        "Rename it, or put it into fewer folders.",
    )
    return reject_file(f"…{file.name[-limit:]}", problem)
