"""Slices: the right posts, not too few, and only by what the model read."""

import numpy as np
import pandas as pd

from analysis.evaluation.slices import measure_slices

POSTS = pd.DataFrame(
    {
        "text": ["lovely 😍 day " * 5] * 20 + ["short #tag"] * 25 + ["long " * 40] * 30 + [""] * 5,
        "side": [float("nan")] * 40 + [60.0] * 20 + [500.0] * 20,
        "language": ["en"] * 50 + ["es"] * 10 + [None] * 20,
    }
)
TRUTH = np.arange(80) % 2


def slices(inputs: str, posts: pd.DataFrame = POSTS) -> dict[str, int]:
    predicted = np.zeros(80, dtype=np.int64)
    return {each["slice"]: each["posts"] for each in measure_slices(posts, TRUTH, predicted, 2, inputs)}


def test_slices_hold_the_posts_that_they_name() -> None:
    assert slices("both") == {
        "with emoji": 20,
        "without emoji": 55,
        "with hashtags": 25,
        "under 50 characters": 25,
        "over 140 characters": 30,
        "language en": 50,
        "images under 100 px": 20,
    }


def test_slices_by_unread_inputs_are_omitted() -> None:
    assert list(slices("image")) == ["images under 100 px"]
    assert "images under 100 px" not in slices("text")


def test_a_slice_of_all_posts_is_omitted() -> None:
    assert "with hashtags" not in slices("text", POSTS.assign(text="a #tag"))


def test_figures_are_those_of_the_slice_alone() -> None:
    predicted = np.where(POSTS["text"].str.contains("#"), TRUTH, 1 - TRUTH)
    found = {each["slice"]: each for each in measure_slices(POSTS, TRUTH, predicted, 2, "text")}
    assert found["with hashtags"]["accuracy"] == found["with hashtags"]["macro_f1"] == 1
    assert found["with emoji"]["accuracy"] == 0
