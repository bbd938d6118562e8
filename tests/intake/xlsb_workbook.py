"""Writes small XLSB workbooks, record by record.

[MS-XLSB], https://learn.microsoft.com/openspecs/office_file_formats/ms-xlsb
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET, STRINGS = "xl/worksheets/sheet1.bin", "xl/sharedStrings.bin"
_EPOCH = datetime(1899, 12, 30)

Cells = Mapping[tuple[int, int], str | float | bool | datetime]
"""Cells by row and column, from 0; row by row."""


def xlsb(*sheets: tuple[str, Cells], hidden: Sequence[str] = ()) -> bytes:
    """An XLSB workbook of sheets, each a name and its cells. Texts are shared strings."""
    strings = list(
        dict.fromkeys(cell for _, cells in sheets for cell in cells.values() if isinstance(cell, str))
    )
    parts = frame([name for name, _ in sheets], hidden) | {STRINGS: shared_strings(strings)}
    for number, (_, cells) in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{number}.bin"] = sheet(rows_of(cells, strings))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def frame(names: Sequence[str], hidden: Sequence[str] = ()) -> dict[str, bytes]:
    """The parts that a workbook of these sheets needs beside them and the shared strings, by name."""
    bundle = b"".join(
        record(156, struct.pack("<II", name in hidden, number) + wide(f"r{number}") + wide(name))
        for number, name in enumerate(names, start=1)
    )
    links = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.bin"/>'
        for number in range(1, len(names) + 1)
    )
    # Style 1 has the format of a date and time.
    formats = b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 22))
    return {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.bin": record(131) + record(143) + bundle + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>'.encode(),
        "xl/styles.bin": record(278)
        + record(617, struct.pack("<I", 2))
        + formats
        + record(618)
        + record(279),
    }


def sheet(rows: bytes) -> bytes:
    """A sheet of these rows."""
    return sheet_head() + rows + sheet_tail()


def sheet_head() -> bytes:
    return record(129) + record(148, struct.pack("<IIII", 0, 9, 0, 9)) + record(145)


def sheet_tail() -> bytes:
    return record(146) + record(130)


def rows_of(cells: Cells, strings: Sequence[str]) -> bytes:
    written, last = b"", -1
    for (row, column), value in cells.items():
        if row != last:
            written += row_header(row)
            last = row
        written += cell(
            column, strings.index(value) if isinstance(value, str) else value, isinstance(value, str)
        )
    return written


def row_header(row: int) -> bytes:
    return record(0, struct.pack("<I", row) + bytes(21))


def cell(column: int, value: float | bool | datetime, shared: bool = False) -> bytes:
    """A cell with a number, a time, a yes or no, or the shared string of a number."""
    style = int(isinstance(value, datetime))
    place = struct.pack("<II", column, style)
    if shared:
        return record(7, place + struct.pack("<I", int(value)))
    if isinstance(value, bool):
        return record(4, place + bytes([value]))
    if isinstance(value, datetime):
        value = (value - _EPOCH).total_seconds() / 86_400
    if value == int(value) and abs(value) < 2**29:
        return record(2, place + struct.pack("<i", int(value) << 2 | 2))
    return record(5, place + struct.pack("<d", value))


def shared_strings(strings: Sequence[str]) -> bytes:
    """The part with the shared strings."""
    items = b"".join(record(19, b"\0" + wide(text)) for text in strings)
    head = record(159, struct.pack("<II", len(strings), len(strings)))
    return head + items + record(160)


def record(kind: int, content: bytes = b"") -> bytes:
    """A record: its type in one byte or two, its length in up to four, and its content."""
    head = [kind] if kind < 0x80 else [kind & 0x7F | 0x80, kind >> 7]
    length = len(content)
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([*head, length]) + content


def wide(text: str) -> bytes:
    """A text with its length."""
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")
