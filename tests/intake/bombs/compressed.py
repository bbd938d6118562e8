"""Bombs of compressed tables: a few kilobytes that decompress to gigabytes, one for each codec."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import zstandard

from tests.intake.bombs.bomb import bomb
from tests.intake.bombs.zip_file import repeated

MB = 1024 * 1024
_MEGABYTES = 4_000


def _packed(compressor: Any, line: bytes) -> bytes:
    """Compress 4 GB of a repeated line in steps."""
    block = line * (MB // len(line))
    packed = io.BytesIO()
    for part in _parts(block):
        packed.write(compressor.compress(part))
    packed.write(compressor.flush())
    return packed.getvalue()


def _parts(block: bytes) -> Iterator[bytes]:
    yield b"id,text\n"
    for _ in range(_MEGABYTES):
        yield block


@bomb("compressed", "csv.gz")
def gigabytes_of_rows_by_gzip() -> bytes:
    rows = repeated("posts.csv", b"id,text\n", b"1,a\n" * (MB // 4), _MEGABYTES)
    return struct.pack("<3s7x", b"\x1f\x8b\x08") + rows.data + struct.pack("<2I", rows.crc, rows.size % 2**32)


@bomb("compressed", "csv.bz2")
def gigabytes_of_rows_by_bzip2() -> bytes:
    # A stream of 45 bytes holds 10 MB; streams that follow each other are one file.
    return bz2.compress(b"id,text\n") + bz2.compress(b"1,a\n" * (10 * MB // 4)) * (_MEGABYTES // 10)


@bomb("compressed", "csv.xz")
def gigabytes_of_rows_by_xz() -> bytes:
    return lzma.compress(b"id,text\n") + lzma.compress(b"1,a\n" * (100 * MB // 4)) * (_MEGABYTES // 100)


@bomb("compressed", "csv.zst")
def gigabytes_of_rows_by_zstandard() -> bytes:
    return _packed(zstandard.ZstdCompressor(level=3).compressobj(), b"1,a\n")


@bomb("compressed", "ndjson.zst")
def gigabytes_of_a_line_by_zstandard_with_a_window_of_2_gb() -> bytes:
    parameters = zstandard.ZstdCompressionParameters(window_log=31, strategy=zstandard.STRATEGY_FAST)
    frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return frame.compress(b'{"text": "') + frame.compress(b"a" * (400 * MB)) + frame.flush()


@bomb("compressed", "ndjson.gz")
def millions_of_short_lines_by_gzip() -> bytes:
    compressor = zlib.compressobj(9, wbits=31)
    return compressor.compress(b'{"a":1}\n' * (60 * MB // 8)) + compressor.flush()
