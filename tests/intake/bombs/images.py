"""Bombs in image formats other than PNG."""

from __future__ import annotations

import io
import struct
from functools import cache

from PIL import Image

from tests.intake.bombs.bomb import bomb

MB = 1024 * 1024


def saved(photo: Image.Image, form: str, **options: object) -> bytes:
    """An image's bytes."""
    target = io.BytesIO()
    photo.save(target, form, **options)
    return target.getvalue()


def tiny_gif() -> bytes:
    """A GIF of 8 x 8 pixels in 40 bytes."""
    _, frame = _gif(8)
    return b"GIF89a" + struct.pack("<2H3B", 8, 8, 0x80, 0, 0) + bytes(6) + frame + b";"


@cache
def _progressive(side: int) -> tuple[bytes, bytes]:
    """A grey progressive JPEG without its end, and its last scan."""
    data = saved(Image.new("L", (side, side), 90), "JPEG", progressive=True, quality=50)
    start = data.rindex(b"\xff\xda")
    return data[:-2], data[start:-2]


def _with_segments(marker: int, data: bytes, count: int) -> bytes:
    """A JPEG with the same segment many times after its start."""
    photo = saved(Image.new("RGB", (64, 64), "teal"), "JPEG")
    segment = struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
    return photo[:2] + segment * count + photo[2:]


@bomb("image", "jpg")
def scans_50_000() -> bytes:
    start, scan = _progressive(2_500)
    return start + scan * 50_000 + b"\xff\xd9"


@bomb("image", "jpg")
def scans_1_000_of_39_megapixels() -> bytes:
    start, scan = _progressive(6_200)
    return start + scan * 1_000 + b"\xff\xd9"


@bomb("image", "jpg")
def jpeg_of_65_535_by_65_535() -> bytes:
    return _resized(65_535, 65_535)


@bomb("image", "jpg")
def jpeg_of_39_megapixels_without_data() -> bytes:
    return _resized(6_200, 6_200)


def _resized(width: int, height: int, frame: bytes = b"\xff\xc0") -> bytes:
    data = bytearray(saved(Image.new("RGB", (64, 64), "teal"), "JPEG"))
    place = data.index(b"\xff\xc0")
    data[place : place + 2] = frame
    data[place + 5 : place + 9] = struct.pack(">2H", height, width)
    return bytes(data)


@bomb("image", "jpg")
def huffman_tables_100_000() -> bytes:
    table = b"\x00" + b"\x00\x01" + bytes(14) + b"\x05"
    return _with_segments(0xC4, table, 100_000)


@bomb("image", "jpg")
def quantization_tables_100_000() -> bytes:
    return _with_segments(0xDB, b"\x00" + b"\x01" * 64, 100_000)


@bomb("image", "jpg")
def application_segments_500_000() -> bytes:
    return _with_segments(0xED, b"Photoshop 3.0\x00", 500_000)


@bomb("image", "jpg")
def colour_profile_of_16_mb() -> bytes:
    return _with_segments(0xE2, b"ICC_PROFILE\x00\x01\xff" + bytes(65_000), 255)


@bomb("image", "jpg")
def comments_600_of_64_kb() -> bytes:
    return _with_segments(0xFE, b"c" * 65_000, 600)


@bomb("image", "jpg")
def arithmetic_coding() -> bytes:
    return _resized(6_200, 6_200, b"\xff\xc9")


@bomb("image", "jpg")
def fill_bytes_of_39_mb() -> bytes:
    data = saved(Image.new("RGB", (64, 64), "teal"), "JPEG")
    return data[:2] + b"\xff" * (39 * MB) + data[2:]


@bomb("image", "jpg")
def padding_of_39_mb() -> bytes:
    return saved(Image.new("RGB", (64, 64), "teal"), "JPEG") + bytes(39 * MB)


@bomb("image", "jpg")
def cmyk_of_39_megapixels() -> bytes:
    return saved(Image.new("CMYK", (6_200, 6_200), (200, 10, 90, 5)), "JPEG", quality=10)


