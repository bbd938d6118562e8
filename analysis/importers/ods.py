"""ODS workbooks, measured before the library expands them: one cell may be repeated a million times."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from xml.parsers import expat

from analysis.importers.importer import ImportedSheets, Importer
from analysis.importers.limits import check_unpacked_size
from analysis.importers.workbook import (
    damaged_workbook_error,
    read_workbook,
    too_many_cells_error,
    unpack_workbook_parts,
)
from analysis.settings import Settings

_LABEL = "ODS"
_CONTENT = "content.xml"
_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_CELLS = frozenset({f"{_NAMESPACE}table-cell", f"{_NAMESPACE}covered-table-cell"})
_MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def read_ods(
    content: bytes, settings: Settings, header_row: int | None = None, sheets: Collection[str] = ()
) -> ImportedSheets:
    """Read the sheets of an ODS workbook; see `read_workbook`."""
    return read_workbook(content, settings, _LABEL, _check_ods_size, header_row, sheets)


def _check_ods_size(content: bytes, settings: Settings) -> None:
    """Refuse a file that is not an ODS workbook, or that unpacks to too many bytes, cells or characters."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        measured = _Sheets(len(content), settings)
        part = parts.getinfo(_CONTENT)
        for _, chunk in unpack_workbook_parts(parts, [part], _LABEL, len(content), settings):
            measured.feed(chunk)


class _Sheets:
    """The rows, columns and characters of the sheets, with repeated rows and cells, measured while XML is parsed.

    Args:
        size: Of the file, bytes.
        settings: Limits.
    """

    def __init__(self, size: int, settings: Settings) -> None:
        self._size = size
        self._settings = settings
        self._rows = self._columns = self._characters = 0
        self._row_repeats = self._column = self._row_columns = self._row_characters = 0
        self._cell_repeats = self._cell_characters = 0
        self._has_value = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes."""
        try:
            self._parser.Parse(chunk)
        except expat.ExpatError:
            raise damaged_workbook_error(_LABEL) from None

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        if element == f"{_NAMESPACE}table":
            self._rows = self._columns = 0
        elif element == f"{_NAMESPACE}table-row":
            self._row_repeats = _count(attributes.get(f"{_NAMESPACE}number-rows-repeated"))
            self._column = self._row_columns = self._row_characters = 0
        elif element in _CELLS:
            self._cell_repeats = _count(attributes.get(f"{_NAMESPACE}number-columns-repeated"))
            self._cell_characters = 0
            self._has_value = any("value" in name or "formula" in name for name in attributes)
            self._cell_characters = sum(map(len, attributes.values())) if self._has_value else 0

    def _add(self, text: str) -> None:
        self._cell_characters += len(text)
        self._has_value = True

    def _end(self, element: str) -> None:
        if element in _CELLS:
            self._column += self._cell_repeats
            if self._has_value:
                self._row_columns = self._column
                self._row_characters += self._cell_characters * self._cell_repeats
            self._has_value = False
        elif element == f"{_NAMESPACE}table-row":
            self._rows += self._row_repeats
            self._columns = max(self._columns, self._row_columns)
            if self._row_columns and self._rows * self._columns > self._settings.max_sheet_cells:
                raise too_many_cells_error(self._rows, self._columns, self._settings)
            self._characters += self._row_characters * self._row_repeats
            check_unpacked_size(self._characters, self._size, self._settings)


def _count(repeats: str | None) -> int:
    """Read a number of repetitions; a cell or row without one counts once."""
    return int(repeats) if repeats and repeats.isdecimal() and len(repeats) < 10 else 1


IMPORTER = Importer(
    name="ods",
    label=_LABEL,
    suffixes=frozenset({".ods"}),
    read=read_ods,
    sniff=lambda head: 1.0 if head.startswith(b"PK\x03\x04") and _MIMETYPE in head[:200] else 0.0,
    beginnings=(b"PK\x03\x04",),
    packed=True,
    options=("header_row", "sheets"),
)
