"""Parquet bombs."""

from __future__ import annotations

import io
import struct
from datetime import datetime
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq

from tests.intake.bombs.bomb import add, bomb
from tests.intake.bombs.parquet_file import (
    BY_DICTIONARY,
    BYTE_ARRAY,
    CODECS,
    DELTA,
    DELTA_TEXT,
    FIXED,
    INT32,
    INT64,
    MAP,
    OPTIONAL,
    REPEATED,
    Chunk,
    constant_deltas,
    dictionary,
    group,
    indices,
    leaf,
    levels,
    list_of,
    page,
    parquet,
    run,
)
from tests.intake.bombs.thrift import varint, zigzag

MB = 1024 * 1024
TEXT = leaf("text", BYTE_ARRAY, text=True)


def texts(rows: int, text: bytes = b"hello", codec: str = "none", unpacked: int = 100) -> Chunk:
    """A column `text` that says the same in every row."""
    pages = page(rows, indices(rows), BY_DICTIONARY, codec)
    return Chunk(("text",), BYTE_ARRAY, rows, pages, dictionary(text, codec=codec), codec, unpacked)


@bomb("parquet", "parquet")
def rows_in_one_run() -> bytes:
    return parquet([TEXT], [texts(24_000_000)], 24_000_000)


@bomb("parquet", "parquet")
def rows_of_nulls() -> bytes:
    rows = 24_900_000
    pages = page(rows, levels(run(rows)), BY_DICTIONARY)
    chunk = Chunk(("text",), BYTE_ARRAY, rows, pages, dictionary(b"hello"))
    return parquet([leaf("text", BYTE_ARRAY, OPTIONAL, text=True)], [chunk], rows)


@bomb("parquet", "parquet")
def long_text_by_dictionary() -> bytes:
    return parquet([TEXT], [texts(200_000, b"a" * 99_000, "zstd")], 200_000)


@bomb("parquet", "parquet")
def long_text_by_shared_prefix() -> bytes:
    """Each text is said to begin as the one before it, and to end there."""
    rows, size = 200_000, 99_000
    body = (
        _one_jump(rows, 0, size) + _one_jump(rows, size, 0) + b"a" * size
    )  # prefixes, suffixes, what they hold
    pages = page(rows, body, DELTA_TEXT, "zstd")
    return parquet([TEXT], [Chunk(("text",), BYTE_ARRAY, rows, pages, codec="zstd")], rows)


