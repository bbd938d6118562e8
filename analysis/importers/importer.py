"""The description of an importer, and the rows that it reads."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.importers.byte_source import ByteSource
from analysis.settings import Settings

_MAX_LISTED_COLUMNS = 20  # column names in a message
_MAX_LISTED_CHARS = 100  # characters of each name
_SUFFIX_CONFIDENCE = 0.5
_CONTRADICTED = 0.1  # confidence of a suffix if the first bytes are not those of its kind
LIKELY = 0.4
"""Confidence from content that counts less than a suffix."""
CERTAIN = 0.6
"""Confidence from content that counts more than a suffix."""
SNIFF_BYTES = 64 * 1024
"""Bytes from the start of a file that its kind of table is recognised from; rows of 3,000 characters are common."""


@dataclass(frozen=True)
class RefusedRow:
    """A data row that could not be read.

    Attributes:
        number: Its number among the data rows, from 1.
        reason: The fact, worded to follow the row's number.
        remedy: What to do, as a sentence.
        raw: The row's original content.
    """

    number: int
    reason: str
    remedy: str
    raw: str


@dataclass(frozen=True)
class ImportedRows:
    """The rows of one file.

    Attributes:
        columns: Column names, unique.
        rows: The cells of each readable data row by its number, from 1: one string per column, "" where blank.
        refused: The other data rows.
        notes: How the file was read, for display: encoding, delimiter, header row.
        sheet: The name of its sheet in a workbook, "" for other files.
        images: The images that cells hold, by the names that stand for them in the cells.
        lists: The lists of a JSON file that can be read instead.
    """

    columns: Sequence[str]
    rows: Mapping[int, Sequence[str]]
    refused: Sequence[RefusedRow] = ()
    notes: Sequence[str] = ()
    sheet: str = ""
    images: Mapping[str, bytes] = field(default_factory=dict)
    lists: Sequence[str] = ()


@dataclass(frozen=True)
class RowChunk:
    """Consecutive rows of a file that is read in chunks.

    Attributes:
        numbers: The numbers of the readable data rows, from 1, ascending.
        columns: Their cells by column, "" where blank. Another chunk of the file can have further columns,
            whose cells are blank here.
        refused: The other data rows.
        notes: How the file was read, for display; the same for all chunks.
        surplus: Data rows after `Settings.max_table_rows`, which were counted and not read.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str]]
    refused: Sequence[RefusedRow] = ()
    notes: Sequence[str] = ()
    surplus: int = 0


@dataclass(frozen=True)
class RefusedSheet:
    """A sheet of a workbook, a list of a JSON document or a table of a web page that was not read.

    Attributes:
        name: Its name.
        reason: The fact, worded to follow the name.
        remedy: What to do, as a sentence.
    """

    name: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class ImportedSheets:
    """The sheets of a workbook, the lists of a JSON document or the tables of a web page.

    Attributes:
        tables: The rows of each sheet that was read.
        refused: The other sheets that are not blank.
        names: The names of all sheets that can be read.
        kind: What they are called: "sheet", "list" or "table".
    """

    tables: Sequence[ImportedRows]
    refused: Sequence[RefusedSheet] = ()
    names: Sequence[str] = ()
    kind: str = "sheet"


