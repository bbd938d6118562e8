"""Images over a limit, damaged ones and other formats are refused with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.intake.photos import drawn, encoded, png_that_claims, refusal, store


def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    assert refusal(png_that_claims(9_000, 9_000), tmp_path) == "is 9,000 x 9,000 px; the limit is 40 MP"
    assert "too many pixels" in refusal(png_that_claims(100_000, 100_000), tmp_path)
    assert "too many pixels" in refusal(png_that_claims(12_000, 9_000), tmp_path)


def test_the_limit_of_pixels_is_that_of_the_settings(tmp_path: Path) -> None:
    content = encoded(drawn(size=(60, 40)))
    assert "is 60 x 40 px" in refusal(content, tmp_path, max_image_pixels=2_399)
    assert store(content, tmp_path, max_image_pixels=2_400)


def test_too_many_bytes_and_too_few_pixels_are_refused(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (800, 800, 3), dtype=np.uint8))
    reason = refusal(encoded(noise), tmp_path, max_image_bytes=1024 * 1024)
    assert reason == "is 1.8 MB; the limit for an image is 1 MB"
    assert refusal(encoded(drawn(size=(1, 1))), tmp_path) == "is 1 x 1 px; the minimum side is 8 px"
    assert "200 x 7" in refusal(encoded(drawn(size=(200, 7))), tmp_path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF"])
def test_a_truncated_image_is_refused(kind: str, tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    assert refusal(content[: len(content) // 2], tmp_path) == "is damaged or truncated"


def test_what_is_no_image_is_refused_whatever_its_name(tmp_path: Path) -> None:
    for content in (b"post_id,text\n1,hello\n", b"<html></html>", b"MZ\x90\x00", b"PK\x03\x04 zip"):
        assert refusal(content, tmp_path, "photo.jpg") == "is not an image, despite its name"
    assert refusal(b"", tmp_path, "photo.jpg") == "is empty (0 bytes)"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encoded(drawn(), "ICO"), "is an image in the ICO format; PostLens reads"),
        (encoded(drawn(), "JPEG2000"), "is an image in the JPEG 2000 format; PostLens reads"),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
            "is an image in the SVG format; PostLens reads",
        ),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "is damaged or truncated"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "is damaged or truncated"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", "is a video (MP4); "),
        (b"\x1aE\xdf\xa3\x01\x00", "is a video (Matroska or WebM); "),
        (b"RIFF\x00\x10\x00\x00AVI LIST", "is a video (AVI); "),
    ],
)
def test_other_formats_are_named_by_their_content(content: bytes, reason: str, tmp_path: Path) -> None:
    assert refusal(content, tmp_path, "photo.jpg").startswith(reason)


@pytest.mark.parametrize(("name", "named"), [("a.HEIC", "HEIC"), ("a.mov", "QuickTime"), ("a.svg", "SVG")])
def test_other_formats_are_named_by_extension_if_the_content_is_unknown(
    name: str, named: str, tmp_path: Path
) -> None:
    assert named in refusal(b"\x01\x02\x03\x04 nothing known", tmp_path, name)
