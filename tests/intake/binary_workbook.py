"""Writes small XLS workbooks (BIFF8 in a compound file), byte by byte.

[MS-XLS] and [MS-CFB], https://learn.microsoft.com/openspecs/office_file_formats
"""

from __future__ import annotations

import struct

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SMALLEST = 4_096  # bytes of a stream that is not in the small sectors


def xls(*sheets: tuple[str, dict[tuple[int, int], str | float]]) -> bytes:
    """An XLS workbook of sheets, each a name and its cells by row and column, from 0; up to 60 kB."""
    bodies = [_sheet(cells) for _, cells in sheets]
    names = [struct.pack("<BB", len(name), 0) + name.encode("latin-1") for name, _ in sheets]
    start = len(_begin(5)) + sum(4 + 6 + len(name) for name in names) + len(_record(0x000A))
    globals_ = _begin(5)
    for name, body in zip(names, bodies, strict=True):
        globals_ += _record(0x0085, struct.pack("<IH", start, 0) + name)
        start += len(body)
    return _compound_file(globals_ + _record(0x000A) + b"".join(bodies))


def _sheet(cells: dict[tuple[int, int], str | float]) -> bytes:
    records = [_begin(0x10)]
    for (row, column), value in cells.items():
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
            records.append(_record(0x0204, place + text))
        else:
            records.append(_record(0x0203, place + struct.pack("<d", value)))
    return b"".join([*records, _record(0x000A)])


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 6))


def _record(number: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(content)) + content


def _compound_file(stream: bytes) -> bytes:
    stream = stream.ljust(_SMALLEST, b"\0")
    sectors = -(-len(stream) // _SECTOR)
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, _SMALLEST, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    directory = directory.ljust(_SECTOR, b"\0")
    return header + struct.pack("<128I", *fat) + directory + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<III", _FREE, _FREE, child)
    return (
        encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1) + links + bytes(36)
        + struct.pack("<IQ", start, size)
    )  # fmt: skip
