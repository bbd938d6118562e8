"""Periods with unusually many posts."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from analysis.query import find_peaks


def days(*posts: int, apart: int = 1) -> pd.DataFrame:
    """Make periods of a day with these numbers of posts, of which the first half is negative."""
    first = date(2026, 3, 1)
    return pd.DataFrame(
        [
            (first + timedelta(apart * day), count // 2, 0, count - count // 2)
            for day, count in enumerate(posts)
        ],
        columns=["first", "negative", "neutral", "positive"],
    )


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        ((10, 12, 9, 60, 11, 10, 8), [3]),
        ((10, 12, 9, 60, 11, 70, 8), [3, 5]),  # two peaks do not hide each other
        ((10, 12, 9, 14, 11, 10, 8), []),
        ((5, 5, 5, 5, 5, 5, 40), [6]),  # the median absolute deviation is 0
        ((5, 5, 5, 5, 5), []),
        ((1, 1, 90), []),  # too few to tell
        ((), []),
    ],
)
def test_periods_far_above_the_median_are_peaks(posts: tuple[int, ...], expected: list[int]) -> None:
    assert find_peaks("day", days(*posts)) == expected


def test_periods_without_posts_count_as_empty_ones() -> None:
    assert find_peaks("day", days(30, 30)) == []
    assert find_peaks("day", days(30, 30, 30, apart=10)) == [0, 1, 2]


def test_months_and_years_are_counted_by_the_calendar() -> None:
    periods = days(20, 20, apart=365)
    assert find_peaks("year", periods) == []
    assert find_peaks("month", periods) == [0, 1]
