"""A correct ranking scores better than random ones, and a reversed ranking worse."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.attribution.faithfulness import measure_faithfulness

WORTH = np.array([2.0, -1.0, 0.5, 0.0, 0.1, -0.2, 0.3, 1.0, 0.0, -0.4])


def score(kept: np.ndarray) -> np.ndarray:
    """Each kept part adds its value."""
    return kept @ WORTH


def test_correct_values_pass() -> None:
    found = measure_faithfulness(WORTH, score, orders=20)
    assert found.verdict == "holds"
    assert found.own.comprehensiveness > found.random.comprehensiveness + 0.5
    assert found.own.insertion > found.random.insertion + 0.5


def test_reversed_values_fail() -> None:
    assert measure_faithfulness(-WORTH, score, orders=20).verdict == "fails"


def test_measures_of_a_hand_computed_case() -> None:
    """Of two parts, each fraction up to a half removes the first."""
    found = measure_faithfulness(np.array([1.0, 0.0]), lambda kept: kept @ np.array([3.0, 1.0]), 0)
    assert found.own.comprehensiveness == pytest.approx(3.0)
    assert found.own.sufficiency == pytest.approx(1.0)
    assert found.own.deletion == pytest.approx(0.01 * (4 + 1) / 2 + 0.49 * 1 + 0.5 * (1 + 0) / 2)
    assert found.own.insertion == pytest.approx(0.01 * (0 + 3) / 2 + 0.49 * 3 + 0.5 * (3 + 4) / 2)


def test_equal_sets_of_parts_are_scored_once() -> None:
    requested = []

    def counted(kept: np.ndarray) -> np.ndarray:
        requested.append(kept)
        return score(kept)

    measure_faithfulness(WORTH, counted, orders=3)
    (kept,) = requested
    assert len(kept) == len(np.unique(kept, axis=0)) < 4 * 2 * 7


@pytest.mark.parametrize("values", [np.array([1.0]), np.zeros(3)])
def test_checks_are_inconclusive_when_every_order_scores_the_same(values: np.ndarray) -> None:
    assert measure_faithfulness(values, lambda kept: np.zeros(len(kept)), orders=5).verdict == "inconclusive"
