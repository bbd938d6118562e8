"""PNG bombs."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cache

from tests.intake.bombs.bomb import bomb

MB = 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
GREY, RGB, RGBA = 0, 2, 6
_SAMPLES = {GREY: 1, RGB: 3, RGBA: 4}


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int,
    height: int,
    colours: int = RGB,
    bits: int = 8,
    interlaced: bool = False,
    chunks: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """A black PNG with further chunks in front of its pixels."""
    line = -(-width * _SAMPLES[colours] * bits // 8) + 1
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, bits, colours, 0, 0, int(interlaced)))
    pixels = _zeros(line * height + (16 * height if interlaced else 0))
    further = b"".join(chunk(name, data) for name, data in chunks)
    return _PNG + head + further + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@cache
def _zeros(count: int) -> bytes:
    """That many zeros, packed."""
    packer = zlib.compressobj(9)
    packed = [packer.compress(bytes(min(MB, count - start))) for start in range(0, count, MB)]
    return b"".join(packed) + packer.flush()


@bomb("image", "png")
def png_of_30_000_by_1_300() -> bytes:
    return png(30_000, 1_300)


@bomb("image", "png")
def png_of_5_000_000_by_8() -> bytes:
    return png(4_999_999, 8)


@bomb("image", "png")
def png_of_8_by_5_000_000() -> bytes:
    return png(8, 4_999_999, RGBA)


@bomb("image", "png")
def png_of_16_bits_and_39_megapixels() -> bytes:
    return png(6_200, 6_200, RGBA, 16)


@bomb("image", "png")
def png_of_16_bit_grey_and_39_megapixels() -> bytes:
    return png(6_200, 6_200, GREY, 16)


@bomb("image", "png")
def png_interlaced() -> bytes:
    return png(6_200, 6_200, RGBA, 8, interlaced=True)


@bomb("image", "png")
def png_profile_of_500_mb() -> bytes:
    return png(64, 64, chunks=[(b"iCCP", b"p\x00\x00" + _zeros(500 * MB))])


@bomb("image", "png")
def png_texts_of_500_mb() -> bytes:
    texts = [(b"zTXt", b"k%d\x00\x00" % number + _zeros(MB)) for number in range(500)]
    return png(64, 64, chunks=texts)


@bomb("image", "png")
def png_text_of_500_mb() -> bytes:
    return png(64, 64, chunks=[(b"zTXt", b"k\x00\x00" + _zeros(500 * MB))])


@bomb("image", "png")
def png_chunks_500_000() -> bytes:
    return png(64, 64, chunks=[(b"tEXt", b"k\x00v")] * 500_000)


@bomb("image", "png")
def png_frames_20_000() -> bytes:
    control = struct.pack(">5I2H2B", 0, 64, 64, 0, 0, 1, 10, 0, 0)
    pixels = _zeros((64 * 3 + 1) * 64)
    frames = [
        frame
        for number in range(20_000)
        for frame in (
            (b"fcTL", struct.pack(">I", 2 * number) + control[4:]),
            (b"fdAT", struct.pack(">I", 2 * number + 1) + pixels),
        )
    ]
    return png(64, 64, chunks=[(b"acTL", struct.pack(">2I", 20_000, 0)), *frames])
