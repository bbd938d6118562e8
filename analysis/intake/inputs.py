"""Reading of an upload: zips are unpacked, tables parsed, images stored, and other files rejected.

Each file becomes a table, an image, or a rejection. Zips and files are read in worker processes (`sandbox`). `batch`
turns rows and images into posts.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from analysis.errors import IntakeError
from analysis.importers import table_suffixes
from analysis.importers.refused import RefusedError
from analysis.intake import sandbox
from analysis.intake.accounts import describe_tables
from analysis.intake.batch_limits import Outcome, within_row_limits, within_table_limit
from analysis.intake.companions import Companion, companion_names
from analysis.intake.files import InputFile, is_system_file
from analysis.intake.folders import files_beside
from analysis.intake.media import StoredImage
from analysis.intake.references import paths_in
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.tables import Table
from analysis.intake.worker_process import Progress
from analysis.settings import Settings

TABLES = "tables"
"""Folder of the media folder that holds the tables unpacked from zips."""
_WORKERS = 2  # worker processes; more would have more large images in memory
_TABLES_FOR_NAMES = 10  # tables beside a zip in which the names of its members are looked up
_MAX_QUEUED = 200  # files submitted to the workers together


@dataclass(frozen=True)
class Inputs:
    """The contents of an upload.

    Attributes:
        tables: In upload order, names unique.
        images: By name, in upload order.
        rejected: All other files; rejected rows are in `tables`.
        expected_files: `len(tables) + len(images) + len(companions) + len(rejected)`: all files, with the
            members of zips and without system files (`files.is_system_file`).
        companions: Captions, lists of images, and other files that serve these files.
        used: Names of the companions whose content is in the tables.
    """

    tables: tuple[Table, ...]
    images: Mapping[str, StoredImage]
    rejected: tuple[Rejection, ...]
    expected_files: int
    companions: tuple[Companion, ...] = ()
    used: frozenset[str] = frozenset()


def read_inputs(
    files: Sequence[InputFile],
    media_dir: Path,
    settings: Settings | None = None,
    progress: Progress = lambda *_: None,
    beside: Path | None = None,
) -> Inputs:
    """Read files of any kind.

    Of files with equal names and contents only the first is read; equal names with other contents are numbered.

    Args:
        files: Tables, images, zips, or others.
        media_dir: Where images are stored; created if missing. Zips are unpacked there and removed afterwards.
        settings: Limits; the defaults when None.
        progress: Called in this thread with files read and files found so far, for each file and while zips are
            unpacked.
        beside: A folder on this computer, given by its user, in which images that tables name by relative paths are
            looked up.

    Returns:
        Tables, images and rejections.

    Raises:
        IntakeError: If they cannot be stored.
    """
    settings = settings or Settings()
    try:
        media_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".unpacked-", dir=media_dir, ignore_cleanup_errors=True
        ) as folder:
            spool = Path(folder)
            reading = _Reading(media_dir, spool, settings, progress)
            unique = list(_make_names_unique(_unpack_zips(files, spool, settings, progress), settings))
            likely = companion_names([file.name for file in unique])
            found = within_table_limit(unique, likely, settings)
            outcomes = within_row_limits(reading.read(found, likely), settings)
            if beside:
                outcomes += reading.read_images(_beside(outcomes, beside, settings))
            outcomes = [_move_out(outcome, spool, media_dir) for outcome in outcomes]
    except OSError as error:
        raise IntakeError(
            "The batch",
            f"cannot be stored: {error.strerror or error}",
            "Free some disk space, or set POSTLENS_HOME to a folder on another disk.",
        ) from error
    companions = tuple(outcome for outcome in outcomes if isinstance(outcome, Companion))
    tables = [outcome for outcome in outcomes if isinstance(outcome, Table)]
    described, used = describe_tables(tables, companions)
    return Inputs(
        tables=tuple(described),
        images={outcome.name: outcome for outcome in outcomes if isinstance(outcome, StoredImage)},
        rejected=tuple(outcome for outcome in outcomes if isinstance(outcome, Rejection)),
        expected_files=len(outcomes),
        companions=companions,
        used=frozenset(used),
    )


def _unpack_zips(
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


def _make_names_unique(
    found: Sequence[InputFile | Rejection], settings: Settings
) -> Iterator[InputFile | Rejection]:
    """Give files unique names; reject the second of two with equal names and contents, and names that are too long.

    Each post and each reason repeats the name of its file.
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
                "is the same as the other file of this name", "Nothing is missing; leave it out."
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


@dataclass(frozen=True)
class _Reading:
    """Reads files in a few worker processes."""

    media_dir: Path
    spool: Path
    settings: Settings
    progress: Progress

    def read(self, found: Sequence[InputFile | Rejection], companions: Set[str]) -> Iterator[Outcome]:
        """Read files; outcomes are in the order of the files."""
        return self._read_all(found, lambda file: "companion" if file.name in companions else "file")

    def read_images(self, found: Sequence[InputFile]) -> Iterator[Outcome]:
        """Read files as images and nothing else."""
        return self._read_all(found, lambda _: "image")

    def _read_all(
        self, found: Sequence[InputFile | Rejection], job_of: Callable[[InputFile], sandbox.ReadJob]
    ) -> Iterator[Outcome]:
        alive = threading.Event()  # set while a worker reads a large file

        def read(file: InputFile | Rejection) -> Outcome:
            if isinstance(file, Rejection):
                return file
            try:
                if file.problem:
                    raise file.problem
                job = job_of(file)
                return sandbox.read(
                    file, self.media_dir, self.settings, self.spool, lambda *_: alive.set(), job
                )
            except RefusedError as error:
                return reject_file(file.name, error)

        done = 0
        with ThreadPoolExecutor(_WORKERS) as pool:
            for start in range(0, len(found), _MAX_QUEUED):
                for future in [pool.submit(read, file) for file in found[start : start + _MAX_QUEUED]]:
                    while not wait([future], timeout=1).done:
                        if alive.is_set():
                            alive.clear()
                            self.progress(done, len(found))
                    done += 1
                    self.progress(done, len(found))
                    yield future.result()


def _beside(outcomes: Iterable[Outcome], folder: Path, settings: Settings) -> list[InputFile]:
    """Find the files beside the tables that their columns of images name."""
    read = {outcome.name for outcome in outcomes}
    tables = [outcome for outcome in outcomes if isinstance(outcome, Table)]
    names = (
        name
        for table in tables
        for column in table.guess_mapping().images
        for name in paths_in(table.rows[column].tolist())
    )
    return [file for file in files_beside(folder, names, settings) if file.name not in read]


def _move_out(outcome: Outcome, spool: Path, media_dir: Path) -> Outcome:
    """Move the file of an unpacked table out of the spool, which will be removed."""
    if isinstance(outcome, Table) and isinstance(outcome.raw, Path) and outcome.raw.is_relative_to(spool):
        target = media_dir / TABLES / secrets.token_hex(8)
        target.parent.mkdir(0o700, exist_ok=True)
        return replace(outcome, raw=outcome.raw.rename(target))
    return outcome
