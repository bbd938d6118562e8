"""Compressed single files (.gz, .bz2, .xz, .zst): decompressed in steps, within the limits of packed tables."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

import zstandard

from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.limits import check_unpacked
from analysis.importers.refused import RefusedError
from analysis.settings import MB, Settings

_CHUNK_BYTES = MB
_STEP_BYTES = 1_024  # of Zstandard; each 4 may decompress to 128 kB
_MAX_WINDOW = 2**31  # bytes, of Zstandard; the monthly files of Reddit have this one
_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


def decompress(content: bytes, form: str, settings: Settings) -> bytes:
    """Decompress a file.

    Args:
        content: The compressed file.
        form: A key of `FORMS`.
        settings: Limits of what it may decompress to.

    Raises:
        RefusedError: If it is damaged or over a limit.
    """
    decompressed = io.BytesIO()
    try:
        for chunk in FORMS[form](content, settings):
            send_heartbeat()
            check_unpacked(decompressed.tell() + len(chunk), len(content), settings)
            decompressed.write(chunk)
    except _DAMAGED as error:
        raise RefusedError(
            f"is damaged, or not {form} all through ({str(error)[:80]})", "Download or compress it again."
        ) from None
    return decompressed.getvalue()


def window_bytes(head: bytes) -> int:
    """Return the memory that decompression reserves, from the first bytes of a file; 0 where it is small.

    A Zstandard file declares it, up to 2 GB, of which no more is used than the file decompresses to.
    """
    try:
        return min(zstandard.get_frame_parameters(head[:_STEP_BYTES]).window_size, _MAX_WINDOW)
    except zstandard.ZstdError:
        return 0


def _chunks_of(open_file: Callable[[BinaryIO], BinaryIO]) -> Callable[[bytes, Settings], Iterator[bytes]]:
    def chunks(content: bytes, _: Settings) -> Iterator[bytes]:
        with open_file(io.BytesIO(content)) as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                yield chunk

    return chunks


def _zstandard_chunks(content: bytes, _: Settings) -> Iterator[bytes]:
    """Decompress all frames of a Zstandard file."""
    rest = memoryview(content)
    while len(rest):
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
        while not decompressor.eof:
            if not len(rest):
                raise EOFError("it ends too early")
            yield decompressor.decompress(rest[:_STEP_BYTES])
            rest = rest[_STEP_BYTES:]
        rest = memoryview(content)[len(content) - len(rest) - len(decompressor.unused_data) :]


FORMS: Mapping[str, Callable[[bytes, Settings], Iterator[bytes]]] = MappingProxyType(
    {
        "gzip": _chunks_of(gzip.open),  # type: ignore[arg-type]
        "bzip2": _chunks_of(bz2.open),  # type: ignore[arg-type]
        "xz": _chunks_of(lzma.open),  # type: ignore[arg-type]
        "Zstandard": _zstandard_chunks,
    }
)
"""How to decompress each format, by its name in `analysis.intake.formats`."""

SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zst"})
"""Suffixes of compressed files in lower case, each before which the suffix of the file in it may stand."""
