"""Reads an upload: unpacks zips, parses tables, stores images, and rejects other files.

Each file becomes one or more tables, an image, or a rejection. Zips and files are read in worker processes
(`sandbox`). `batch` turns rows and images into posts.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from analysis.errors import IntakeError
from analysis.importers import table_suffixes
from analysis.importers.importer import ImportOptions
from analysis.importers.refused import RefusedError
from analysis.intake import sandbox
from analysis.intake.accounts import add_companion_notes
from analysis.intake.companions import Companion, companion_names
from analysis.intake.files import InputFile
from analysis.intake.folders import list_nearby_files
from analysis.intake.media import StoredImage
from analysis.intake.reading import Reading
from analysis.intake.references import find_image_paths
from analysis.intake.refused_files import RefusedFile, limit_refused_files, refused_file
from analysis.intake.rejections import Rejection, reject_file
from analysis.intake.tables import Table
from analysis.intake.totals import SPLIT, Totals
from analysis.intake.unpacking import make_names_unique, unpack_zips
from analysis.intake.worker_process import FileProgress, Progress
from analysis.settings import Settings

TABLES = "tables"
"""Folder of the media folder that holds the tables unpacked from zips."""


@dataclass(frozen=True)
class Inputs:
    """The contents of an upload.

    Attributes:
        tables: In upload order, names unique; each sheet of a workbook is a table.
        images: By name, in upload order.
        rejected: All other files and sheets; rejected rows are in `tables`.
        expected_files: All files, with the members of zips and the images in cells, and without system files
            (`files.is_system_file`).
        companions: Captions, lists of images, and other files that serve these files.
        used: Names of the companions whose content is in the tables.
        refused: Rejected files that may be tables if they are read in another way (`read_again`).
        folder: Where large data can be stored temporarily; None for the system's temporary folder.
        files: The files that were given.
        nearby: Images that were found in the folder of a table that names them.
        options: How the files were read: all of them, or each by name.
        rereads: Names of files that were read again afterwards, in order, and how (`reread`).
    """

    tables: tuple[Table, ...]
    images: Mapping[str, StoredImage]
    rejected: tuple[Rejection, ...]
    expected_files: int
    companions: tuple[Companion, ...] = ()
    used: frozenset[str] = frozenset()
    refused: tuple[RefusedFile, ...] = ()
    folder: Path | None = field(default=None, compare=False)
    files: tuple[InputFile, ...] = field(default=(), compare=False)
    nearby: tuple[InputFile, ...] = field(default=(), compare=False)
    options: ImportOptions | Mapping[str, ImportOptions] = field(default=ImportOptions(), compare=False)
    rereads: tuple[tuple[str, ImportOptions], ...] = field(default=(), compare=False)


def read_inputs(
    files: Sequence[InputFile],
    media_dir: Path,
    settings: Settings | None = None,
    progress: Progress = lambda *_: None,
    options: ImportOptions | Mapping[str, ImportOptions] | None = None,
    nearby: Path | Sequence[InputFile] | None = None,
    file_progress: FileProgress | None = None,
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
        nearby: A folder on this computer, chosen by its user, in which images are looked up that tables name by
            relative paths; or the images that were found there before.
        file_progress: Called in this thread about once a second while a large table is read, instead of
            `progress`, if it is given.

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
            reader = _Reader(media_dir, spool, settings, progress, options or {}, file_progress)
            unique = list(make_names_unique(unpack_zips(files, spool, settings, progress), settings))
            companions = companion_names([file.name for file in unique])
            found = _apply_table_limit(unique, companions, settings)
            outcomes = list(_within_limits(reader.read(found, companions), settings))
            nearby_files = (
                _find_nearby_files(outcomes, nearby, settings)
                if isinstance(nearby, Path)
                else list(nearby or ())
            )
            outcomes += reader.read_images(nearby_files)
            readings = [_move_out(each, spool, media_dir) for each in outcomes if isinstance(each, Reading)]
            kept = limit_refused_files(reader.refused_in(found), spool, settings)
            refused = [replace(each, content=_outside(each.content, spool, media_dir)) for each in kept]
    except OSError as error:
        raise IntakeError(
            "The batch",
            f"cannot be stored: {error.strerror or error}",
            "Free some disk space, or set POSTLENS_HOME to a folder on another disk.",
        ) from error
    listed = [[each] if isinstance(each, Rejection) else each.rejected for each in outcomes]
    rejected = tuple(rejection for each in listed for rejection in each)
    images = {image.name: image for reading in readings for image in reading.images}
    served = tuple(companion for reading in readings for companion in reading.companions)
    tables, used = add_companion_notes([table for reading in readings for table in reading.tables], served)
    return Inputs(
        tables=tuple(tables),
        images=images,
        rejected=rejected,
        expected_files=sum(bool(reading.tables) for reading in readings)
        + len(images)
        + len(served)
        + sum(rejection.kind == "file" for rejection in rejected),
        companions=served,
        used=frozenset(used),
        folder=media_dir,
        refused=tuple(refused),
        files=tuple(files),
        nearby=tuple(nearby_files),
        options=options or ImportOptions(),
    )


def _apply_table_limit(
    found: Sequence[InputFile | Rejection], companions: Collection[str], settings: Settings
) -> list[InputFile | Rejection]:
    """Reject the tables after the first `max_tables`; companions are no tables, whatever their suffixes."""
    result: list[InputFile | Rejection] = []
    suffixes = table_suffixes()
    tables = 0
    for file in found:
        if isinstance(file, InputFile) and file.suffix in suffixes and file.name not in companions:
            tables += 1
            if tables > settings.max_tables:
                problem = RefusedError(f"comes after the first {settings.max_tables:,} tables", SPLIT)
                result.append(reject_file(file.name, problem))
                continue
        result.append(file)
    return result


class _LargeFile:
    """The latest report from within a large file: its name, its bytes that were read, and its bytes, if known."""

    def __init__(self) -> None:
        self._latest: tuple[str, int, int] | None = None

    def report(self, name: str, done: int, total: int) -> None:
        """Replace the latest report."""
        self._latest = (name, done, total)

    def take(self) -> tuple[str, int, int] | None:
        """Return the latest report, if there is a new one."""
        latest, self._latest = self._latest, None
        return latest


@dataclass(frozen=True)
class _Reader:
    """Reads files in a few worker processes."""

    media_dir: Path
    spool: Path
    settings: Settings
    progress: Progress
    options: ImportOptions | Mapping[str, ImportOptions]
    file_progress: FileProgress | None
    _refused: dict[str, RefusedFile] = field(default_factory=dict)

    def read(
        self, found: Sequence[InputFile | Rejection], companions: Collection[str]
    ) -> Iterator[Reading | Rejection]:
        """Read files; outcomes are in the order of the files."""
        return self._read_all(found, lambda file: "companion" if file.name in companions else "file")

    def refused_in(self, found: Sequence[InputFile | Rejection]) -> list[RefusedFile]:
        """Return the refused ones of these files that may be tables, in their order."""
        files = [file for file in found if isinstance(file, InputFile)]
        return [self._refused[file.name] for file in files if file.name in self._refused]

    def read_images(self, found: Sequence[InputFile]) -> Iterator[Reading | Rejection]:
        """Read files as images and nothing else."""
        return self._read_all(found, lambda _: "image")

    def _read_all(
        self, found: Sequence[InputFile | Rejection], job_of: Callable[[InputFile], sandbox.ReadJob]
    ) -> Iterator[Reading | Rejection]:
        large = _LargeFile()
        done = 0
        with ThreadPoolExecutor(self.settings.reader_processes) as pool:
            for start in range(0, len(found), self.settings.queued_files):
                queued = found[start : start + self.settings.queued_files]
                for future in [pool.submit(self._read_one, file, job_of, large) for file in queued]:
                    while not wait([future], timeout=1).done:
                        if (within := large.take()) is None:
                            continue
                        if within[2] and self.file_progress:
                            self.file_progress(*within)
                        else:
                            self.progress(done, len(found))
                    done += 1
                    self.progress(done, len(found))
                    yield future.result()

    def _read_one(
        self,
        file: InputFile | Rejection,
        job_of: Callable[[InputFile], sandbox.ReadJob],
        large: _LargeFile,
    ) -> Reading | Rejection:
        if isinstance(file, Rejection):
            return file
        options = self.options
        given = options if isinstance(options, ImportOptions) else options.get(file.name)
        # A file for which the analyst chose a format is no companion of others.
        has_format = given is not None and given is not options and given.format is not None
        job = "file" if has_format else job_of(file)
        try:
            if file.size == 0:  # raises its problem, if it has one
                file.head()  # rejects it without a worker process, as zips can hold thousands of empty files
            return sandbox.read_in_worker(
                file,
                self.media_dir,
                self.settings,
                self.spool,
                partial(large.report, file.name),
                given,
                job,
            )
        except RefusedError as error:
            if job != "image" and (refused := refused_file(file, error, self.settings)):
                self._refused[file.name] = refused
            return reject_file(file.name, error)


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


def _find_nearby_files(
    outcomes: Sequence[Reading | Rejection], folder: Path, settings: Settings
) -> list[InputFile]:
    """Find the files next to the tables that their image columns name."""
    readings = [outcome for outcome in outcomes if isinstance(outcome, Reading)]
    tables = [table for reading in readings for table in reading.tables]
    known = {table.file for table in tables}
    known |= {image.name for reading in readings for image in reading.images}
    known |= {outcome.name for outcome in outcomes if isinstance(outcome, Rejection)}
    names = (
        name
        for table in tables
        for column in table.guess_mapping().images
        for chunk in table.cells.chunks([column])
        for name in find_image_paths(chunk.columns[column])
    )
    return [file for file in list_nearby_files(folder, names, settings) if file.name not in known]


def _move_out(reading: Reading, spool: Path, media_dir: Path) -> Reading:
    """Move the file of an unpacked table out of the spool, which will be removed."""
    raw = _outside(reading.tables[0].raw, spool, media_dir) if reading.tables else b""
    return reading.with_raw(raw) if isinstance(raw, Path) else reading


def _outside(content: bytes | Path, spool: Path, media_dir: Path) -> bytes | Path:
    """Move a file out of the spool, if it is there."""
    if not isinstance(content, Path) or not content.is_relative_to(spool):
        return content
    target = media_dir / TABLES / secrets.token_hex(8)
    target.parent.mkdir(0o700, exist_ok=True)
    return content.rename(target)
