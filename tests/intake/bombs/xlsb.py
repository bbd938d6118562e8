"""XLSB bombs."""

from __future__ import annotations

import struct

from tests.intake.bombs.bomb import bomb
from tests.intake.bombs.zip_file import Member, deflated, repeated, zipped
from tests.intake.xlsb_workbook import (
    SHEET,
    STRINGS,
    cell,
    frame,
    record,
    row_header,
    shared_strings,
    sheet_head,
    sheet_tail,
    xlsb,
)

MB = 1024 * 1024
_HEADER = row_header(0) + cell(0, 0, shared=True)
_STRINGS = shared_strings(["text", "hello"])


def _book(sheet: Member, strings: bytes = _STRINGS) -> bytes:
    """A workbook of one sheet."""
    usual = [deflated(name, part) for name, part in frame(["S"]).items()]
    return zipped([*usual, deflated(STRINGS, strings), sheet])


def _sheet(block: bytes, count: int, tail: bytes = b"") -> Member:
    """A sheet with the header "text" and `count` times `block`."""
    return repeated(SHEET, sheet_head() + _HEADER, block, count, tail + sheet_tail())


@bomb("xlsb", "xlsb")
def cell_in_the_last_row_and_column() -> bytes:
    return xlsb(("S", {(0, 0): "text", (1, 0): "hello", (1_048_575, 16_383): "x"}))


@bomb("xlsb", "xlsb")
def one_long_string_in_a_million_cells() -> bytes:
    long = shared_strings(["text", "a" * 30_000])
    rows = b"".join(row_header(row) + cell(0, 1, shared=True) for row in range(1, 1_001))
    return _book(_sheet(rows, 1_000), long)


@bomb("xlsb", "xlsb")
def cell_in_column_4_billion() -> bytes:
    far = record(2, struct.pack("<IIi", 0xFFFFFFFE, 0, 6))
    return _book(_sheet(far, 1))


@bomb("xlsb", "xlsb")
def records_without_content_30_million() -> bytes:
    return _book(_sheet(record(1) * 1_000, 30_000))


@bomb("xlsb", "xlsb")
def rows_of_one_number_2_million() -> bytes:
    return _book(_sheet((row_header(1) + cell(0, 7)) * 1_000, 2_000))


@bomb("xlsb", "xlsb")
def record_that_claims_256_mb() -> bytes:
    return _book(_sheet(b"\x06\xff\xff\xff\x7f", 1))


@bomb("xlsb", "xlsb")
def zeros_of_1_gb() -> bytes:
    return _book(_sheet(bytes(MB), 1_000))


@bomb("xlsb", "xlsb")
def sheet_that_does_not_begin_like_one() -> bytes:
    """The measurement does not see it, the library reads it: the memory of the worker process is limited."""
    far = row_header(1_048_000) + cell(16_000, 7)
    part = repeated(SHEET, record(60, bytes(63)) + sheet_head() + _HEADER, far, 1, sheet_tail())
    return _book(part)
