"""Intervals and tests of differences equal published ones, or those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency, pearsonr

from analysis.comparison import Estimate, compare_with_reference, estimate_net_sentiment, estimate_share
from analysis.comparison.differences import adjust_p_values, compute_p_value


def share_of(count: int, posts: int) -> Estimate:
    found = estimate_share(count, posts, count, posts)
    assert found
    return found


def net_of(negative: int, neutral: int, positive: int, weight: float = 1) -> Estimate:
    posts = negative + neutral + positive
    sums = {"amount": posts * weight, "negative": negative * weight, "positive": positive * weight}
    squares = {"squares": posts, "negative_squares": negative, "positive_squares": positive}
    found = estimate_net_sentiment(sums | {name: each * weight**2 for name, each in squares.items()})
    assert found
    return found


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_intervals_of_differences_equal_published_ones(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10."""
    (found,) = compare_with_reference([(share_of(*first), share_of(*second))])
    assert found
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_p_values_are_adjusted_as_in_the_published_example() -> None:
    """Benjamini & Hochberg 1995, section 3.2: four hypotheses are rejected; by Bonferroni, three."""
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
        0.7590, 1.0,
    ]  # fmt: skip
    adjusted = adjust_p_values(p_values)
    assert [each < 0.05 for each in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)
    assert adjust_p_values(p_values[::-1]) == adjusted[::-1]
    assert adjust_p_values([]) == []


def test_the_test_of_shares_is_the_chi_squared_test() -> None:
    expected = chi2_contingency([[30, 70], [55, 95]], correction=False).pvalue
    assert compute_p_value(share_of(30, 100), share_of(55, 150)) == pytest.approx(expected)


def test_the_test_of_net_sentiments_is_the_test_for_trend() -> None:
    first, second = (20, 30, 50), (50, 60, 40)
    scores = np.repeat([-1, 0, 1, -1, 0, 1], (*first, *second))
    groups = np.repeat([0, 1], [100, 150])
    statistic = len(scores) * pearsonr(scores, groups).statistic ** 2
    assert compute_p_value(net_of(*first), net_of(*second)) == pytest.approx(chi2.sf(statistic, 1))


@pytest.mark.parametrize("weight", [1, 7])
def test_the_interval_of_a_net_sentiment_is_computed_by_hand(weight: float) -> None:
    """Bonett & Price 2012: shares (40 + 1) / 102 and (20 + 1) / 102, error ((62 - 20^2 / 102) / 102^2)^0.5."""
    found = net_of(20, 40, 40, weight)
    half = 1.959964 * ((62 - 400 / 102) / 102 / 102) ** 0.5
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((20 / 102 - half, 20 / 102 + half))
    assert found.posts == pytest.approx(100)


def test_intervals_of_net_sentiments_cover_the_net_sentiment_of_the_population() -> None:
    drawn = np.random.default_rng(0).multinomial(30, [0.1, 0.3, 0.6], 1_000)
    found = [net_of(*counts) for counts in drawn.tolist()]
    assert 0.93 <= np.mean([each.low <= 0.5 <= each.high for each in found]) <= 0.98


def test_an_interval_is_not_empty_if_all_posts_are_positive() -> None:
    found = net_of(0, 0, 5)
    assert found.value == found.high == 1
    assert found.low < 0.6


def test_one_post_with_nearly_all_likes_gives_no_test() -> None:
    heavy = estimate_share(1_000_000, 1_000_099, 1e12, 1e12 + 99)
    assert heavy
    assert compute_p_value(heavy, share_of(30, 100)) is None


def test_only_tests_that_were_made_are_corrected_for() -> None:
    pairs = [(share_of(10, 100), share_of(40, 100)), (share_of(1, 2), share_of(40, 100)), None]
    clear, small, missing = compare_with_reference(pairs)
    assert clear
    assert clear.is_clear
    assert clear.adjusted == clear.p
    assert small
    assert (small.p, small.adjusted, small.is_clear) == (None, None, False)
    assert missing is None


def test_estimates_without_any_posts_are_not_known() -> None:
    assert estimate_share(0, 0, 0, 0) is None
    assert estimate_net_sentiment(dict.fromkeys(("amount", "squares"), 0.0)) is None
