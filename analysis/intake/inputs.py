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
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.tables import Table
from analysis.intake.worker_process import Progress
from analysis.settings import MB, Settings

TABLES = "tables"
"""Folder of the media folder that holds the tables unpacked from zips."""
_WORKERS = 2  # worker processes; more would have more large images in memory
_AT_ONCE = 200  # files submitted to the workers together
_SPLIT = "Score the rest in another batch."


@dataclass(frozen=True)
class Inputs:
    """The contents of an upload.

    Attributes:
        tables: In upload order, names unique.
        images: By name, in upload order.
        rejected: All other files; rejected rows are in `tables`.
        expected_files: `len(tables) + len(images) + len(rejected)`: all files, with the
            members of zips and without system files (`files.is_system_file`).
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

    Of files with equal names and contents only the first is read; equal names with other contents are numbered.

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
        IntakeError: If they cannot be stored.
    """
    settings = settings or Settings()
    try:
        media_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".unpacked-", dir=media_dir, ignore_cleanup_errors=True
        ) as folder:
            spool = Path(folder)
            unpacked = _unpacked(files, spool, settings, progress)
            found = _within_table_limit(list(_with_unique_names(unpacked, settings)), settings)
            read = _read_all(found, media_dir, spool, settings, progress, options or {})
            outcomes = _within_row_limits(read, settings)
            outcomes = [_move_out(outcome, spool, media_dir) for outcome in outcomes]
    except OSError as error:
        raise IntakeError(
            "The batch",
            f"cannot be stored: {error.strerror or error}",
            "Free some disk space, or set POSTLENS_HOME to a folder on another disk.",
        ) from error
    return Inputs(
        tables=tuple(outcome for outcome in outcomes if isinstance(outcome, Table)),
        images={outcome.name: outcome for outcome in outcomes if isinstance(outcome, StoredImage)},
        rejected=tuple(outcome for outcome in outcomes if isinstance(outcome, Rejection)),
        expected_files=len(outcomes),
    )


def _unpacked(
    files: Sequence[InputFile], spool: Path, settings: Settings, progress: Progress
) -> list[InputFile | Rejection]:
    """Replace each zip by its members, and leave out system files."""
    found: list[InputFile | Rejection] = []

    def report(found_before: int, _: int, members: int) -> None:
        progress(0, found_before + members)

    for number, file in enumerate(files):
        if is_system_file(file.name):
            continue
        if file.ending != ".zip":
            found.append(file)
            continue
        folder = spool / f"{number:06}"
        folder.mkdir()
        try:
            members, rejected = sandbox.expand_archive(
                file, folder, settings, spool, partial(report, len(found))
            )
            found += [*members, *rejected]
        except RefusedError as error:
            found.append(reject_file(file.name, error))
    return found


def _with_unique_names(
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
            yield _name_too_long(file, settings)
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


def _name_too_long(file: InputFile, settings: Settings) -> Rejection:
    limit = settings.max_file_name_chars
    problem = RefusedError(
        f"has a name of {len(file.name):,} characters with its folders; the limit is {limit:,}",
        "Rename it, or put it into fewer folders.",
    )
    return reject_file(f"…{file.name[-limit:]}", problem)


def _within_table_limit(
    found: Sequence[InputFile | Rejection], settings: Settings
) -> list[InputFile | Rejection]:
    """Refuse the tables that come after the first `max_tables`."""
    result: list[InputFile | Rejection] = []
    suffixes = table_suffixes()
    tables = 0
    for file in found:
        if isinstance(file, InputFile) and file.ending in suffixes:
            tables += 1
            if tables > settings.max_tables:
                problem = RefusedError(f"comes after the first {settings.max_tables:,} tables", _SPLIT)
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
) -> Iterator[Table | StoredImage | Rejection]:
    """Read files in a few worker processes; outcomes are in the order of the files."""
    alive = threading.Event()  # set while a worker reads a large file

    def read(file: InputFile | Rejection) -> Table | StoredImage | Rejection:
        if isinstance(file, Rejection):
            return file
        try:
            given = options if isinstance(options, ImportOptions) else options.get(file.name)
            return sandbox.read(file, media_dir, settings, spool, lambda *_: alive.set(), given)
        except RefusedError as error:
            return reject_file(file.name, error)

    done = 0
    with ThreadPoolExecutor(_WORKERS) as pool:
        for start in range(0, len(found), _AT_ONCE):
            for future in [pool.submit(read, file) for file in found[start : start + _AT_ONCE]]:
                while not wait([future], timeout=1).done:
                    if alive.is_set():
                        alive.clear()
                        progress(done, len(found))
                done += 1
                progress(done, len(found))
                yield future.result()


def _within_row_limits(
    outcomes: Iterator[Table | StoredImage | Rejection], settings: Settings
) -> list[Table | StoredImage | Rejection]:
    """Refuse the tables that bring the upload above the limits of tables, rows, rejected rows, cells or names."""
    result: list[Table | StoredImage | Rejection] = []
    tables = rows = rejected = size = names = 0
    for outcome in outcomes:
        if isinstance(outcome, Table):
            problem = None
            more = int(outcome.rows.memory_usage(index=False).sum())
            tables += 1
            if tables > settings.max_tables:
                problem = RefusedError(f"comes after the first {settings.max_tables:,} tables", _SPLIT)
            elif rows and rows + outcome.n_rows > settings.max_table_rows:
                limit = f"{settings.max_table_rows:,}"
                fact = f"brings the batch to {rows + outcome.n_rows:,} rows; the limit is {limit}"
                problem = RefusedError(fact, _SPLIT)
            elif rejected + len(outcome.rejected) > settings.max_rejected_rows:
                limit = f"{settings.max_rejected_rows:,}"
                fact = f"brings the batch to more than {limit} rows that cannot be read"
                problem = RefusedError(fact, "Check the separator and the quotation marks of your tables.")
            elif size and size + more > settings.max_tables_memory:
                limit = f"{settings.max_tables_memory / MB:,.0f} MB"
                problem = RefusedError(f"brings the tables of the batch to more than {limit}", _SPLIT)
            elif names + (named := _repeated_names(outcome)) > settings.max_names_memory + 4 * (size + more):
                limit = f"{settings.max_names_memory / MB:,.0f} MB"
                fact = (
                    f"has such long names of columns that, once for each value, they take more than {limit}"
                )
                problem = RefusedError(fact, "Give its columns shorter names.")
            if problem:
                result.append(reject_file(outcome.name, problem))
                continue
            rows, rejected = rows + outcome.n_rows, rejected + len(outcome.rejected)
            size, names = size + more, names + named
        result.append(outcome)
    return result


def _repeated_names(table: Table) -> int:
    """Sum the lengths of column names, each once per value: posts store extra values with their column's name."""
    return sum(len(name) * int((table.rows[name] != "").sum()) for name in table.columns)


def _move_out(
    outcome: Table | StoredImage | Rejection, spool: Path, media_dir: Path
) -> Table | StoredImage | Rejection:
    """Move the file of an unpacked table out of the spool, which will be removed."""
    if isinstance(outcome, Table) and isinstance(outcome.raw, Path) and outcome.raw.is_relative_to(spool):
        target = media_dir / TABLES / secrets.token_hex(8)
        target.parent.mkdir(0o700, exist_ok=True)
        return replace(outcome, raw=outcome.raw.rename(target))
    return outcome
