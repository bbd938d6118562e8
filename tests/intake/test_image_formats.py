"""HEIC, AVIF, TIFF and images of many bits or of other colours."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.importers.refused import RefusedError
from analysis.intake.formats import format_by_content
from tests.intake.photos import drawn, encoded, refusal, store, stored


def heic(photo: Image.Image) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(photo).save(file)
    return file.getvalue()


def test_heic_is_read_whatever_its_name(tmp_path: Path) -> None:
    with stored(heic(drawn(size=(64, 40))), tmp_path) as photo:
        assert photo.size == (64, 40)
        assert np.asarray(photo)[20, 5, 0] > 200


def test_heic_without_its_extra_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = heic(drawn())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(RefusedError) as caught:
        store(content, tmp_path)
    assert "the extra heic" in caught.value.reason
    assert "pip install postlens[heic]" in caught.value.remedy


def test_the_limit_of_pixels_applies_to_formats_that_are_decoded_late(tmp_path: Path) -> None:
    for number, content in enumerate((heic(drawn()), encoded(drawn(), "AVIF"), encoded(drawn(), "TIFF"))):
        (folder := tmp_path / str(number)).mkdir()
        assert "the limit is 0 MP" in refusal(content, folder, max_image_pixels=1_000)


@pytest.mark.parametrize(
    ("pixels", "mode"),
    [(np.uint16, "I;16"), (np.int32, "I"), (np.float32, "F")],
)
def test_scans_of_many_bits_keep_their_shades(pixels: type, mode: str, tmp_path: Path) -> None:
    grey = np.repeat(np.linspace(0, 65_535, 60), 40).reshape(60, 40).astype(pixels)
    photo = Image.fromarray(grey)
    assert photo.mode == mode
    with stored(encoded(photo, "TIFF"), tmp_path) as shown:
        shades = np.asarray(shown)[:, 20, 0].astype(int)
    assert (shades[0] < 8, shades[-1] > 247, 120 < shades[30] < 136) == (True, True, True)


def test_cmyk_is_shown_in_its_colours(tmp_path: Path) -> None:
    with stored(encoded(drawn("CMYK"), "TIFF"), tmp_path) as photo:
        assert np.asarray(photo)[20, 5, 0] > 200
        assert np.asarray(photo)[20, 55, 2] > 200


def test_an_image_of_a_general_brand_is_recognised_by_its_compatible_ones() -> None:
    assert format_by_content(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "AVIF"
    assert format_by_content(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic") == "HEIC"
