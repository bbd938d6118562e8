"""Highlighted words and regions: safe, and readable without colour."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from analysis.attribution.ledger import ImageValue, WordValue
from analysis.charts import highlights
from analysis.charts.highlights import (
    cell_map_overlay,
    find_strongest,
    grad_cam_overlay,
    heat_map_overlay,
    highlighted_words,
)
from tests.charts.ledgers import IMAGE, REGIONS, TEXT, WORDS

GREY = Image.new("RGB", (80, 40), (128, 128, 128))


def text_in(markup: str) -> str:
    return unescape(re.sub(r"</?(?:span|div)[^>]*>", "", markup))


def test_words_are_highlighted_by_sign_strength_and_value() -> None:
    spans = re.findall(
        r'<span title="([^"]*)" style="([^"]*)">([^<]*)</span>', highlighted_words(TEXT, WORDS)
    )
    assert [(value, word) for value, _, word in spans] == [
        ("−0.90", "&lt;b&gt;hate&lt;/b&gt;"),
        ("+1.80", "love"),
        ("+0.99", "rain"),
    ]
    hate, love, rain = (style for _, style, _ in spans)
    assert "2px dashed" in hate
    assert "3px solid" in love
    assert "2px solid" in rain


def test_a_word_of_almost_no_value_is_not_highlighted() -> None:
    assert re.search(r">I <span", highlighted_words(TEXT, WORDS))


def test_text_without_words_is_only_escaped() -> None:
    assert text_in(highlighted_words("<script>alert(1)</script>", ())) == "<script>alert(1)</script>"
    assert "<script" not in highlighted_words("<script>alert(1)</script>", ())


@given(st.text(max_size=60), st.lists(st.floats(-3, 3), max_size=20))
def test_any_text_is_complete_and_inert(text: str, values: list[float]) -> None:
    places = [match.span() for match in re.finditer(r"\S+", text)]
    words = [WordValue(text[a:b], a, b, v) for (a, b), v in zip(places, values, strict=False)]
    markup = highlighted_words(text, words)
    assert set(re.findall(r"<(/?\w*)", markup)) <= {"div", "/div", "span", "/span"}
    assert text_in(markup) == text


def test_the_heat_map_colours_regions_by_sign_and_strength() -> None:
    shown = np.asarray(heat_map_overlay(GREY, IMAGE), dtype=int)  # (height, width, rgb)
    raising, neutral, faint, lowering = shown[9, 9], shown[9, 70], shown[33, 9], shown[31:35, 60:75]
    assert raising[2] > raising[0]  # blue
    assert tuple(neutral) == (128, 128, 128)
    assert faint[0] > faint[2]  # orange
    strongest = lowering.reshape(-1, 3).max(axis=0)
    assert strongest[0] - strongest[2] > faint[0] - faint[2]


def test_the_heat_map_reads_without_colour() -> None:
    shown = np.asarray(heat_map_overlay(GREY, IMAGE), dtype=int)
    white, dark = (shown == 255).all(axis=2), shown.max(axis=2) < DARK
    assert white[:, 38:42].any()  # outlined: the region that raises
    assert not white[24:, 44:].any()
    assert dark[22:, 42:].any()  # hatched: the region that lowers
    assert not dark[:18, :38].any()


def test_paler_colours_keep_outlines_and_hatching() -> None:
    full = np.asarray(heat_map_overlay(GREY, IMAGE), dtype=int)
    pale = np.asarray(heat_map_overlay(GREY, IMAGE, strength=0.3), dtype=int)
    outline = (full == 255).all(axis=2)
    assert outline.any()
    assert np.array_equal(outline, (pale == 255).all(axis=2))
    colourful = np.ptp(full, axis=2) > 20
    assert (np.ptp(pale, axis=2)[colourful] < np.ptp(full, axis=2)[colourful]).all()


def test_values_of_zero_leave_the_image_grey() -> None:
    zero = ImageValue("ab" * 32, 0.0, REGIONS, np.zeros(4))
    assert np.array_equal(np.asarray(heat_map_overlay(GREY, zero)), np.asarray(GREY))


def test_images_of_one_post_share_a_scale() -> None:
    alone = np.asarray(heat_map_overlay(GREY, IMAGE), dtype=int)[9, 9]
    with_a_stronger = np.asarray(heat_map_overlay(GREY, IMAGE, strongest=1.0), dtype=int)[9, 9]
    assert abs(with_a_stronger[2] - 128) < abs(alone[2] - 128)


DARK = 60  # the lines of hatching are darker than any coloured grey
CELLS = np.array([[0.3, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, -0.1, -0.8]])


@pytest.mark.parametrize("size", [(640, 427), (300, 640), (210, 210)])
def test_smooth_values_have_the_mean_of_the_cells(size: tuple[int, int]) -> None:
    smooth = highlights._interpolate(CELLS, size)
    assert smooth.shape == size[::-1]
    assert smooth.mean() == pytest.approx(CELLS.mean(), abs=1e-4)
    assert np.abs(smooth).max() == pytest.approx(0.8, abs=0.01)


def test_cells_are_drawn_smoothly_and_read_without_colour() -> None:
    image = Image.new("RGB", (300, 300), (128, 128, 128))
    shown = np.asarray(cell_map_overlay(image, CELLS), dtype=int)
    assert shown[20, 20, 2] > shown[20, 20, 0]  # blue: raises
    assert shown[270, 280, 0] > shown[270, 280, 2]  # orange: lowers
    dark = shown.max(axis=2) < DARK
    assert dark[240:].any()  # hatched: the cell that lowers most
    assert not dark[:150].any()
    assert not (shown == 255).all(axis=2).any()  # 0.3 is less than half of 0.8
    assert (np.asarray(cell_map_overlay(image, -CELLS)) == 255).all(axis=2).any()  # outlined


def test_an_image_with_cells_is_drawn_by_them_on_the_scale_of_all_images() -> None:
    one = replace(IMAGE, cells=CELLS)
    other = replace(IMAGE, cells=2 * CELLS)
    assert find_strongest([one, other]) == 1.6
    assert find_strongest([IMAGE]) == np.abs(IMAGE.heat()).max()
    drawn = np.asarray(heat_map_overlay(GREY, one, 1.6))
    assert np.array_equal(drawn, np.asarray(cell_map_overlay(GREY, CELLS, 1.6)))
    assert not np.array_equal(drawn, np.asarray(heat_map_overlay(GREY, one)))


def test_cells_of_zero_leave_the_image_grey() -> None:
    assert np.array_equal(np.asarray(cell_map_overlay(GREY, np.zeros((7, 7)))), np.asarray(GREY))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_images_of_any_mode_and_size_are_resized(mode: str) -> None:
    shown = heat_map_overlay(Image.new(mode, (2_000, 500)), IMAGE)
    assert (shown.mode, shown.size) == ("RGB", (640, 160))


def test_the_grad_cam_overlay_colours_hot_regions_and_leaves_the_rest_grey() -> None:
    image = Image.new("RGB", (40, 20), (200, 20, 20))
    lit = np.asarray(grad_cam_overlay(image, np.array([[1.0, 1.0, 0.0, 0.0]] * 2))).astype(int)
    assert lit.shape == (20, 40, 3)
    assert (lit[:, :5, 0] - lit[:, :5, 2]).min() > 80  # yellow
    assert np.ptp(lit[:, 36:], axis=2).max() < 5  # grey
