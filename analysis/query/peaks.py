"""Finds periods with unusually many posts."""

from __future__ import annotations

import pandas as pd

_FROM = 5
"""Fewest periods, those without posts included, that a peak can stand out from."""
_LIMIT = 3.0
_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_SIGMA_PER_MEAN_DEVIATION = 1.2533
_FREQUENCIES = {"day": "D", "week": "W", "month": "M", "year": "Y"}


def find_peaks(unit: str, periods: pd.DataFrame) -> list[int]:
    """Find periods with unusually many posts, by the Hampel identifier (Davies & Gather 1993).

    A period is a peak if its posts exceed the median of all periods by more than three standard deviations, estimated
    by the median absolute deviation (MAD), so that peaks do not hide themselves. Where more than half of the periods
    have the same number of posts, the MAD is 0, and the mean absolute deviation is used (Iglewicz & Hoaglin 1993).

    Args:
        unit: "day", "week", "month" or "year".
        periods: first, negative, neutral, positive (`count_by_period`); periods without posts may be missing.

    Returns:
        Rows of `periods`, in order; none if there are fewer than five periods.
    """
    posts = periods[["negative", "neutral", "positive"]].sum(axis=1)
    if periods.empty:
        return []
    ends = pd.to_datetime(periods["first"].iloc[[0, -1]]).dt.to_period(_FREQUENCIES[unit])
    empty = (ends.iloc[1] - ends.iloc[0]).n + 1 - len(periods)
    every = pd.concat([posts, pd.Series([0] * empty)])
    if len(every) < _FROM:
        return []
    apart = (every - every.median()).abs()
    sigma = _SIGMA_PER_MAD * apart.median() or _SIGMA_PER_MEAN_DEVIATION * apart.mean()
    return [row for row, count in enumerate(posts) if count - every.median() > _LIMIT * sigma > 0]
