"""Zips written byte by byte, so that a header may say anything and gigabytes are packed in milliseconds.

The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

STORED, DEFLATED, BZIP2, LZMA, ZSTD = 0, 8, 12, 14, 93
UTF8_NAME, DESCRIPTOR = 0x800, 0x8


@dataclass(frozen=True)
class Member:
    """One member; what its headers say may be untrue.

    Attributes:
        name: In the directory at the end.
        data: Its bytes, packed.
        size: The unpacked size that the headers say.
        crc: The checksum that they say.
        method: How `data` is packed.
        flags: Of the headers.
        packed: The packed size that the headers say; the length of `data` when None.
        local_name: The name in front of the data; `name` when None.
        extra: Further fields of the directory.
        comment: In the directory.
        descriptor: Written after the data.
    """

    name: bytes
    data: bytes
    size: int = 0
    crc: int = 0
    method: int = DEFLATED
    flags: int = UTF8_NAME
    packed: int | None = None
    local_name: bytes | None = None
    extra: bytes = b""
    comment: bytes = b""
    descriptor: bytes = b""

    def local(self) -> bytes:
        """The header in front of the data, and the data."""
        name = self.name if self.local_name is None else self.local_name
        crc, packed, size = (0, 0, 0) if self.flags & DESCRIPTOR else self._sizes()
        head = struct.pack(
            "<4s5H3I2H", b"PK\x03\x04", 20, self.flags, self.method, 0, 33, crc, packed, size, len(name), 0
        )
        return head + name + self.data + self.descriptor

    def entry(self, offset: int) -> bytes:
        """The member in the directory; its local header is at `offset`."""
        lengths = len(self.name), len(self.extra), len(self.comment)
        head = struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            20,
            self.flags,
            self.method,
            0,
            33,
            *self._sizes(),
            *lengths,
            0,
            0,
            0,
            offset,
        )
        return head + self.name + self.extra + self.comment

    def _sizes(self) -> tuple[int, int, int]:
        packed = len(self.data) if self.packed is None else self.packed
        return self.crc, packed & 0xFFFFFFFF, self.size & 0xFFFFFFFF


def stored(name: str, content: bytes) -> Member:
    """A member that is not packed."""
    return Member(name.encode(), content, len(content), zlib.crc32(content), STORED)


def deflated(name: str, content: bytes) -> Member:
    """A member packed as usual."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    return Member(name.encode(), data, len(content), zlib.crc32(content))


def repeated(name: str, head: bytes, block: bytes, count: int, tail: bytes = b"") -> Member:
    """A member that unpacks to `head`, `count` times `block`, and `tail`; the block is packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(tail) + packer.flush()
    crc = zlib.crc32(head)
    for _ in range(count):
        crc = zlib.crc32(block, crc)
    size = len(head) + len(block) * count + len(tail)
    return Member(name.encode(), first + middle * count + last, size, zlib.crc32(tail, crc))


def zipped(members: Sequence[Member]) -> bytes:
    """Write members one after the other, and their directory."""
    body = bytearray()
    directory = bytearray()
    for member in members:
        directory += member.entry(len(body))
        body += member.local()
    return bytes(body) + finish(bytes(directory), len(members), len(body))


def finish(directory: bytes, count: int, offset: int, size: int | None = None) -> bytes:
    """The directory and the record behind it; `size` is what that says of the directory's length."""
    size = len(directory) if size is None else size
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, min(count, 0xFFFF), min(count, 0xFFFF), size, offset, 0
    )
    if count < 0xFFFF:
        return directory + end
    wide = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    return directory + wide + struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1) + end


def renamed(member: Member, name: str) -> Member:
    """The same member under another name."""
    return replace(member, name=name.encode())


def with_more_entries(whole: bytes, members: Sequence[Member], at: str) -> bytes:
    """Add entries to a zip's directory that all point to the member called `at`."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        offset, count, start = archive.getinfo(at).header_offset, len(archive.infolist()), archive.start_dir
    directory = whole[start : whole.rindex(b"PK\x05\x06")] + b"".join(
        member.entry(offset) for member in members
    )
    return whole[:start] + finish(directory, count + len(members), start)
