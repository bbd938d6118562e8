"""The sentence that says why a post got a score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.attribution.decision import describe_decision, find_strongest_area, find_strongest_words
from analysis.attribution.ledger import Completeness, ImageValue, Ledger, Output, WordValue

WORDS = (
    WordValue("late", 0, 4, 0.5),
    WordValue("again", 5, 10, 0.3),
    WordValue("late", 11, 15, 0.1),
    WordValue("train", 16, 21, 0.1),
    WordValue("nice", 22, 26, -0.2),
)


def image_with(rows: slice, columns: slice, value: float = 1.0, media_id: str = "a") -> ImageValue:
    """Make an image whose value is in one part of a 7 x 7 map."""
    cells = np.zeros((7, 7))
    cells[rows, columns] = value
    return ImageValue(
        media_id, float(cells.sum()), np.zeros((14, 14), dtype=np.int64), cells.sum(keepdims=True)[0], cells
    )


def ledger(text: float | None, image: float | None) -> Ledger:
    return Ledger(
        output=Output("sentiment", "negative"),
        base=0.0,
        total=(text or 0.0) + (image or 0.0),
        phi={"text": text or 0.0, "image": image or 0.0},
        interaction=0.0,
        present={"text": text is not None, "image": image is not None},
        words=() if text is None else WORDS,
        images=() if image is None else (image_with(slice(0, 2), slice(0, 2), 1 if image > 0 else -1),),
        base_is_average=True,
    )


@pytest.mark.parametrize(
    ("text", "image", "expected"),
    [
        (0.9, None, "Negative, because of the text (“late”, “again”)."),
        (None, 0.9, "Negative, because of the image (top left)."),
        (0.1, 1.0, "Negative, mostly because of the image (top left); the text added little."),
        (0.9, 0.7, "Negative, because of the text (“late”, “again”) and the image (top left)."),
        (
            1.0,
            -0.4,
            "Negative, because of the text (“late”, “again”), although the image (top left) speaks against it.",
        ),
        (0.9, 0.01, "Negative, because of the text (“late”, “again”)."),
        (0.01, 0.02, "Negative, like the average post with text and image."),
        (
            -0.4,
            -0.2,
            (
                "Negative, but with a lower score than the average post with text and image: "
                "the text (“nice”) and the image (top left) speak against it."
            ),
        ),
        (
            0.4,
            -0.9,
            (
                "Negative, but with a lower score than the average post with text and image: the image (top left) "
                "speaks against it more than the text (“late”, “again”) speaks for it."
            ),
        ),
        (
            -0.4,
            None,
            (
                "Negative, but with a lower score than the average post with text only: "
                "the text (“nice”) speaks against it."
            ),
        ),
    ],
)
def test_a_predicted_class_is_explained_by_what_decided(
    text: float | None, image: float | None, expected: str
) -> None:
    assert describe_decision(ledger(text, image), "negative") == expected


@pytest.mark.parametrize(
    ("text", "image", "expected"),
    [
        (0.9, None, "The text (“late”, “again”) speaks for negative."),
        (-0.4, -0.9, "The image (top left) and the text (“nice”) speak against negative."),
        (
            0.9,
            -0.4,
            "The text (“late”, “again”) speaks for negative, the image (top left) speaks against negative.",
        ),
        (0.01, None, "Nothing in this post speaks for or against negative."),
    ],
)
def test_another_class_is_not_called_the_prediction(
    text: float | None, image: float | None, expected: str
) -> None:
    assert describe_decision(ledger(text, image), "negative", predicted=False) == expected


def test_an_uncertain_prediction_is_not_stated_as_a_fact() -> None:
    sentence = describe_decision(ledger(0.9, None), "negative", uncertain=True)
    assert sentence == "Not sure, closest to negative, because of the text (“late”, “again”)."


def test_words_that_do_not_add_up_are_not_named() -> None:
    failed = replace(ledger(0.9, None), word_check=Completeness(1.0, 0.1, 64, "failed"))
    assert find_strongest_words(failed) == []
    assert describe_decision(failed, "negative") == "Negative, because of the text."


def test_punctuation_is_not_named_but_emoji_are() -> None:
    words = (WordValue("!!!", 0, 3, 2.0), WordValue("°", 3, 4, 2.0), WordValue("😡", 4, 5, 1.0))
    assert find_strongest_words(replace(ledger(0.9, None), words=words)) == ["😡"]


def test_a_word_is_named_once_and_on_one_line() -> None:
    words = (WordValue("so\u202e\nbad", 0, 6, 1.0), WordValue("so\u202e\nbad", 7, 13, 0.9))
    assert find_strongest_words(replace(ledger(0.9, None), words=words)) == ["so bad"]


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (slice(0, 2), slice(0, 2), "top left"),
        (slice(3, 5), slice(3, 5), "centre"),
        (slice(3, 5), slice(5, 7), "right"),
        (slice(5, 7), slice(3, 5), "bottom"),
        (slice(5, 7), slice(0, 7), "lower part"),
        (slice(0, 7), slice(0, 2), "left side"),
        (slice(0, 7), slice(0, 7), "whole image"),
        (slice(0, 0), slice(0, 0), ""),  # nothing
    ],
)
def test_the_strongest_area_of_an_image_is_named(rows: slice, columns: slice, expected: str) -> None:
    assert find_strongest_area([image_with(rows, columns)]) == expected


def test_of_several_images_the_one_with_the_strongest_area_is_named() -> None:
    images = [image_with(slice(0, 2), slice(0, 2)), image_with(slice(5, 7), slice(5, 7), 2.0, "b")]
    assert find_strongest_area(images) == "image 2, bottom right"
    assert find_strongest_area(images[::-1]) == "image 1, bottom right"


def test_regions_without_cells_are_located_too() -> None:
    regions = np.zeros((12, 12), dtype=np.int64)
    regions[8:, 8:] = 1
    image = ImageValue("a", 1.0, regions, np.array([-0.5, 1.5]))
    assert find_strongest_area([image]) == "bottom right"
    assert find_strongest_area([image], -1) == "whole image"
