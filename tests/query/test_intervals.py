"""Intervals of shares equal those of a published table."""

import pytest

from analysis.query import compute_share_interval


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
