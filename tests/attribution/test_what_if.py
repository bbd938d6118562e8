"""Posts changed for a what-if: the selected words are removed and the selected pixels changed."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from analysis.attribution.what_if import Box, crop_to_box, list_removable_words, occlude_box, remove_words
from analysis.errors import AttributionError
from analysis.model.text import preprocess_text

TEXT = "So  good,\n#match ❤️ not!"
CLEAN = preprocess_text(TEXT)


def test_words_are_removed_and_the_rest_is_unchanged() -> None:
    assert list_removable_words(CLEAN) == ["So", "good", ",", "#match", "❤️", "not", "!"]
    assert remove_words(CLEAN, []) == TEXT
    assert remove_words(CLEAN, [1]) == "So  ,\n#match ❤️ not!"
    assert remove_words(CLEAN, [4]) == "So  good,\n#match not!"
    assert list_removable_words(preprocess_text(remove_words(CLEAN, [0, 3, 6]))) == ["good", ",", "❤️", "not"]
    assert remove_words(CLEAN, range(7)).strip() == ""


def test_equal_words_are_distinguished_by_number() -> None:
    assert remove_words(preprocess_text("bad not bad"), [2]).split() == ["bad", "not"]
    assert remove_words(preprocess_text("bad not bad"), [0]).split() == ["not", "bad"]


def test_a_part_of_an_image_is_cut_out(photo: Image.Image) -> None:
    part = crop_to_box(photo, Box(0.5, 0.0, 1.0, 0.5))
    assert part.size == (40, 30)
    assert part.tobytes() == photo.crop((40, 0, 80, 30)).tobytes()


def test_a_part_is_covered_with_the_mean_colour_and_the_rest_is_kept(photo: Image.Image) -> None:
    before, after = np.asarray(photo), np.asarray(occlude_box(photo, Box(0.25, 0.5, 0.75, 1.0)))
    mean = before.reshape(-1, 3).mean(0)
    assert np.abs(after[30:60, 20:60] - mean).max() <= 1
    untouched = np.ones(before.shape[:2], dtype=bool)
    untouched[30:60, 20:60] = False
    assert (after[untouched] == before[untouched]).all()


def test_the_thinnest_box_holds_a_pixel(photo: Image.Image) -> None:
    assert crop_to_box(photo, Box(0.999, 0.999, 1.0, 1.0)).size == (1, 1)


@pytest.mark.parametrize("edges", [(0.5, 0, 0.5, 1), (0, 0.8, 1, 0.2), (-0.1, 0, 1, 1)])
def test_a_box_without_a_surface_is_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(AttributionError, match="is empty or outside"):
        Box(*edges)
