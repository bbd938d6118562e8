"""Parquet written byte by byte, so that a page or a footer may say anything and billions of values cost no memory.

The format: https://github.com/apache/parquet-format (parquet.thrift, Encodings.md).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from tests.intake.bombs.thrift import BINARY, I32, I64, LIST, STRUCT, Struct, dump, varint, zigzag

BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED = range(8)
REQUIRED, OPTIONAL, REPEATED = range(3)
PLAIN, RLE, DELTA, DELTA_TEXT, BY_DICTIONARY = 0, 3, 5, 7, 8
UTF8, MAP, AS_LIST = 0, 1, 3
CODECS = {"none": 0, "snappy": 1, "gzip": 2, "brotli": 4, "zstd": 6, "lz4_raw": 7}
_MAGIC = b"PAR1"


@dataclass(frozen=True)
class Chunk:
    """A column's values in one row group.

    Attributes:
        path: The names that lead to the column.
        physical: Its type on disk.
        values: How many values the chunk is said to hold.
        pages: Its data pages, written by `page`.
        dictionary: Its dictionary page, b"" for none.
        codec: One of `CODECS`.
        unpacked: How many bytes it is said to unpack to.
    """

    path: tuple[str, ...]
    physical: int
    values: int
    pages: bytes
    dictionary: bytes = b""
    codec: str = "none"
    unpacked: int = 100


def leaf(
    name: str, physical: int, repetition: int = REQUIRED, text: bool = False, length: int = 0
) -> list[Struct]:
    """A column in a schema."""
    element: Struct = {1: (I32, physical), 3: (I32, repetition), 4: (BINARY, name)}
    if length:
        element[2] = I32, length
    if text:
        element[6] = I32, UTF8
    return [element]


def group(
    name: str, *children: list[Struct], repetition: int = REQUIRED, converted: int | None = None
) -> list[Struct]:
    """A group of columns in a schema."""
    element: Struct = {3: (I32, repetition), 4: (BINARY, name), 5: (I32, len(children))}
    if converted is not None:
        element[6] = I32, converted
    return [element, *(below for child in children for below in child)]


def list_of(name: str, child: list[Struct]) -> list[Struct]:
    """A list in a schema; its elements are at `<name>.list.<child>`."""
    return group(name, group("list", child, repetition=REPEATED), converted=AS_LIST)


def page(
    count: int,
    body: bytes,
    encoding: int = PLAIN,
    codec: str = "none",
    unpacked: int | None = None,
    dictionary: bool = False,
) -> bytes:
    """Write a page with its header.

    Args:
        count: Values that it is said to hold.
        body: Levels and values, not compressed.
        encoding: Of the values.
        codec: One of `CODECS`.
        unpacked: The size that the header declares; that of the body when None.
        dictionary: Whether it is a dictionary page.
    """
    packed = body if codec == "none" else pa.Codec(codec).compress(body, asbytes=True)
    header: Struct = {
        1: (I32, 2 if dictionary else 0),
        2: (I32, len(body) if unpacked is None else unpacked),
        3: (I32, len(packed)),
    }
    if dictionary:
        header[7] = STRUCT, {1: (I32, count), 2: (I32, PLAIN)}
    else:
        header[5] = STRUCT, {1: (I32, count), 2: (I32, encoding), 3: (I32, RLE), 4: (I32, RLE)}
    return dump(header) + packed


def dictionary(*values: bytes, codec: str = "none") -> bytes:
    """Write a dictionary page of byte arrays."""
    body = b"".join(struct.pack("<I", len(value)) + value for value in values)
    return page(len(values), body, codec=codec, dictionary=True)


def indices(count: int) -> bytes:
    """Name the dictionary's first value `count` times."""
    return b"\x01" + run(count)


def run(count: int, value: int = 0) -> bytes:
    """One number below 256 repeated `count` times."""
    return varint(count << 1) + bytes([value])


def levels(*runs: bytes) -> bytes:
    """Repetition or definition levels, as they stand at the start of a page."""
    body = b"".join(runs)
    return struct.pack("<I", len(body)) + body


def constant_deltas(count: int, first: int, delta: int = 0) -> bytes:
    """Numbers at equal distances in the encoding DELTA_BINARY_PACKED; a block of values takes a few bytes."""
    block = 1 << 20
    blocks = -(-max(0, count - 1) // block)
    head = varint(block) + varint(1) + varint(count) + zigzag(first)
    return head + (zigzag(delta) + b"\x00") * blocks  # one miniblock of no bits


def parquet(
    schema: Sequence[list[Struct]],
    chunks: Sequence[Chunk],
    rows: int,
    groups: int = 1,
    group_rows: int | None = None,
    metadata: Sequence[tuple[str, str]] = (),
    unpacked: int | None = None,
) -> bytes:
    """Write a file; equal chunks and all row groups share their bytes.

    Args:
        schema: From `leaf`, `group` and `list_of`.
        chunks: One a column, the same in each row group.
        rows: Rows that the footer declares.
        groups: Row groups.
        group_rows: Rows that each of them declares; as many as `rows` allows when None.
        metadata: Keys and values of the footer.
        unpacked: Bytes that each row group is said to unpack to; the sum of its chunks when None.
    """
    body = bytearray(_MAGIC)
    places: dict[int, tuple[int, int, int]] = {}
    columns = []
    for chunk in chunks:
        if id(chunk.pages) not in places:
            start = len(body)
            body += chunk.dictionary + chunk.pages
            places[id(chunk.pages)] = start, start + len(chunk.dictionary), len(body) - start
        columns.append(_column(chunk, *places[id(chunk.pages)]))
    sizes = sum(chunk.unpacked for chunk in chunks) if unpacked is None else unpacked
    row_group: Struct = {
        1: (LIST, (STRUCT, columns)),
        2: (I64, sizes),
        3: (I64, rows // groups if group_rows is None else group_rows),
    }
    footer: Struct = {
        1: (I32, 2),
        2: (LIST, (STRUCT, group("schema", *schema))),
        3: (I64, rows),
        4: (LIST, (STRUCT, [row_group] * groups)),
        6: (BINARY, "by hand"),
    }
    if metadata:
        pairs = [{1: (BINARY, key), 2: (BINARY, value)} for key, value in metadata]
        footer[5] = LIST, (STRUCT, pairs)
    written = dump(footer)
    return bytes(body) + written + struct.pack("<I", len(written)) + _MAGIC


def _column(chunk: Chunk, start: int, data: int, size: int) -> Struct:
    about: Struct = {
        1: (I32, chunk.physical),
        2: (LIST, (I32, [PLAIN, RLE, BY_DICTIONARY])),
        3: (LIST, (BINARY, list(chunk.path))),
        4: (I32, CODECS[chunk.codec]),
        5: (I64, chunk.values),
        6: (I64, chunk.unpacked),
        7: (I64, size),
        9: (I64, data),
    }
    if chunk.dictionary:
        about[11] = I64, start
    return {2: (I64, start), 3: (STRUCT, about)}
