"""XLSX: a workbook's first sheet that holds anything, as rows of text.

The reader lays a sheet out as a full grid, so that a small file with one far-off cell would take all memory
and end the process. What a workbook unpacks to is therefore measured first.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from xml.parsers import expat

import python_calamine
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from analysis.intake.decoding import clean
from analysis.intake.rejections import RefusedError
from analysis.settings import MB, Settings

_CELL = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_CHUNK_BYTES = 1 << 20

_Value = str | int | float | bool | date | datetime | time | timedelta


def read_workbook(content: bytes, settings: Settings) -> tuple[list[list[str]], list[str]]:
    """Read the first visible sheet that is not empty.

    Args:
        content: The workbook.
        settings: Limits.

    Returns:
        The sheet's rows, all of one length and blank ones at its end left out; notes on the sheet read and
        those left. No rows where every sheet is empty.

    Raises:
        RefusedError: If it is not an XLSX workbook, is locked, or unpacks to more than the limits allow.
    """
    try:
        _measure(content, settings)
        return _first_sheet(content)
    except python_calamine.PasswordError:
        raise RefusedError("is locked with a password", "Save it without one and add it again.") from None
    except RefusedError:
        raise
    except BaseException as error:
        # The reader is written in Rust, and a defect in it arrives as a PanicException, which is no Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _damaged() from None
        raise


def _first_sheet(content: bytes) -> tuple[list[list[str]], list[str]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    for name in names:
        rows = [[_text(value) for value in row] for row in workbook.get_sheet_by_name(name).to_python()]
        while rows and not any(rows[-1]):
            rows.pop()
        if rows:
            left = [repr(clean(other)) for other in names if other != name]
            notes = [f"sheet {clean(name)!r}"] + ([f"not read: {', '.join(left)}"] if left else [])
            return rows, notes
    return [], []


def _text(value: _Value) -> str:
    """Write a cell as its owner would: 12 rather than 12.0, a time in ISO 8601."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def _measure(content: bytes, settings: Settings) -> None:
    """Refuse what is not an XLSX workbook, and what unpacks to too many bytes or too large a grid."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = set(parts.namelist())
        if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml"}:
            raise _damaged()
        unpacked = 0
        for part in parts.infolist():
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _damaged()  # no spreadsheet writes others, and they unpack in steps of any size
            grid = _Grid()
            with parts.open(part) as opened:
                while chunk := opened.read(_CHUNK_BYTES):
                    unpacked += len(chunk)
                    if unpacked > settings.max_table_bytes:
                        limit = settings.max_table_bytes // MB
                        raise RefusedError(
                            f"unpacks to more than {limit:,} MB", "Split it and add the parts."
                        )
                    grid.feed(chunk)
            if grid.rows * grid.columns > settings.max_sheet_cells:
                raise RefusedError(
                    f"has a sheet of {grid.rows:,} rows x {grid.columns:,} columns; "
                    f"the limit is {settings.max_sheet_cells:,} cells",
                    "Delete the cells far below or beside the posts, or save it as CSV.",
                )


class _Grid:
    """How far a sheet's cells reach, found while its XML passes by. Parts that are no sheets reach nowhere."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self._row = 0
        self._column = 0
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        self._parse: Callable[[bytes], object] | None = parser.Parse

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; what stands before an error counts, since the reader may stop before it too."""
        if self._parse is not None:
            try:
                self._parse(chunk)
            except (expat.ExpatError, ValueError):
                self._parse = None

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        element = element.rpartition(":")[2]
        if element == "row":
            given = attributes.get("r", "")
            self._row = int(given) if given.isdecimal() and len(given) < 10 else self._row + 1
            self._column = 0
        elif element == "c":
            self._column += 1
            if place := _CELL.fullmatch(attributes.get("r", "")):
                self._row = int(place[2])
                self._column = 0
                for letter in place[1].upper():
                    self._column = self._column * 26 + ord(letter) - 64
            self.columns = max(self.columns, self._column)
        self.rows = max(self.rows, self._row)


def _damaged() -> RefusedError:
    return RefusedError("cannot be read as an XLSX workbook", "Open and save it again, or save it as CSV.")
