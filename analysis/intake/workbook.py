"""XLSX: a workbook's first sheet that holds anything, as rows of text.

The reader lays a sheet out as a full grid, so that a small file with one far-off cell would take all memory
and end the process. What a workbook unpacks to is therefore measured first.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from xml.parsers import expat

import python_calamine
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from analysis.intake.decoding import clean
from analysis.intake.heartbeat import beat, beating
from analysis.intake.limits import check_unpacked
from analysis.intake.rejections import RefusedError
from analysis.settings import Settings

_CELL = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_SHARED_CELL = re.compile(rb"""\bt=["']s["'][^<>]{0,200}>\s{0,20}<(?:\w{1,20}:)?v>([0-9]{1,9})<""")
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
    except (RefusedError, MemoryError):
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
        sheet = workbook.get_sheet_by_name(name)
        rows = [[_text(value) for value in row] for row in beating(sheet.iter_rows())]
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
    """Refuse what is not an XLSX workbook, and what unpacks to too many bytes, cells or characters."""
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
                raise _damaged()  # no spreadsheet writes others, and they unpack in steps of any size
            measured = _Measured(lengths, uses)
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


class _Measured:
    """One part of a workbook, measured while its XML passes by: how far its cells reach, and its shared strings.

    Args:
        lengths: Gets the length of each shared string that the part defines.
        uses: Gets how often cells of the part use each shared string, by its number. A cell at the end of a chunk
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
        """Take the next bytes; what stands before an error counts, since the reader may stop before it too."""
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
            place = attributes.get("r")
            if place is not None and (split := _CELL.fullmatch(place)):
                self._column = _column_number(split[1])
                self._row = int(split[2])
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
    """Give 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _damaged() -> RefusedError:
    return RefusedError("cannot be read as an XLSX workbook", "Open and save it again, or save it as CSV.")