@dataclass(frozen=True)
class ImportOptions:
    """How the analyst wants a file to be read, where the guess is wrong. Importers ignore what they do not use.

    Attributes:
        encoding: A name that Python knows, such as "cp1251"; None to guess.
        delimiter: The character between two fields; None to guess.
        header_row: The row of the column names: 1 is the first that is not blank, 0 says that there is none; None to
            guess.
        sheets: The sheets of a workbook to read; empty for all that look like posts.
        source: The name of the source that it is from; None to recognise it.
        format: The name of the importer that reads it; None to recognise it.
        list_path: The list of a JSON file that holds the posts, such as "data.posts"; None to find it.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    source: str | None = None
    format: str | None = None
    list_path: str | None = None


def find_encoding(name: str) -> str:
    """Return the name that Python gives an encoding (`ImportOptions.encoding`).

    Raises:
        ValueError: It is not known; the message is the fact and the remedy.
    """
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise ValueError(f"{name!r} is not known; name one such as utf-8, cp1252 or shift_jis") from error


def is_delimiter(text: str) -> bool:
    """Return whether a text is one character that can separate fields (`ImportOptions.delimiter`)."""
    return len(text) == 1 and text not in '"\r\n\x00'


@dataclass(frozen=True)
class Importer:
    """How one kind of table is recognised and read.

    Attributes:
        name: A short identifier.
        label: Its display name.
        suffixes: Lower-case file name suffixes, each with its dot.
        read: Reads a file's bytes; a workbook gives its sheets. It runs in a worker process with limited memory and
            time, calls `heartbeat.send_heartbeat` in long loops, and raises `RefusedError` for a file that it cannot
            read.
        sniff: Returns from 0 to 1 how certainly the first bytes of a file are of this kind. A suffix alone counts
            0.5, so that an importer of more specific files outranks one of their general format.
        beginnings: First bytes of its files, one of which each of them has; () if there are no such bytes. They may
            be those of other files too.
        packed: Whether files are compressed, and so may need `Settings.reader_packed_ratio` times the memory.
        options: The fields of `ImportOptions` that `read` takes as keyword arguments.
        read_chunks: Reads a large file in chunks, with the result that `read` has, or returns None if the file is of
            a form that must be read whole; None for an importer that reads all files whole. Its arguments are a
            `ByteSource`, `Settings` and the keyword arguments of `read`.
    """

    name: str
    label: str
    suffixes: frozenset[str]
    read: Callable[..., ImportedRows | ImportedSheets]
    sniff: Callable[[bytes], float] = lambda _: 0.0
    beginnings: tuple[bytes, ...] = ()
    packed: bool = False
    options: tuple[str, ...] = ()
    read_chunks: Callable[..., Iterator[RowChunk] | None] | None = None

    @property
    def reads_text(self) -> bool:
        """Whether its files are text, which another importer of texts may read too."""
        return "encoding" in self.options

    def read_with(self, content: bytes, settings: Settings, options: ImportOptions) -> ImportedSheets:
        """Read a file's bytes, with those of the analyst's options that this importer uses."""
        read = self.read(content, settings, **{name: getattr(options, name) for name in self.options})
        return ImportedSheets([read]) if isinstance(read, ImportedRows) else read

    def chunks_with(
        self, source: ByteSource, settings: Settings, options: ImportOptions
    ) -> Iterator[RowChunk] | None:
        """Read a large file in chunks, as `read_with` reads a whole one; None if it must be read whole."""
        if self.read_chunks is None:
            return None
        return self.read_chunks(source, settings, **{name: getattr(options, name) for name in self.options})

    def confidence(self, suffix: str, head: bytes) -> float:
        """Return a confidence from 0 to 1 that a file is of this kind.

        Args:
            suffix: Of its name, in lower case.
            head: Its first `SNIFF_BYTES` or more.
        """
        if suffix not in self.suffixes:
            return self.sniff(head)
        fits = not self.beginnings or head.startswith(self.beginnings)
        return max(self.sniff(head), _SUFFIX_CONFIDENCE if fits else _CONTRADICTED)


def cells_as_json(columns: Sequence[str], cells: Sequence[str], settings: Settings) -> str:
    """Write a refused row's cells as a JSON object; blank cells are left out and long ones cut."""
    limit = settings.max_text_chars
    present = {
        name: cell if len(cell) <= limit else cell[:limit] + "…"
        for name, cell in zip(columns, cells, strict=True)
        if cell
    }
    return json.dumps(present, ensure_ascii=False)


def list_table_columns(columns: Sequence[str]) -> str:
    """List column names for a message."""
    unlisted = len(columns) - _MAX_LISTED_COLUMNS
    listed = (
        name if len(name) <= _MAX_LISTED_CHARS else f"{name[:_MAX_LISTED_CHARS]}…"
        for name in columns[:_MAX_LISTED_COLUMNS]
    )
    return ", ".join(listed) + (f" and {unlisted:,} more" if unlisted > 0 else "")