@bomb("image", "jpg")
def images_4_000_in_one_mpo() -> bytes:
    """An index of 4,000 images that are all the first one, and 4,000 images behind it."""
    many = 4_000
    first = saved(Image.new("RGB", (64, 64), "teal"), "JPEG")
    entries = struct.pack("<5I", 0x20030000, len(first), 0, 0, 0)[:16] * many
    tags = _entry(0xB000, 7, 4, 0x30303130) + _entry(0xB001, 4, 1, many) + _entry(0xB002, 7, len(entries), 50)
    index = b"MPF\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 3) + tags + bytes(4) + entries
    return _with_segments(0xE2, index, 1) + first * many


def _with_exif(directory: bytes) -> bytes:
    return _with_segments(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + directory, 1)


def _entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<2H2I", tag, kind, count, value)


@bomb("image", "jpg")
def exif_that_points_to_itself() -> bytes:
    """Its sub-directories and the directory that follows are itself."""
    tags = (0x8769, 0x8825, 0xA005, 0x014A)
    entries = b"".join(_entry(tag, 4, 1, 8) for tag in tags)
    return _with_exif(struct.pack("<H", len(tags)) + entries + struct.pack("<I", 8))


@bomb("image", "jpg")
def exif_of_4_000_million_values() -> bytes:
    tags = (0x0112, 0x010E, 0x8769, 0x9286)
    entries = b"".join(_entry(tag, 5, 0xFFFFFFFF, 8) for tag in tags)
    return _with_exif(struct.pack("<H", len(tags)) + entries + bytes(4))


@bomb("image", "jpg")
def exif_of_5_000_entries_of_one_value() -> bytes:
    entries = b"".join(_entry(0x9000 + number, 7, 60_000, 8) for number in range(5_000))
    return _with_exif(struct.pack("<H", 5_000) + entries + bytes(4))


def _gif(side: int) -> tuple[bytes, bytes]:
    """A GIF up to its first frame, and that frame."""
    data = saved(Image.new("P", (side, side)), "GIF")
    start = data.index(b"\x2c", 13)
    return data[:start], data[start:-1]


@bomb("image", "gif")
def gif_frames_100_000() -> bytes:
    start, frame = _gif(16)
    return start + frame * 100_000 + b";"


@bomb("image", "gif")
def gif_frame_outside_of_it() -> bytes:
    start, frame = _gif(16)
    outside = b"," + struct.pack("<2H", 65_000, 65_000) + frame[5:]
    return start + outside + b";"


@bomb("image", "gif")
def gif_of_39_megapixels() -> bytes:
    start, frame = _gif(6_200)
    return start + frame + b";"


@bomb("image", "gif")
def gif_comments_of_39_mb() -> bytes:
    start, frame = _gif(16)
    comment = b"\x21\xfe" + (b"\xff" + b"c" * 255) * 150_000 + b"\x00"
    return start + comment + frame + b";"


@bomb("image", "webp")
def webp_of_16_383_by_2_441() -> bytes:
    return saved(Image.new("RGB", (16_383, 2_441), "teal"), "WEBP", lossless=True, quality=0, method=0)


@bomb("image", "webp")
def webp_of_16_383_by_16_383() -> bytes:
    """A lossless image whose header says the largest size there is."""
    data = bytearray(saved(Image.new("RGB", (64, 64), "teal"), "WEBP", lossless=True))
    place = data.index(b"VP8L") + 9
    data[place : place + 4] = struct.pack("<I", 16_382 | 16_382 << 14)
    return bytes(data)


@bomb("image", "webp")
def webp_of_10_000_frames() -> bytes:
    return _animated(3_000, 10_000)


@bomb("image", "webp")
def webp_frames_on_39_megapixels() -> bytes:
    return _animated(6_200, 50)


def _animated(side: int, frames: int) -> bytes:
    """A moving WebP that repeats one frame of its whole size."""
    still = saved(Image.new("RGB", (side, side), "teal"), "WEBP", lossless=True, quality=0, method=0)
    size = struct.pack("<I", side - 1)[:3] * 2
    place = bytes(6) + size + struct.pack("<I", 20)[:3] + b"\x00"
    body = b"WEBP" + _riff(b"VP8X", b"\x02\x00\x00\x00" + size) + _riff(b"ANIM", bytes(6))
    return _riff(b"RIFF", body + _riff(b"ANMF", place + still[12:]) * frames)


def _riff(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)
