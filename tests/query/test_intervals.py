"""Intervals of shares equal those of a published table, and weighted ones cover the true share."""

import duckdb
import numpy as np
import pytest

from analysis.query.intervals import compute_share_interval, compute_weighted_interval, lower_limit_sql


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_equal_published_ones(count: int, total: int, low: float, high: float) -> None:
    """Newcombe 1998, Table I, method 3."""
    assert compute_share_interval(count, total) == pytest.approx((low, high), abs=5e-5)


def test_all_posts_reach_one() -> None:
    low, high = compute_share_interval(20, 20)
    assert (low, high) == (pytest.approx(1 - 0.1611, abs=5e-5), 1.0)


@pytest.mark.parametrize(("count", "total"), [(81, 263), (0, 20), (20, 20), (1, 1)])
def test_equal_weights_give_the_interval_of_posts(count: int, total: int) -> None:
    expected = compute_share_interval(count, total)
    for weight in (1, 7):
        sums = (count * weight, total * weight, count * weight**2, total * weight**2)
        assert compute_weighted_interval(*sums) == pytest.approx(expected)


def test_one_post_with_nearly_all_likes_says_little() -> None:
    low, high = compute_weighted_interval(1_000_000, 1_000_099, 1e12, 1e12 + 99)
    assert low < 0.25
    assert high > 0.99


def test_intervals_of_weighted_shares_cover_the_share_of_the_population() -> None:
    chance = np.random.default_rng(0)
    likes = chance.lognormal(2, 1, 50_000)
    is_negative = chance.random(50_000) < 1 / (1 + np.exp(1 - 0.3 * np.log(likes)))  # depends on the likes
    share = likes[is_negative].sum() / likes.sum()
    covered = 0
    for _ in range(300):
        drawn = chance.integers(0, 50_000, 400)
        weight, counted = likes[drawn], is_negative[drawn]
        sums = (weight[counted].sum(), weight.sum(), (weight[counted] ** 2).sum(), (weight**2).sum())
        low, high = compute_weighted_interval(*sums)
        covered += low <= share <= high
    assert 0.92 <= covered / 300 <= 1


def test_the_lower_limit_in_sql_equals_that_of_python() -> None:
    cases = [
        (3.0, 10.0, 5.0, 40.0),
        (0.0, 7.0, 0.0, 20.0),
        (7.0, 7.0, 20.0, 20.0),
        (1e6, 1e6 + 99, 1e12, 1e12 + 99),
    ]
    cases += [(1.0, 1.0, 1.0, 1.0), (30.0, 100.0, 30.0, 100.0), (9e18, 9e18, 8e37, 8e37)]
    for case in cases:
        ((found,),) = duckdb.sql(
            f"SELECT {lower_limit_sql('a', 'b', 'c', 'd')} FROM (SELECT unnest([?]) AS a, ? AS b, ? AS c, ? AS d)",
            params=list(case),
        ).fetchall()
        assert found == pytest.approx(compute_weighted_interval(*case)[0], abs=1e-12)
    nothing = duckdb.sql(
        f"SELECT {lower_limit_sql('a', 'b', 'c', 'd')} FROM (SELECT 0 AS a, 0 AS b, 0 AS c, 0 AS d)"
    )
    assert nothing.fetchall() == [(None,)]
