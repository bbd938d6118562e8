"""XLSX workbooks, measured before the library expands them."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Collection
from functools import lru_cache
from xml.parsers import expat

from analysis.importers.importer import ImportedSheets, Importer
from analysis.importers.limits import check_unpacked_size
from analysis.importers.workbook import (
    check_workbook_parts,
    damaged_workbook_error,
    read_workbook,
    too_many_cells_error,
    unpack_workbook_parts,
)
from analysis.settings import Settings

_LABEL = "XLSX"
_CELL = re.compile(r"([A-Za-z]{1,4})([0-9]{1,9})")
_SHARED_CELL = re.compile(rb"""\bt=["']s["'][^<>]{0,200}>\s{0,20}<(?:\w{1,20}:)?v>([0-9]{1,9})<""")


def read_xlsx(
    content: bytes, settings: Settings, header_row: int | None = None, sheets: Collection[str] = ()
) -> ImportedSheets:
    """Read the sheets of an XLSX workbook; see `read_workbook`."""
    return read_workbook(content, settings, _LABEL, _check_xlsx_size, header_row, sheets)


def _check_xlsx_size(content: bytes, settings: Settings) -> None:
    """Refuse a file that is not an XLSX workbook, or that unpacks to too many bytes, cells or characters."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = set(parts.namelist())
        if "xl/workbook.xml" not in names or names & {"xl/workbook.bin", "content.xml"}:
            raise damaged_workbook_error(_LABEL)
        check_workbook_parts(parts, settings)
        unpacked = 0
        lengths: list[int] = []  # of the shared strings, characters
        uses: Counter[bytes] = Counter()  # of the shared strings, by their number
        current, measured = None, _PartSize(lengths, uses)
        for part, chunk in unpack_workbook_parts(parts, parts.infolist(), _LABEL, len(content), settings):
            unpacked += len(chunk)
            if part is not current:
                current, measured = part, _PartSize(lengths, uses)
            measured.feed(chunk)
            if measured.rows * measured.columns > settings.max_sheet_cells:
                raise too_many_cells_error(measured.rows, measured.columns, settings)
        # Each cell that names a shared string becomes a copy of it.
        shared = sum(
            lengths[number] * count for text, count in uses.items() if (number := int(text)) < len(lengths)
        )
        check_unpacked_size(unpacked + shared, len(content), settings)


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


def _sniff_workbook(head: bytes) -> float:
    """Return how certainly a file is an XLSX workbook: an XLSB workbook is a zip of similar names."""
    return float(head.startswith(b"PK\x03\x04") and b"xl/" in head and b"xl/workbook.bin" not in head)


IMPORTER = Importer(
    name="xlsx",
    label=_LABEL,
    suffixes=frozenset({".xlsx", ".xlsm"}),
    read=read_xlsx,
    sniff=_sniff_workbook,
    beginnings=(b"PK\x03\x04",),
    packed=True,
    options=("header_row", "sheets"),
)
