"""Reads an upload: unpacks zips, parses tables, stores images, and rejects other files.

Each file becomes one or more tables, an image, or a rejection. Zips and files are read in worker processes
(`sandbox`). `batch` turns rows and images into posts.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from analysis.errors import IntakeError
from analysis.importers import table_suffixes
from analysis.importers.importer import ImportOptions
from analysis.importers.refused import RefusedError
from analysis.intake import sandbox
from analysis.intake.files import InputFile, is_system_file
from analysis.intake.media import StoredImage
from analysis.intake.reading import Reading
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.tables import Table
from analysis.intake.totals import SPLIT, Totals
from analysis.intake.worker_process import Progress
from analysis.settings import Settings

TABLES = "tables"
"""Folder of the media folder that holds the tables unpacked from zips."""
_WORKERS = 2  # worker processes; more would have more large images in memory
_MAX_QUEUED = 200  # files submitted to the workers together


@dataclass(frozen=True)
class Inputs:
    """The contents of an upload.

    Attributes:
        tables: In upload order, names unique; each sheet of a workbook is a table.
        images: By name, in upload order.
        rejected: All other files and sheets; rejected rows are in `tables`.
        expected_files: All files, with the members of zips and the images in cells, and without system files
            (`files.is_system_file`).
    """

    tables: tuple[Table, ...]
    images: Mapping[str, StoredImage]
    rejected: tuple[Rejection, ...]
    expected_files: int


def read_inputs(
    files: Sequence[InputFile],
    media_dir: Path,
    settings: Settings | None = None,
    progress: Progress = lambda *_: None,
    options: ImportOptions | Mapping[str, ImportOptions] | None = None,
) -> Inputs:
    """Read files of any kind.

    If files have equal names and contents, only the first is read; files with equal names and different contents are
    numbered.

    Args:
        files: Tables, images, zips, or others.
        media_dir: Where images are stored; created if missing. Zips are unpacked there and removed afterwards.
        settings: Limits; the defaults when None.
        progress: Called in this thread with files read and files found so far, for each file and while zips are
            unpacked.
        options: How to read all tables, or each table by name, where the guess is wrong.

    Returns:
        Tables, images and rejections.

    Raises:
        IntakeError: If the files cannot be stored.
    """
    settings = settings or Settings()
    try:
        media_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".unpacked-", dir=media_dir, ignore_cleanup_errors=True
        ) as folder:
            spool = Path(folder)
            unpacked = _unpack_zips(files, spool, settings, progress)
            found = _apply_table_limit(list(_make_names_unique(unpacked, settings)), settings)
            read = _read_all(found, media_dir, spool, settings, progress, options or {})
            outcomes = list(_within_limits(read, settings))
            readings = [_move_out(each, spool, media_dir) for each in outcomes if isinstance(each, Reading)]
    except OSError as error:
        raise IntakeError(
            "The batch",
            f"cannot be stored: {error.strerror or error}",
            "Free some disk space, or set POSTLENS_HOME to a folder on another disk.",
        ) from error
    listed = [[each] if isinstance(each, Rejection) else each.rejected for each in outcomes]
    rejected = tuple(rejection for each in listed for rejection in each)
    images = {image.name: image for reading in readings for image in reading.images}
    return Inputs(
        tables=tuple(table for reading in readings for table in reading.tables),
        images=images,
        rejected=rejected,
        expected_files=sum(bool(reading.tables) for reading in readings)
        + len(images)
        + sum(rejection.kind == "file" for rejection in rejected),
    )


def _unpack_zips(
    files: Sequence[InputFile], spool: Path, settings: Settings, progress: Progress
) -> list[InputFile | Rejection]:
    """Replace each zip by its members, and leave out system files."""
    found: list[InputFile | Rejection] = []

    def report(found_before: int, _: int, members: int) -> None:
        progress(0, found_before + members)

    for number, file in enumerate(files):
        if is_system_file(file.name):
            continue
        if file.suffix != ".zip":
            found.append(file)
            continue
        folder = spool / f"{number:06}"
        folder.mkdir()
        try:
            members, rejected = sandbox.unpack_in_worker(
                file, folder, settings, spool, partial(report, len(found))
            )
            found += [*members, *rejected]
        except RefusedError as error:
            found.append(reject_file(file.name, error))
    return found


def _make_names_unique(
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


def _apply_table_limit(
    found: Sequence[InputFile | Rejection], settings: Settings
) -> list[InputFile | Rejection]:
    """Reject the tables after the first `max_tables`."""
    result: list[InputFile | Rejection] = []
    suffixes = table_suffixes()
    tables = 0
    for file in found:
        if isinstance(file, InputFile) and file.suffix in suffixes:
            tables += 1
            if tables > settings.max_tables:
                problem = RefusedError(f"comes after the first {settings.max_tables:,} tables", SPLIT)
                result.append(reject_file(file.name, problem))
                continue
        result.append(file)
    return result


def _read_all(
    found: Sequence[InputFile | Rejection],
    media_dir: Path,
    spool: Path,
    settings: Settings,
    progress: Progress,
    options: ImportOptions | Mapping[str, ImportOptions],
) -> Iterator[Reading | Rejection]:
    """Read files in a few worker processes; outcomes are in the order of the files."""
    alive = threading.Event()  # set by progress within a large file

    def read(file: InputFile | Rejection) -> Reading | Rejection:
        if isinstance(file, Rejection):
            return file
        try:
            if file.size == 0:
                file.head()  # rejects it without a worker process, as zips can hold thousands of empty files
            given = options if isinstance(options, ImportOptions) else options.get(file.name)
            return sandbox.read(file, media_dir, settings, spool, lambda *_: alive.set(), given)
        except RefusedError as error:
            return reject_file(file.name, error)

    done = 0
    with ThreadPoolExecutor(_WORKERS) as pool:
        for start in range(0, len(found), _MAX_QUEUED):
            for future in [pool.submit(read, file) for file in found[start : start + _MAX_QUEUED]]:
                while not wait([future], timeout=1).done:
                    if alive.is_set():
                        alive.clear()
                        progress(done, len(found))
                done += 1
                progress(done, len(found))
                yield future.result()


def _within_limits(
    outcomes: Iterator[Reading | Rejection], settings: Settings
) -> Iterator[Reading | Rejection]:
    """Refuse the files whose tables bring the upload above a limit."""
    totals = Totals(settings)
    for outcome in outcomes:
        if isinstance(outcome, Reading) and outcome.tables and (problem := totals.add(outcome)):
            yield reject_file(outcome.tables[0].file, problem)
        else:
            yield outcome


def _move_out(reading: Reading, spool: Path, media_dir: Path) -> Reading:
    """Move the file of an unpacked table out of the spool, which will be removed."""
    raw = reading.tables[0].raw if reading.tables else None
    if isinstance(raw, Path) and raw.is_relative_to(spool):
        target = media_dir / TABLES / secrets.token_hex(8)
        target.parent.mkdir(0o700, exist_ok=True)
        return reading.with_raw(raw.rename(target))
    return reading
