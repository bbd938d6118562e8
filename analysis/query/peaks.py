"""Finds periods, and hours of the week, with unusually many posts."""

from __future__ import annotations

import pandas as pd

from analysis.model.config import SENTIMENTS
from analysis.query.periods import count_periods_between

_FROM = 5
"""Fewest counts, zeros included, that a peak can stand out from."""
_LIMIT = 3.0
_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_SIGMA_PER_MEAN_DEVIATION = 1.2533


def find_peaks(unit: str, periods: pd.DataFrame) -> list[int]:
    """Find periods with unusually many posts; see `find_outstanding`.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        periods: first, negative, neutral, positive (`count_by_period`); periods without posts may be missing.

    Returns:
        Rows of `periods`, in order; none if there are fewer than five periods.
    """
    posts = periods[list(SENTIMENTS)].sum(axis=1)
    if periods.empty:
        return []
    first, last = periods["first"].iloc[0], periods["first"].iloc[-1]
    return find_outstanding(posts, count_periods_between(unit, first, last) - len(periods))


def find_peak_hours(hours: pd.DataFrame) -> list[int]:
    """Find hours of the week with unusually many posts; see `find_outstanding`.

    Args:
        hours: negative, neutral, positive (`count_by_hour`).

    Returns:
        Rows of `hours`, in order; none if fewer than half of the hours have posts, as then any hour stands out.
    """
    posts = hours[list(SENTIMENTS)].sum(axis=1)
    return find_outstanding(posts) if posts.median() > 0 else []


def find_outstanding(counts: pd.Series, zeros: int = 0) -> list[int]:
    """Find unusually large counts, by the Hampel identifier (Davies & Gather 1993).

    A count is a peak if it exceeds the median of all counts by more than three standard deviations, estimated by the
    median absolute deviation (MAD), so that peaks do not hide themselves. Where more than half of the counts are
    equal, the MAD is 0, and the mean absolute deviation is used (Iglewicz & Hoaglin 1993).

    Args:
        counts: The counts, such as posts per day.
        zeros: Number of further counts, which are 0.

    Returns:
        Rows of `counts`, in order; none if there are fewer than five counts.
    """
    every = pd.concat([counts, pd.Series([0] * zeros, dtype=counts.dtype)])
    if len(every) < _FROM:
        return []
    apart = (every - every.median()).abs()
    sigma = _SIGMA_PER_MAD * apart.median() or _SIGMA_PER_MEAN_DEVIATION * apart.mean()
    return [row for row, count in enumerate(counts) if count - every.median() > _LIMIT * sigma > 0]
