"""Finds periods, and hours of the week, with unusually many posts, or with unusually many negative ones."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.model.config import SENTIMENTS
from analysis.query.peak_scores import Numbers, score_counts, score_shares
from analysis.query.periods import UNITS, fill_periods, list_periods
from analysis.timezones import UTC_NAME

LEAST_TESTS = 5
"""Fewest counts, zeros included, that a peak can stand out from."""
_ROUNDS = 3
"""Fewest weeks, or days, from which periods are compared with those of the same weekday, or the same hour."""
_LIMIT = 3.0
Z_LIMIT = 3.5
"""z-score above which a period is an outlier (Iglewicz & Hoaglin 1993)."""
_CHANCE = 0.05
"""Share of peaks that may be chance, as expected (Benjamini & Hochberg 1995)."""
_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_SIGMA_PER_MEAN_DEVIATION = 1.2533


def select_peaks(z: Numbers, tests: float | Numbers) -> NDArray[np.bool_]:
    """Select the z-scores that are peaks.

    A peak has one above 3.5 (Iglewicz & Hoaglin 1993), whose p-value, adjusted for the number of tests (Benjamini &
    Hochberg 1995), is below 0.05.

    Args:
        z: Of what was tested, or of the largest of them: (scores,).
        tests: Number of all tests; or, for each score, the number of tests that it counts as (weighted p-values,
            Genovese et al. 2006).

    Returns:
        Which are peaks.
    """
    # scipy.stats has functions for this, but takes a second to import
    p_values = np.array([math.erfc(each / math.sqrt(2)) / 2 for each in z]) * tests
    highest = np.sort(p_values)
    passed = np.flatnonzero(highest <= _CHANCE * np.arange(1, len(z) + 1))
    limit = highest[passed[-1]] if len(passed) else -1.0
    return np.asarray((p_values <= limit) & (z >= Z_LIMIT))


def group_periods(unit: str, firsts: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Group periods with those that they are compared with.

    Args:
        unit: One of `UNITS`.
        firsts: The starts of all periods, in local time.

    Returns:
        The group of each: hours of the same weekday and hour if there are three weeks of them, otherwise of the same
        hour if there are three days; days of the same weekday if there are three weeks; otherwise one group.
    """
    weekdays, hours = firsts.day_of_week.to_numpy(), firsts.hour.to_numpy()
    days = (firsts[-1] - firsts[0]).days + 1 if len(firsts) else 0
    if unit == "hour" and days >= 7 * _ROUNDS:
        return np.asarray(weekdays * 24 + hours, np.int64)
    if unit == "hour" and days >= _ROUNDS:
        return np.asarray(hours, np.int64)
    if unit == "day" and days >= 7 * _ROUNDS:
        return np.asarray(weekdays, np.int64)
    return np.zeros(len(firsts), np.int64)


def average_hours(hours: NDArray[np.int64], counts: Numbers) -> Numbers:
    """Return, for each count, the mean of those of the same hour of the day: (periods,)."""
    sums, days = np.bincount(hours, counts), np.bincount(hours)
    return np.asarray(sums / np.maximum(days, 1))[hours]


def find_peaks(unit: str, periods: pd.DataFrame, timezone: str = UTC_NAME) -> list[int]:
    """Find periods with unusually many posts; see `analysis.query.peak_scores.score_counts`.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        periods: first, negative, neutral, positive (`count_by_period`), and is_complete, if some may be incomplete;
            periods without posts may be missing.
        timezone: The zone of their starts; hours that the clock skips or repeats are not tested.

    Returns:
        Rows of `periods`, in order; none if there are fewer than five periods.
    """
    return _select_rows(unit, periods, timezone, of_shares=False)


def find_negative_peaks(unit: str, periods: pd.DataFrame, timezone: str = UTC_NAME) -> list[int]:
    """Find periods with an unusually large share of negative posts, as `find_peaks` finds those with many posts."""
    return _select_rows(unit, periods, timezone, of_shares=True)


def _select_rows(unit: str, periods: pd.DataFrame, timezone: str, of_shares: bool) -> list[int]:
    if periods.empty:
        return []
    start, end = periods["first"].iloc[0], periods["first"].iloc[-1]
    every = list_periods(unit, start, end)
    firsts = every.to_timestamp()
    found = pd.DatetimeIndex(periods["first"]).to_period(UNITS[unit].frequency)
    is_tested = is_regular(unit, firsts, timezone)
    if "is_complete" in periods:
        is_tested &= ~every.isin(found[~periods["is_complete"].to_numpy(bool)])

    def fill(amounts: pd.Series) -> Numbers:
        return np.array([fill_periods(unit, periods["first"], amounts, start, end)], float)

    groups, totals = group_periods(unit, firsts), fill(periods[list(SENTIMENTS)].sum(axis=1))
    if of_shares:
        scores = score_shares(fill(periods["negative"]), totals, groups, is_tested)
    else:
        profile = average_hours(firsts.hour.to_numpy(), totals[0]) if unit == "hour" else None
        scores = score_counts(totals, groups, is_tested, profile)
    tests = int(scores.is_tested.sum())
    if tests < LEAST_TESTS:
        return []
    z = np.where(scores.is_tested[0], scores.z[0], -np.inf)
    peaks = set(every[select_peaks(z, tests)])
    return [row for row, period in enumerate(found) if period in peaks]


def is_regular(unit: str, firsts: pd.DatetimeIndex, timezone: str) -> NDArray[np.bool_]:
    """Return which hours the clock of a zone neither skips nor repeats; longer periods are all regular."""
    if unit != "hour":
        return np.ones(len(firsts), bool)
    local = firsts.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    return np.asarray(local.notna(), bool)


def find_peak_hours(hours: pd.DataFrame) -> list[int]:
    """Find hours of the week with unusually many posts; see `find_outstanding`.

    Args:
        hours: negative, neutral, positive (`count_by_hour`).

    Returns:
        Rows of `hours`, in order; none if fewer than half of the hours have posts, as then any hour stands out.
    """
    posts = hours[list(SENTIMENTS)].sum(axis=1)
    return find_outstanding(posts) if posts.median() > 0 else []


def find_outstanding(counts: pd.Series) -> list[int]:
    """Find unusually large counts, by the Hampel identifier (Davies & Gather 1993).

    A count is a peak if it exceeds the median of all counts by more than three standard deviations, estimated by the
    median absolute deviation (MAD), so that peaks do not hide themselves. Where more than half of the counts are
    equal, the MAD is 0, and the mean absolute deviation is used (Iglewicz & Hoaglin 1993).

    Args:
        counts: The counts, such as posts per hour of the week.

    Returns:
        Rows of `counts`, in order; none if there are fewer than five counts.
    """
    if len(counts) < LEAST_TESTS:
        return []
    apart = (counts - counts.median()).abs()
    sigma = _SIGMA_PER_MAD * apart.median() or _SIGMA_PER_MEAN_DEVIATION * apart.mean()
    return [row for row, count in enumerate(counts) if count - counts.median() > _LIMIT * sigma > 0]
