"""A record of the files of a batch and of how they were read, from which intake can be repeated exactly.

`record_input` makes it, `read_recorded_input` repeats it. It may come from anywhere: `check_input_record` checks it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.environment import list_versions
from analysis.errors import IntakeError
from analysis.importers import ColumnMapping, ImportOptions, RefusedError
from analysis.importers.importer import find_encoding, is_delimiter
from analysis.importers.registry import get_importer
from analysis.importers.sources import get_source
from analysis.intake.files import InputFile, clean_file_name, is_system_file
from analysis.intake.inputs import Inputs, read_inputs
from analysis.intake.reread import reread_refused, reread_table
from analysis.intake.worker_process import Progress
from analysis.timezones import UTC_NAME, get_timezone

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class RecordedFile:
    """A file that was given.

    Attributes:
        name: Its name, with folders.
        size: Bytes; 0 if it was not read.
        sha256: The hash of its content; "" if it was not read.
        problem: Why it was not read, such as a link that leads out of its folder; "" if it was.
        remedy: What to do about that.
        is_nearby: Whether it was found in the folder of a table that names it, instead of being given.
    """

    name: str
    size: int = 0
    sha256: str = ""
    problem: str = ""
    remedy: str = ""
    is_nearby: bool = False


@dataclass(frozen=True)
class RecordedOptions:
    """How one file was read, where that was chosen."""

    file: str
    options: ImportOptions


@dataclass(frozen=True)
class RecordedTable:
    """A table that was found, and which of its columns hold what.

    Attributes:
        name: Its name within the upload.
        file: The name of its file.
        rows: Its data rows.
        mapping: Its columns by field, as they were used.
        timezone: The zone of times without one.
        source: The label of the tool or platform that was recognised; "" for none.
    """

    name: str
    file: str
    rows: int
    mapping: ColumnMapping
    timezone: str = UTC_NAME
    source: str = ""


@dataclass(frozen=True)
class InputRecord:
    """The files of a batch, and how they were read.

    Attributes:
        files: In the order in which they were read.
        tables: In the order of their posts.
        versions: The versions of PostLens and of the libraries that read the files.
        options: How all files were read.
        file_options: How single files were read instead.
        rereads: Files that were read again afterwards, in order.
        kept: Columns of the analyst's own tables that are filters.
    """

    files: tuple[RecordedFile, ...]
    tables: tuple[RecordedTable, ...]
    versions: Mapping[str, str]
    options: ImportOptions = field(default_factory=ImportOptions)
    file_options: tuple[RecordedOptions, ...] = ()
    rereads: tuple[RecordedOptions, ...] = ()
    kept: tuple[str, ...] = ()


def record_input(
    inputs: Inputs,
    mappings: Mapping[str, ColumnMapping] | None = None,
    timezones: str | Mapping[str, str] = UTC_NAME,
    kept: Sequence[str] = (),
) -> InputRecord:
    """Record the files of an upload, while they are still there.

    Args:
        inputs: What was read.
        mappings: The mapping of each table by name; others are mapped by their column names (`check_batch`).
        timezones: The zone of times without one, as for `check_batch`.
        kept: Columns of the analyst's own tables that are filters.
    """
    chosen = mappings or {}
    zones = timezones if isinstance(timezones, Mapping) else {}
    for_all = inputs.options if isinstance(inputs.options, ImportOptions) else ImportOptions()
    single = {} if isinstance(inputs.options, ImportOptions) else inputs.options
    given = [_record_file(file) for file in inputs.files if not is_system_file(file.name)]
    return InputRecord(
        files=(*given, *(replace(_record_file(file), is_nearby=True) for file in inputs.nearby)),
        tables=tuple(
            RecordedTable(
                table.name,
                table.file,
                table.n_rows,
                (chosen.get(table.name) or table.guess_mapping()).within(table.columns),
                timezones if isinstance(timezones, str) else zones.get(table.name, UTC_NAME),
                table.source,
            )
            for table in inputs.tables
        ),
        versions=list_versions(),
        options=for_all,
        file_options=tuple(RecordedOptions(name, options) for name, options in single.items()),
        rereads=tuple(RecordedOptions(name, options) for name, options in inputs.rereads),
        kept=tuple(kept),
    )


def read_recorded_input(
    record: InputRecord,
    contents: Sequence[Path | None],
    media_dir: Path,
    progress: Progress = lambda *_: None,
) -> Inputs:
    """Read the files of a record as they were read before.

    Args:
        record: The record.
        contents: The file with the content of each of `record.files`; None for those that are missing or were not
            read.
        media_dir: Where images are stored.
        progress: Called with the number of files read and found so far.

    Raises:
        IntakeError: The files cannot be read in this way.
    """
    found = [
        (file, InputFile(file.name, path) if path is not None else _unread_file(file))
        for file, path in zip(record.files, contents, strict=True)
        if path is not None or file.problem
    ]
    single = {each.file: each.options for each in record.file_options}
    inputs = read_inputs(
        [file for recorded, file in found if not recorded.is_nearby],
        media_dir,
        progress=progress,
        options=single or record.options,
        nearby=[file for recorded, file in found if recorded.is_nearby],
    )
    for each in record.rereads:
        inputs = _repeat_reread(inputs, each, media_dir)
    return inputs


def check_input_record(record: InputRecord) -> None:
    """Check the values of a record that may come from anywhere.

    Raises:
        IntakeError: A hash, a format, a source, an encoding, a separator or a time zone is invalid.
    """
    for file in record.files:
        if not file.problem and not _SHA256.fullmatch(file.sha256):
            raise _invalid_error(f"The SHA-256 of {file.name}", "does not have 64 hexadecimal digits")
    for table in record.tables:
        get_timezone(table.timezone)
    for options in (record.options, *(each.options for each in (*record.file_options, *record.rereads))):
        _check_options(options)


def _check_options(options: ImportOptions) -> None:
    try:
        if options.encoding is not None:
            find_encoding(options.encoding)
        if options.format is not None:
            get_importer(options.format)
        if options.source is not None:
            get_source(options.source)
    except ValueError as error:
        raise _invalid_error("How a file was read", f"is not valid: {error}") from error
    if options.delimiter is not None and not is_delimiter(options.delimiter):
        raise _invalid_error("A separator of fields", "is not one character that can separate fields")
    if options.header_row is not None and options.header_row < 0:
        raise _invalid_error("The number of a header row", "is negative")


def _invalid_error(thing: str, fact: str) -> IntakeError:
    return IntakeError(thing, fact, "Use the manifest as it was written.")


def _record_file(file: InputFile) -> RecordedFile:
    try:
        with file.open() as opened:
            return RecordedFile(file.name, file.size, hashlib.file_digest(opened, "sha256").hexdigest())
    except RefusedError as problem:
        return RecordedFile(file.name, problem=problem.reason, remedy=problem.remedy)


def _unread_file(file: RecordedFile) -> InputFile:
    return InputFile(file.name, b"", problem=RefusedError(file.problem, file.remedy))


def _repeat_reread(inputs: Inputs, again: RecordedOptions, media_dir: Path) -> Inputs:
    for table in inputs.tables:
        if table.file == again.file:
            return reread_table(inputs, table, again.options, media_dir)
    for refused in inputs.refused:
        if refused.name == again.file:
            return reread_refused(inputs, refused, again.options, media_dir)
    raise IntakeError(
        clean_file_name(again.file),
        "was read in another way, but is not in the input now",
        "Give the files of the manifest.",
    )
