"""XLSX: the first visible sheet of a workbook that is not empty.

The library expands a sheet to a full grid, so a small file with one distant cell could exhaust the memory. The
unpacked size is therefore measured first.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from xml.parsers import expat

import python_calamine
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from analysis.importers.decoding import clean
from analysis.importers.grid import rows_from_grid
from analysis.importers.heartbeat import beat, beating
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.limits import check_unpacked
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

_CELL = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_SHARED_CELL = re.compile(rb"""\bt=["']s["'][^<>]{0,200}>\s{0,20}<(?:\w{1,20}:)?v>([0-9]{1,9})<""")
_CHUNK_BYTES = 1 << 20

_Value = str | int | float | bool | date | datetime | time | timedelta


def read_xlsx(content: bytes, settings: Settings) -> ImportedRows:
    """Read the first visible sheet that is not empty; the notes name the sheets that were not read.

    Args:
        content: The workbook.
        settings: Limits.

    Raises:
        RefusedError: If it is not an XLSX workbook, is locked, or is over a limit.
    """
    grid, notes = _read_grid(content, settings)
    return rows_from_grid(grid, notes, len(content), settings)


def _read_grid(content: bytes, settings: Settings) -> tuple[list[list[str]], list[str]]:
    """Return the rows of the first sheet that is not empty, without blank rows at its end; and notes."""
    try:
        _check_unpacked_size(content, settings)
        return _read_first_sheet(content)
    except python_calamine.PasswordError:
        raise RefusedError("is locked with a password", "Save it without one and add it again.") from None
    except (RefusedError, MemoryError):
        raise
    except BaseException as error:
        # The library is written in Rust; a defect in it raises PanicException, which is not an Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _damaged() from None
        raise


def _read_first_sheet(content: bytes) -> tuple[list[list[str]], list[str]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        rows = [[_cell_text(value) for value in row] for row in beating(sheet.iter_rows())]
        while rows and not any(rows[-1]):
            rows.pop()
        if rows:
            others = [repr(clean(other)) for other in names if other != name]
            notes = [f"sheet {clean(name)!r}"] + ([f"not read: {', '.join(others)}"] if others else [])
            return rows, notes
    return [], []


def _cell_text(value: _Value) -> str:
    """Format a cell: whole numbers with the 15 digits that spreadsheets keep and without ".0", times in ISO 8601."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and not value % 1:
        return f"{Decimal(f'{value:.15g}'):f}"  # the digits that a spreadsheet shows
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _check_unpacked_size(content: bytes, settings: Settings) -> None:
    """Refuse a file that is not an XLSX workbook, or that unpacks to too many bytes, cells or characters."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = set(parts.namelist())
        if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml"}:
            raise _damaged()
        if len(parts.infolist()) > settings.max_workbook_parts:
            raise RefusedError(
                f"has {len(parts.infolist()):,} parts; the limit is {settings.max_workbook_parts:,}",
                "Keep the sheet with the posts, or save it as CSV.",
            )
        unpacked = 0
        lengths: list[int] = []  # of the shared strings, characters
        uses: Counter[bytes] = Counter()  # of the shared strings, by their number
        for part in parts.infolist():
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _damaged()  # spreadsheets use no other method, and others unpack in steps of unlimited size
            measured = _PartSize(lengths, uses)
            with parts.open(part) as opened:
                while chunk := opened.read(_CHUNK_BYTES):
                    beat()
                    unpacked += len(chunk)
                    check_unpacked(unpacked, len(content), settings)
                    measured.feed(chunk)
                    if measured.rows * measured.columns > settings.max_sheet_cells:
                        raise RefusedError(
                            f"has a sheet of {measured.rows:,} rows x {measured.columns:,} columns or more; "
                            f"the limit is {settings.max_sheet_cells:,} cells",
                            "Delete the cells far below or beside the posts, or save it as CSV.",
                        )
        # Each cell that names a shared string becomes a copy of it.
        shared = sum(
            lengths[number] * count for text, count in uses.items() if (number := int(text)) < len(lengths)
        )
        check_unpacked(unpacked + shared, len(content), settings)


class _PartSize:
    """The rows, columns and shared strings of one part of a workbook, measured while its XML is parsed.

    Args:
        lengths: Receives the length of each shared string that the part defines.
        uses: Receives how often cells of the part use each shared string, by its number. A cell at the end of a chunk
            may be missed: this is an estimate, and the worker's memory has its own limit.
    """

    def __init__(self, lengths: list[int], uses: Counter[bytes]) -> None:
        self.rows = 0
        self.columns = 0
        self._lengths = lengths
        self._uses = uses
        self._row = 0
        self._column = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parse: Callable[[bytes], object] | None = self._parser.Parse

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes; content before an XML error counts, as the library may read it too."""
        self._uses.update(_SHARED_CELL.findall(chunk))
        if self._parse is not None:
            try:
                self._parse(chunk)
            except (expat.ExpatError, ValueError):
                self._parse = None

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        if ":" in element:
            element = element.rpartition(":")[2]
        if element == "c":
            reference = attributes.get("r")
            if reference is not None and (parts := _CELL.fullmatch(reference)):
                self._column = _column_number(parts[1])
                self._row = int(parts[2])
            else:
                self._column += 1
            if self._column > self.columns:
                self.columns = self._column
        elif element == "row":
            given = attributes.get("r", "")
            self._row = int(given) if given.isdecimal() and len(given) < 10 else self._row + 1
            self._column = 0
        elif element == "si":
            self._lengths.append(0)
            self._parser.CharacterDataHandler = self._add
        if self._row > self.rows:
            self.rows = self._row

    def _add(self, text: str) -> None:
        self._lengths[-1] += len(text)


@lru_cache(maxsize=20_000)
def _column_number(letters: str) -> int:
    """Convert column letters to a number: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _damaged() -> RefusedError:
    return RefusedError("cannot be read as an XLSX workbook", "Open and save it again, or save it as CSV.")


IMPORTER = Importer(
    name="xlsx",
    label="XLSX",
    suffixes=frozenset({".xlsx"}),
    read=read_xlsx,
    sniff=lambda head: 1.0 if head.startswith(b"PK\x03\x04") and b"xl/" in head else 0.0,
    beginnings=(b"PK\x03\x04",),
    packed=True,
)
