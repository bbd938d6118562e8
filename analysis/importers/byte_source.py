"""The bytes of a large file, read block by block, from the start as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from analysis.importers.heartbeat import send_heartbeat
from analysis.settings import MB

BLOCK_BYTES = MB
"""Usual size of a block."""


class ByteSource:
    """The bytes of one file.

    The first complete pass counts them; later passes report how far they are.

    Args:
        read: Reads the file from its start, decompressed, and yields parts of any size.

    Attributes:
        total: The bytes of the file, decompressed; 0 before the end of the first pass.
    """

    def __init__(self, read: Callable[[], Iterable[bytes]]) -> None:
        self._read = read
        self.total = 0

    def blocks(self) -> Iterator[bytes]:
        """Read the file from its start, in blocks of about `BLOCK_BYTES`, with heartbeats."""
        done = 0
        for block in _join_parts(self._read()):
            done += len(block)
            send_heartbeat(done if self.total else 0, self.total)
            yield block
        self.total = self.total or done

    def head(self, size: int) -> bytes:
        """Return the first bytes."""
        found = bytearray()
        for part in self._read():
            found += part
            if len(found) >= size:
                break
        return bytes(found[:size])


def _join_parts(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Join small parts to blocks, as each block costs time on its own."""
    block = bytearray()
    for part in parts:
        if not block and len(part) >= BLOCK_BYTES:
            yield part
            continue
        block += part
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)
