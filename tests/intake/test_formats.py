"""Formats by their first bytes; a table is never mistaken for an image or an archive."""

from __future__ import annotations

import pytest

from analysis.intake.formats import format_by_content


@pytest.mark.parametrize("word", ["GIF", "BM", "BZh", "MZ", "II", "ID3", "FWS", "RIFF", "7z", "%PDF", "OTTO"])
def test_a_table_whose_header_begins_like_a_binary_format_is_text(word: str) -> None:
    # The libraries filetype 1.2 and puremagic 1.30 take most of these for images, archives or programs.
    assert format_by_content(f"{word},text\n1,a good day\n2,rain\n".encode()) is None


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<?xml version="1.0"?><svg xmlns="x">', "SVG"),
        (b"\x00\x00\x00\x18ftypmif1" + bytes(20), "HEIC"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(20), "AVIF"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"II+\x00" + bytes(20), "TIFF"),
        (b"\x1aE\xdf\xa3" + bytes(30), "Matroska or WebM"),
        (b"BM\x9a\x00\x00\x00\x00\x00\x00\x00" + bytes(20), "BMP"),
    ],
)
def test_formats_that_are_refused_are_still_named(head: bytes, name: str) -> None:
    assert format_by_content(head) == name
