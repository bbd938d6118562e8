"""XLSB workbooks: the binary form of XLSX, measured before the library expands them.

[MS-XLSB], https://learn.microsoft.com/openspecs/office_file_formats/ms-xlsb
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Collection
from operator import itemgetter

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

_LABEL = "XLSB"
WORKBOOK = "xl/workbook.bin"
"""The part that only these workbooks have."""
_SHEET, _STRINGS = b"\x81\x01", b"\x9f\x01"  # first records of a sheet and of the shared strings
_ROW, _SHARED_CELL, _STRING = (
    0,
    7,
    19,
)  # types of records: a row, a cell with a shared string, a shared string
_CELLS = range(1, 12)
_HEADER_BYTES = 6  # of a record at most: its type takes 2, its length 4
_USED_BYTES = 12  # of the content of a record: column, style, and number of a shared string
_UNUSED_ROWS = 0x100000  # a row of this number or above ends a sheet


def read_xlsb(
    content: bytes, settings: Settings, header_row: int | None = None, sheets: Collection[str] = ()
) -> ImportedSheets:
    """Read the sheets of an XLSB workbook; see `read_workbook`."""
    return read_workbook(content, settings, _LABEL, _check_xlsb_size, header_row, sheets)


def _check_xlsb_size(content: bytes, settings: Settings) -> None:
    """Refuse a file that is not an XLSB workbook, or that unpacks to too many bytes, cells or characters.

    A part that does not begin like a sheet or like shared strings is not measured. The library may read it all the
    same; the limits of the worker process hold for that.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if WORKBOOK not in archive.namelist():
            raise damaged_workbook_error(_LABEL)
        check_workbook_parts(archive, settings)
        unpacked = 0
        lengths: list[int] = []  # of the shared strings, bytes
        uses: Counter[int] = Counter()  # of the shared strings, by their number
        chunks = unpack_workbook_parts(archive, archive.infolist(), _LABEL, len(content), settings)
        for _, of_part in itertools.groupby(chunks, itemgetter(0)):
            measured: _PartSize | None = None
            for number, (_, chunk) in enumerate(of_part):
                unpacked += len(chunk)
                if number == 0 and chunk.startswith((_SHEET, _STRINGS)):
                    measured = _PartSize(lengths, uses, settings)
                if measured is not None:
                    measured.feed(chunk)
            if measured is not None:
                measured.end()
        # Each cell that names a shared string becomes a copy of it.
        shared = sum(lengths[number] * count for number, count in uses.items() if number < len(lengths))
        check_unpacked_size(unpacked + shared, len(content), settings)


class _PartSize:
    """Measures the rows, columns and shared strings of one part of a workbook, record by record.

    Args:
        lengths: Receives the length of each shared string that the part defines.
        uses: Receives how often cells of the part use each shared string, by its number.
        settings: Limits.
    """

    def __init__(self, lengths: list[int], uses: Counter[int], settings: Settings) -> None:
        self._lengths = lengths
        self._uses = uses
        self._settings = settings
        self._rows = self._columns = 0
        self._row = 0
        self._rest = b""
        self._skipped = 0  # bytes of the next chunk that belong to a record that is not needed any more

    def feed(self, chunk: bytes, padding: int = 0) -> None:
        """Read the records of the next bytes.

        Args:
            chunk: The bytes.
            padding: Bytes at its end that are no part of the file.

        Raises:
            RefusedError: If the sheet has too many cells.
        """
        data = self._rest + chunk
        place, end = self._skipped, len(data) - padding
        least = _HEADER_BYTES + _USED_BYTES
        while place < end and place + least <= len(data):
            kind = data[place]
            place += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (data[place] & 0x7F) << 7
                place += 1
            length = shift = 0
            while True:
                byte = data[place]
                place += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 or shift == 28:
                    break
            if kind <= _STRING:
                self._count(kind, data[place : place + _USED_BYTES], length)
            place += length
        self._skipped = max(0, place - len(data))
        self._rest = data[place:]

    def end(self) -> None:
        """Read the last records.

        Raises:
            RefusedError: If the sheet has too many cells.
        """
        padding = _HEADER_BYTES + _USED_BYTES
        self.feed(bytes(padding), padding)

    def _count(self, kind: int, start: bytes, length: int) -> None:
        """Count a record, from the first bytes of its content."""
        if kind in _CELLS and length >= 4:
            self._columns = max(self._columns, int.from_bytes(start[:4], "little") + 1)
            self._rows = max(self._rows, self._row + 1)
            if kind == _SHARED_CELL and length >= _USED_BYTES:
                self._uses[int.from_bytes(start[8:], "little")] += 1
            if self._rows * self._columns > self._settings.max_sheet_cells:
                raise too_many_cells_error(self._rows, self._columns, self._settings)
        elif kind == _ROW and length >= 4:
            self._row = min(int.from_bytes(start[:4], "little"), _UNUSED_ROWS)
        elif kind == _STRING:
            self._lengths.append(length)


IMPORTER = Importer(
    name="xlsb",
    label=_LABEL,
    suffixes=frozenset({".xlsb"}),
    read=read_xlsb,
    sniff=lambda head: 1.0 if head.startswith(b"PK\x03\x04") and WORKBOOK.encode() in head else 0.0,
    beginnings=(b"PK\x03\x04",),
    packed=True,
    options=("header_row", "sheets"),
)
