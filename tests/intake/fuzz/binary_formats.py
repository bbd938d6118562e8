"""Damage to Parquet, PNG and JPEG that keeps a file's outer structure valid."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.intake.bombs import thrift

EXTREMES = (0, 1, 2, -1, 255, 65_535, 2**31 - 1, -(2**31), 2**32 - 1, 2**62, 2**63 - 1, -(2**63))
ODD = (
    "\x00", "\ufeff", "\u202e", "\u200d", "\u2028", "\u0085", "\x1c", "\u0300" * 30, "👩‍👩‍👧‍👦", "\ufffd",
    "\uffff", "\U0010ffff",
    "İ", "ß", "ﷺ", "\u00ad", "\x1a", "\x0b", "\xa0", "１２", "٣", "𝟘", "\u3000",
)  # fmt: skip


def change_cells(chance: random.Random, data: bytes) -> bytes:
    """Put extreme values into a column of a Parquet file."""
    try:
        table = pq.read_table(io.BytesIO(data))
        table.validate(full=True)  # what follows trusts it
        index = chance.randrange(table.num_columns)
        column = table.column(index)
        changed = pa.chunked_array([_extreme(chance, column.combine_chunks())])
        target = io.BytesIO()
        pq.write_table(
            table.set_column(index, table.field(index).name, changed), target, coerce_timestamps=None
        )
    except (pa.ArrowException, OSError, ValueError, TypeError, OverflowError):
        return change_footer(chance, data)
    return target.getvalue()


def _extreme(chance: random.Random, column: pa.Array) -> pa.Array:
    """The same type with other values; those inside lists and structs too."""
    kind = column.type
    if pa.types.is_list(kind):
        return pa.ListArray.from_arrays(column.offsets, _extreme(chance, column.values))
    if pa.types.is_struct(kind):
        return pa.StructArray.from_arrays(
            [_extreme(chance, column.field(n)) for n in range(kind.num_fields)], fields=list(kind)
        )
    if pa.types.is_floating(kind):
        return pa.array(
            [chance.choice((1e38, float("nan"), float("-inf"), -0.0, 5e-324)) for _ in column], pa.float64()
        ).cast(kind)
    if pa.types.is_string(kind):
        return pa.array([chance.choice(ODD) * chance.choice((1, 500)) for _ in column], kind)
    bits = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64()}.get(getattr(kind, "bit_width", 0))
    if bits is None or pa.types.is_boolean(kind) or pa.types.is_dictionary(kind):
        return column
    most = 2 ** (kind.bit_width - 1)
    numbers = [
        chance.choice((most - 1, -most, 0, most // 1_000, -most // 1_000, 10**12 % most)) for _ in column
    ]
    return pa.Array.from_buffers(kind, len(numbers), pa.array(numbers, bits).buffers())


def change_footer(chance: random.Random, data: bytes) -> bytes:
    """Change a field anywhere in a Parquet file's footer."""
    try:
        size = struct.unpack("<I", data[-8:-4])[0]
        footer, _ = thrift.load(data[-8 - size : -8])
    except Exception:  # an earlier step damaged it
        return data
    places: list[tuple[Any, Any, int]] = []
    _collect(footer, places)
    if not places:
        return data
    for _ in range(chance.choice((1, 1, 2))):
        holder, key, kind = chance.choice(places)
        _change(chance, holder, key, kind)
    written = thrift.dump(footer)
    return data[: -8 - size] + written + struct.pack("<I", len(written)) + data[-4:]


def _collect(value: thrift.Struct, places: list[tuple[Any, Any, int]]) -> None:
    for number, (kind, held) in value.items():
        places.append((value, number, kind))
        if kind == thrift.STRUCT:
            _collect(held, places)
        elif kind == thrift.LIST:
            for element in held[1] if held[0] == thrift.STRUCT else ():
                _collect(element, places)


def _change(chance: random.Random, holder: thrift.Struct, key: int, kind: int) -> None:
    if key not in holder or chance.random() < 0.1:
        holder.pop(key, None)
        return
    held = holder[key][1]
    if kind in (thrift.I16, thrift.I32, thrift.I64):
        near = (held + 1, held - 1, held * 2, -held, chance.randrange(-2, 40))
        held = max(-(2**63), min(2**63 - 1, chance.choice((*EXTREMES, *near))))
    elif kind == thrift.BINARY:
        held = chance.choice(
            (b"", held * 2, b"\xff\xfe", b"a.b", b"text", held[: len(held) // 2], b"\x00", held.upper())
        )
    elif kind == thrift.LIST:
        inner, elements = held
        held = inner, chance.choice(([], elements * 2, elements[:-1], elements[::-1], elements * 40))
    holder[key] = kind, held


def change_chunk(chance: random.Random, data: bytes) -> bytes:
    """Change the data, length or order of a PNG's chunks; checksums are right again, except where lengths lie."""
    chunks, place = [], 8
    while place + 12 <= len(data):
        size = struct.unpack(">I", data[place : place + 4])[0]
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    if not chunks:
        return data
    index, length = chance.randrange(len(chunks)), None
    name, held = chunks[index]
    way = chance.randrange(7)
    if way == 0:
        del chunks[index]
    elif way == 1:
        chunks[index:index] = [(name, held)] * chance.choice((1, 100))
    elif way == 2:
        chance.shuffle(chunks)
    elif way == 3:
        length = chance.choice(EXTREMES) % 2**32
    elif way == 4:
        chunks[index] = (
            chance.choice(
                (b"IDAT", b"PLTE", b"tRNS", b"acTL", b"fdAT", b"iCCP", b"zTXt", b"eXIf", b"\x00abc")
            ),
            held,
        )
    else:
        chunks[index] = name, change_bytes(chance, held)
    written = [
        struct.pack(">I", length if number == index and length is not None else len(held))
        + name
        + held
        + struct.pack(">I", zlib.crc32(name + held))
        for number, (name, held) in enumerate(chunks)
    ]
    return data[:8] + b"".join(written)


def change_segment(chance: random.Random, data: bytes) -> bytes:
    """Change the length, marker, data or order of a JPEG's segments."""
    segments, place = [], 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:
        size = 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        segments.append(data[place : place + size])
        place += size
    if not segments:
        return data
    index = chance.randrange(len(segments))
    one = segments[index]
    way = chance.randrange(6)
    if way == 0:
        del segments[index]
    elif way == 1:
        segments[index:index] = [one] * chance.choice((1, 100))
    elif way == 2:
        chance.shuffle(segments)
    elif way == 3:
        segments[index] = one[:2] + struct.pack(">H", chance.choice((0, 1, 2, 3, 65_535, len(one)))) + one[4:]
    elif way == 4:
        segments[index] = b"\xff" + bytes([chance.randrange(256)]) + one[2:]
    else:
        segments[index] = one[:4] + change_bytes(chance, one[4:])
    return data[:2] + b"".join(segments) + data[place:]


def change_bytes(chance: random.Random, data: bytes) -> bytes:
    """Overwrite a number of one, two or four bytes."""
    if not data:
        return chance.randbytes(4)
    width = chance.choice((1, 2, 4))
    place = chance.randrange(len(data))
    number = chance.choice((*EXTREMES, chance.randrange(2**32))) % (1 << 8 * width)
    return data[:place] + number.to_bytes(width, "big") + data[place + width :]
