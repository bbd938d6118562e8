"""Differences between segments, with intervals, tests, and a correction for the number of tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.comparison.estimates import Estimate

CLEAR_BELOW = 0.05
"""Adjusted p-value below which a difference is called clear."""
_LEAST_VARIANCE = 5
"""Number of posts times the variance of a post's value, as in n * p * (1 - p) >= 5, below which the normal
distribution is a poor approximation, and there is no test."""


@dataclass(frozen=True)
class Difference:
    """A difference of two estimates of separate posts.

    Attributes:
        value: The estimate minus that of the reference.
        low: Lower limit of its 95 % interval, which is not corrected for the number of tests.
        high: Upper limit.
        p: Two-sided p-value; None if there are too few posts for the test.
        adjusted: The p-value, adjusted for all tests that were made together; None without a test.
    """

    value: float
    low: float
    high: float
    p: float | None
    adjusted: float | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the difference is unlikely to be chance, by the adjusted p-value."""
        return self.adjusted is not None and self.adjusted < CLEAR_BELOW


def compare_with_reference(pairs: Sequence[tuple[Estimate, Estimate] | None]) -> list[Difference | None]:
    """Test differences, and adjust all p-values together.

    The adjusted p-values are those of Benjamini & Hochberg (1995): of the differences with one below 0.05, at most
    5 % are expected to be chance.

    Args:
        pairs: Estimates, each with that of its reference; both must be of separate posts. None is passed through.

    Returns:
        The differences, in order.
    """
    found = [pair and (*_measure_difference(*pair), compute_p_value(*pair)) for pair in pairs]
    tested = [each[3] for each in found if each and each[3] is not None]
    adjusted = iter(adjust_p_values(tested))
    return [each and Difference(*each, None if each[3] is None else next(adjusted)) for each in found]


def adjust_p_values(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values by the procedure of Benjamini & Hochberg (1995)."""
    from scipy.stats import false_discovery_control  # takes a second to import

    adjusted: list[float] = false_discovery_control(p_values).tolist() if p_values else []
    return adjusted


def compute_p_value(first: Estimate, second: Estimate) -> float | None:
    """Test whether two means are equal, by their difference and the variance of all posts together.

    For shares, this is Pearson's chi-squared test of a 2x2 table; for net sentiments, the test for trend in
    proportions of Armitage (1955) with the scores -1, 0 and 1.

    Args:
        first: The one.
        second: The other one, of other posts.

    Returns:
        The two-sided p-value; None if there are too few posts.
    """
    posts = first.posts + second.posts
    mean = (first.value * first.posts + second.value * second.posts) / posts
    mean_square = (first.mean_square * first.posts + second.mean_square * second.posts) / posts
    variance = mean_square - mean**2
    if min(first.posts, second.posts) * variance < _LEAST_VARIANCE:
        return None
    error = math.sqrt(variance * (1 / first.posts + 1 / second.posts))
    return math.erfc(abs(first.value - second.value) / error / math.sqrt(2))


def _measure_difference(first: Estimate, second: Estimate) -> tuple[float, float, float]:
    """Compute a difference and its 95 % interval from both intervals.

    For shares, this is method 10 of Newcombe (1998); in general, it is called MOVER (Zou & Donner 2008).
    """
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return value, value - below, value + above
