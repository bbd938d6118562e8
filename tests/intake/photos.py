"""Draw, encode and store images, and get the reason an image is refused."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from analysis.importers.refused import RefusedError
from analysis.intake.files import InputFile
from analysis.intake.media import StoredImage, check_and_store_image, stored_image_path
from analysis.settings import Settings


def drawn(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """An image whose left half is red and right half blue, so that turning it shows."""
    photo = Image.new("RGB", size, "red")
    ImageDraw.Draw(photo).rectangle((size[0] // 2, 0, *size), fill="blue")
    return photo.convert(mode)


def encoded(photo: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **options)
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def store(content: bytes, folder: Path, name: str = "a.jpg", **limits: int) -> StoredImage:
    return check_and_store_image(InputFile(name, content), folder, Settings(**limits))


def stored(content: bytes, folder: Path, **limits: int) -> Image.Image:
    photo = store(content, folder, "a.jpg", **limits)
    return Image.open(stored_image_path(folder, photo.media_id))


def refusal(content: bytes, folder: Path, name: str = "a.jpg", **limits: int) -> str:
    with pytest.raises(RefusedError) as caught:
        store(content, folder, name, **limits)
    assert list(folder.rglob("*")) == []
    assert caught.value.remedy.endswith(".")
    return caught.value.reason
