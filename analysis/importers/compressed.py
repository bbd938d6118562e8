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
from analysis.importers.limits import check_unpacked_size
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
    for chunk in decompressed_chunks(io.BytesIO(content), form):
        send_heartbeat()
        check_unpacked_size(decompressed.tell() + len(chunk), len(content), settings)
        decompressed.write(chunk)
    return decompressed.getvalue()


def decompressed_chunks(file: BinaryIO, form: str) -> Iterator[bytes]:
    """Decompress an open file step by step.

    Args:
        file: The compressed file, at its start.
        form: A key of `FORMS`.

    Yields:
        Parts of the content, at most about 1 MB each.

    Raises:
        RefusedError: If it is damaged.
    """
    try:
        yield from FORMS[form](file)
    except _DAMAGED as error:
        raise RefusedError(
            f"is damaged, or not {form} all through ({str(error)[:80]})", "Download or compress it again."
        ) from None


def decompression_memory(head: bytes) -> int:
    """Return the memory that decompression reserves, from the first bytes of a file; 0 where it is small.

    A Zstandard file declares it, up to 2 GB, of which no more is used than the file decompresses to.
    """
    try:
        return min(zstandard.get_frame_parameters(head[:_STEP_BYTES]).window_size, _MAX_WINDOW)
    except zstandard.ZstdError:
        return 0


def _chunks_of(open_file: Callable[[BinaryIO], BinaryIO]) -> Callable[[BinaryIO], Iterator[bytes]]:
    def chunks(file: BinaryIO) -> Iterator[bytes]:
        with open_file(file) as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                yield chunk

    return chunks


def _zstandard_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Decompress all frames of a Zstandard file."""
    rest = b""
    while rest or (rest := file.read(_STEP_BYTES)):
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
        while not decompressor.eof:
            if not rest and not (rest := file.read(_STEP_BYTES)):
                raise EOFError("it ends too early")
            yield decompressor.decompress(rest)
            rest = b""
        rest = decompressor.unused_data


FORMS: Mapping[str, Callable[[BinaryIO], Iterator[bytes]]] = MappingProxyType(
    {
        "gzip": _chunks_of(gzip.open),  # type: ignore[arg-type]
        "bzip2": _chunks_of(bz2.open),  # type: ignore[arg-type]
        "xz": _chunks_of(lzma.open),  # type: ignore[arg-type]
        "Zstandard": _zstandard_chunks,
    }
)
"""How to decompress each format, by its name in `analysis.intake.formats`."""

SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zst"})
"""Suffixes of compressed files in lower case, which may follow the suffix of the inner file."""
