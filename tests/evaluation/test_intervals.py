"""Intervals contain the metric, narrow with more posts, and are the same for the same seed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.evaluation.intervals import bootstrap_intervals


def answers(posts: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Two classes, three answers in four right, all given with a confidence of 0.75."""
    truth = np.arange(posts) // 4 % 2
    return truth, np.where(np.arange(posts) % 4 == 0, 1 - truth, truth), np.full(posts, 0.75)


def test_the_interval_of_accuracy_is_that_of_a_share() -> None:
    low, high = bootstrap_intervals(*answers(400), classes=2)["accuracy"]
    wide = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert low == pytest.approx(0.75 - wide, abs=0.01)
    assert high == pytest.approx(0.75 + wide, abs=0.01)


def test_every_figure_has_an_interval_and_more_posts_narrow_it() -> None:
    few, many = (bootstrap_intervals(*answers(posts), classes=2) for posts in (40, 1_000))
    assert set(few) == {"accuracy", "weighted_f1", "macro_f1", "macro_recall", "ece"}
    for name in few:
        assert many[name][1] - many[name][0] < few[name][1] - few[name][0]


def test_one_seed_gives_one_interval() -> None:
    one, same, other = (bootstrap_intervals(*answers(60), classes=2, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