def _one_jump(count: int, first: int, others: int) -> bytes:
    """A first number and then all equal ones, in the encoding DELTA_BINARY_PACKED."""
    jump = others - first
    least = min(jump, 0)  # of the differences between neighbours; what is packed is how far each is above it
    width = abs(jump).bit_length()
    above = [jump - least] + [-least] * 127
    packed = sum(number << width * place for place, number in enumerate(above)).to_bytes(width * 16, "little")
    head = varint(128) + varint(4) + varint(count) + zigzag(first) + zigzag(least) + bytes([width] * 4)
    return head + packed + (zigzag(0) + bytes(4)) * -(-(count - 129) // 128)


@bomb("parquet", "parquet")
def list_in_one_row() -> bytes:
    return _with_list(200_000_000, rows=1)


@bomb("parquet", "parquet")
def list_in_one_row_said_to_be_short() -> bytes:
    """The footer says one value; the page holds 200 million."""
    return _with_list(200_000_000, rows=1, said=1)


@bomb("parquet", "parquet")
def lists_of_many_rows() -> bytes:
    return _with_list(1_000, rows=100_000)


def _with_list(length: int, rows: int, said: int | None = None) -> bytes:
    count = length * rows
    repetitions = levels(*[run(1, 0) + run(length - 1, 1)] * rows)
    body = repetitions + levels(run(count, 1)) + indices(count)
    numbers = page(1, struct.pack("<i", 7), dictionary=True)
    pages = page(count, body, BY_DICTIONARY)
    chunk = Chunk(("x", "list", "element"), INT32, said or count, pages, numbers)
    return parquet([TEXT, list_of("x", leaf("element", INT32))], [texts(rows), chunk], rows)


@bomb("parquet", "parquet")
def lists_in_lists() -> bytes:
    """One row, one list, in it one list, and so on eight times; the innermost holds 50 million numbers."""
    depth, count = 8, 50_000_000
    schema = leaf("element", INT32)
    path: tuple[str, ...] = ("element",)
    for level in range(depth):
        name = "x" if level == depth - 1 else "element"
        schema = list_of(name, schema)
        path = (name, "list", *path)
    body = levels(run(1, 0) + run(count - 1, depth)) + levels(run(count, depth)) + indices(count)
    numbers = page(1, struct.pack("<i", 7), dictionary=True)
    chunk = Chunk(path, INT32, count, page(count, body, BY_DICTIONARY), numbers)
    return parquet([TEXT, schema], [texts(1), chunk], 1)


@bomb("parquet", "parquet")
def structs_in_a_list() -> bytes:
    """One row with a list of 2 million structs of 40 texts."""
    count, fields = 2_000_000, 40
    pages = page(count, _listed(count) + indices(count), BY_DICTIONARY)
    held = dictionary(b"hello")
    chunks = [
        Chunk(("x", "list", "element", f"f{number}"), BYTE_ARRAY, count, pages, held)
        for number in range(fields)
    ]
    inside = group("element", *(leaf(f"f{number}", BYTE_ARRAY, text=True) for number in range(fields)))
    return parquet([TEXT, list_of("x", inside)], [texts(1), *chunks], 1)


@bomb("parquet", "parquet")
def map_in_one_row() -> bytes:
    count = 60_000_000
    pages = page(count, _listed(count) + indices(count), BY_DICTIONARY)
    chunks = [
        Chunk(("x", "key_value", part), BYTE_ARRAY, count, pages, dictionary(b"k"))
        for part in ("key", "value")
    ]
    parts = [leaf(part, BYTE_ARRAY, text=True) for part in ("key", "value")]
    schema = group("x", group("key_value", *parts, repetition=REPEATED), converted=MAP)
    return parquet([TEXT, schema], [texts(1), *chunks], 1)


@bomb("parquet", "parquet")
def long_text_in_a_list_by_dictionary() -> bytes:
    """A dictionary in a list: one row lists one text of 10,000 letters a million times."""
    count = 1_000_000
    pages = page(count, _listed(count) + indices(count), BY_DICTIONARY)
    chunk = Chunk(("x", "list", "element"), BYTE_ARRAY, count, pages, dictionary(b"a" * 10_000))
    return parquet([TEXT, list_of("x", leaf("element", BYTE_ARRAY, text=True))], [texts(1), chunk], 1)


def _listed(count: int) -> bytes:
    """The levels of one list of `count` elements in one row."""
    return levels(run(1, 0) + run(count - 1, 1)) + levels(run(count, 1))


@bomb("parquet", "parquet")
def columns_100_000() -> bytes:
    pages, held = page(1, indices(1), BY_DICTIONARY), dictionary(b"hello")
    names = ["text", *(f"c{number}" for number in range(100_000))]
    chunks = [Chunk((name,), BYTE_ARRAY, 1, pages, held) for name in names]
    return parquet([leaf(name, BYTE_ARRAY, text=True) for name in names], chunks, 1)


@bomb("parquet", "parquet")
def row_groups_100_000() -> bytes:
    return parquet([TEXT], [texts(200)], 20_000_000, groups=100_000)


@bomb("parquet", "parquet")
def types_nested_100_000_deep() -> bytes:
    return _deep_structs(100_000)


@bomb("parquet", "parquet")
def types_nested_1_000_deep() -> bytes:
    return _deep_structs(1_000)


def _deep_structs(depth: int) -> bytes:
    elements = [group("s", [{}])[0] for _ in range(depth)]
    pages, held = page(1, indices(1), BY_DICTIONARY), dictionary(b"hello")
    chunk = Chunk(("s",) * depth + ("text",), BYTE_ARRAY, 1, pages, held)
    return parquet([TEXT, [*elements, *TEXT]], [texts(1), chunk], 1)


@bomb("parquet", "parquet")
def lists_nested_200_deep() -> bytes:
    depth, count = 200, 1_000_000
    schema, path = leaf("element", INT32), ("element",)
    for _ in range(depth):
        schema, path = list_of("element", schema), ("element", "list", *path)
    body = levels(run(1, 0) + run(count - 1, depth)) + levels(run(count, depth)) + indices(count)
    numbers = page(1, struct.pack("<i", 7), dictionary=True)
    chunk = Chunk(path, INT32, count, page(count, body, BY_DICTIONARY), numbers)
    return parquet([TEXT, schema], [texts(1), chunk], 1)


@bomb("parquet", "parquet")
def footer_says_one_row() -> bytes:
    return parquet([TEXT], [texts(24_000_000)], 1, group_rows=24_000_000)


@bomb("parquet", "parquet")
def footer_says_one_value() -> bytes:
    rows = 20_000_000
    chunk = Chunk(
        ("text",), BYTE_ARRAY, 1, page(rows, indices(rows), BY_DICTIONARY), dictionary(b"a" * 5_000)
    )
    return parquet([TEXT], [chunk], rows)


@bomb("parquet", "parquet")
def footer_says_one_byte() -> bytes:
    """Pages of 800 MB, said to be one byte."""
    packed = page(10_000, (struct.pack("<I", 100) + b"a" * 100) * 10_000, codec="zstd")
    chunk = Chunk(("text",), BYTE_ARRAY, 8_000_000, packed * 800, codec="zstd", unpacked=1)
    return parquet([TEXT], [chunk], 8_000_000, unpacked=1)


@bomb("parquet", "parquet")
def page_declares_2_gb() -> bytes:
    body = struct.pack("<I", 5) + b"hello"
    pages = page(1, body, codec="gzip", unpacked=2**31 - 1)
    return parquet([TEXT], [Chunk(("text",), BYTE_ARRAY, 1, pages, codec="gzip")], 1)


@bomb("parquet", "parquet")
def many_columns_of_pages_that_declare_1_gb() -> bytes:
    body = struct.pack("<I", 5) + b"hello"
    pages = page(1, body, codec="zstd", unpacked=2**30)
    names = ["text", *(f"c{number}" for number in range(50))]
    chunks = [Chunk((name,), BYTE_ARRAY, 1, pages, codec="zstd") for name in names]
    return parquet([leaf(name, BYTE_ARRAY, text=True) for name in names], chunks, 1)


def _packed_well(codec: str) -> bytes:
    """Pages of 1 MB that a codec shortens as far as it can, repeated to 8 million rows."""
    values = 40_000
    packed = page(values, (struct.pack("<I", 20) + b"a" * 20) * values, codec=codec)
    copies = min(200, 10 * MB // len(packed))
    rows = values * copies
    chunk = Chunk(("text",), BYTE_ARRAY, rows, packed * copies, codec=codec, unpacked=rows * 24)
    return parquet([TEXT], [chunk], rows)


for _codec in CODECS:
    if _codec != "none":
        add("parquet", f"parquet_packed_well_by_{_codec}", "parquet", partial(_packed_well, _codec))


@bomb("parquet", "parquet")
def numbers_by_delta() -> bytes:
    """Numbers of which the encoding holds a million in three bytes, in a column after the texts."""
    rows = 12_000_000
    chunk = Chunk(("likes",), INT64, rows, page(rows, constant_deltas(rows, 1, 1), DELTA))
    return parquet([TEXT, leaf("likes", INT64)], [texts(rows), chunk], rows)


@bomb("parquet", "parquet")
def key_value_metadata() -> bytes:
    pairs = [(f"k{number}", "v") for number in range(1_000_000)]
    return parquet([TEXT], [texts(10)], 10, metadata=pairs)


@bomb("parquet", "parquet")
def times_out_of_range_in_nested_columns() -> bytes:
    """A time of the year 290,000 in lists and structs, in each of 20,000 rows."""
    far = pa.scalar(2**62, pa.timestamp("us"))
    rows = 20_000
    times = pa.array([far.value] * rows, pa.int64()).cast(pa.timestamp("us"))
    lists = pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), times)
    structs = pa.StructArray.from_arrays([times, lists], ["at", "seen"])
    zoned = times.cast(pa.timestamp("us", tz="Europe/Berlin"))
    table = pa.table(
        {
            "text": [f"post {number}" for number in range(rows)],
            "created_at": pa.array([datetime(2026, 1, 1)] * rows),
            "times": lists,
            "inside": structs,
            "zoned": pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), zoned),
        }
    )
    target = io.BytesIO()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue()


@bomb("parquet", "parquet")
def fixed_width_of_100_mb() -> bytes:
    rows, width = 100, 100_000_000
    held = page(1, bytes(width), codec="zstd", dictionary=True)
    pages = page(rows, indices(rows), BY_DICTIONARY, "zstd")
    chunk = Chunk(("blob",), FIXED, rows, pages, held, "zstd")
    return parquet([TEXT, leaf("blob", FIXED, length=width)], [texts(rows), chunk], rows)
