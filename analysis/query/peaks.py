"""Finds periods, and hours of the week, with unusually many posts, or with unusually many negative ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.model.config import SENTIMENTS
from analysis.query.periods import UNITS, fill_periods, list_periods
from analysis.timezones import UTC_NAME

_FROM = 5
"""Fewest counts, zeros included, that a peak can stand out from."""
_ROUNDS = 3
"""Fewest weeks, or days, from which periods are compared with those of the same weekday, or the same hour."""
_LIMIT = 3.0
_Z_LIMIT = 3.5
"""Modified z-score above which a period is an outlier (Iglewicz & Hoaglin 1993)."""
_CHANCE = 0.05
"""Share of peaks that may be chance, as expected (Benjamini & Hochberg 1995)."""
_SHARE_FROM = 10
"""Fewest posts, or likes, of which a share can be a peak: of fewer, one post more or less is a large difference."""
_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_SIGMA_PER_MEAN_DEVIATION = 1.2533
_MEDIAN_VARIANCE = np.pi / 2  # of a median, in variances of a mean

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PeakScores:
    """How much periods stand out.

    Attributes:
        usual: The median of the other periods that each one is compared with; NaN without any.
        z: Modified z-scores.
        is_tested: Which periods could be compared with others.
    """

    usual: Numbers
    z: Numbers
    is_tested: NDArray[np.bool_]


def score_counts(counts: Numbers, groups: NDArray[np.int64], is_tested: NDArray[np.bool_]) -> PeakScores:
    """Find unusually large counts by a robust z-score on a seasonal baseline.

    A count is compared with the median of the others in its group, such as those of the same weekday and hour. Both
    are transformed so that their variance is the same at any level (Anscombe 1948): of independent posts, whose
    numbers are Poisson-distributed, or of numbers that vary more, by a negative binomial distribution whose
    dispersion is chosen so that the median absolute deviation of all differences is that of a normal distribution.
    `select_peaks` says which of them are peaks.

    Args:
        counts: Posts, likes or interactions of each period, zeros included: (periods,).
        groups: The group of each period (`group_periods`).
        is_tested: Which periods are complete; the others are neither tested nor compared with.
    """
    usual = _find_usual(counts, groups, is_tested)
    errors = _estimate_errors(np.ones(len(counts)), groups, is_tested)
    is_tested = is_tested & ~np.isnan(usual)

    def measure(dispersion: float) -> Numbers:
        """Measure the differences in standard errors."""
        return (_stabilise(counts, dispersion) - _stabilise(usual, dispersion)) / errors

    def is_wide(dispersion: float) -> bool:
        return bool(is_tested.any()) and _measure_spread(measure(dispersion)[is_tested]) > 1

    low, high = -9.0, 9.0  # decimal logarithms of the dispersion
    while is_wide(10**low) and high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if is_wide(10**middle) else (low, middle)
    return PeakScores(usual, measure(10**low), is_tested)


def score_shares(
    counts: Numbers, totals: Numbers, groups: NDArray[np.int64], is_tested: NDArray[np.bool_]
) -> PeakScores:
    """Find unusually large shares, such as that of negative posts, as `score_counts` finds counts.

    Shares are made comparable by the arcsine of their square roots (Anscombe 1948).

    Args:
        counts: Posts that are counted, of each period: (periods,).
        totals: All of its posts; a share of fewer than ten is neither tested nor compared with.
        groups: The group of each period (`group_periods`).
        is_tested: Which periods are complete.
    """
    angles = np.arcsin(np.sqrt((counts + 3 / 8) / (totals + 3 / 4)))
    is_known = is_tested & (totals >= _SHARE_FROM)
    centre = _find_usual(angles, groups, is_known)
    usual = _find_usual(counts / np.maximum(totals, 1), groups, is_known)
    is_known &= ~np.isnan(centre)
    z = (angles - centre) / _estimate_errors(1 / (4 * totals + 2), groups, is_known)
    spread = _measure_spread(z[is_known]) if is_known.any() else 1.0
    return PeakScores(usual, z / max(spread, 1.0), is_known)


def select_peaks(z: Numbers, is_tested: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Select the modified z-scores that are peaks.

    A peak has one above 3.5 (Iglewicz & Hoaglin 1993), whose p-value, adjusted for the number of tests (Benjamini &
    Hochberg 1995), is below 0.05.

    Args:
        z: Of one or several series: (periods,).
        is_tested: Which periods could be compared with others.

    Returns:
        Which are peaks; none if fewer than five are tested.
    """
    tests = int(is_tested.sum())
    if tests < _FROM:
        return np.zeros(len(z), bool)
    # scipy.stats has a function for this, but takes a second to import
    highest = np.sort(z[is_tested])[::-1]
    p_values = np.array([math.erfc(each / math.sqrt(2)) / 2 for each in highest])
    passed = np.flatnonzero(p_values <= _CHANCE * np.arange(1, tests + 1) / tests)
    limit = max(_Z_LIMIT, highest[passed[-1]]) if len(passed) else np.inf
    peaks: NDArray[np.bool_] = is_tested & (z >= limit)
    return peaks


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


def describe_groups(unit: str, firsts: pd.DatetimeIndex) -> str:
    """Describe what `group_periods` compares a period with, such as "the other days of the same weekday"."""
    groups = len(np.unique(group_periods(unit, firsts)))
    if groups == 1:
        return f"all other {unit}s"
    if unit == "day":
        return "the other days of the same weekday"
    return (
        "the same hour of the other days" if groups <= 24 else "the same hour and weekday of the other weeks"
    )


def find_peaks(unit: str, periods: pd.DataFrame, timezone: str = UTC_NAME) -> list[int]:
    """Find periods with unusually many posts; see `score_counts`.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        periods: first, negative, neutral, positive (`count_by_period`); periods without posts may be missing.
        timezone: The zone of their starts; hours that the clock skips or repeats are not tested.

    Returns:
        Rows of `periods`, in order; none if there are fewer than five periods.
    """
    if periods.empty:
        return []
    posts = periods[list(SENTIMENTS)].sum(axis=1)
    start, end = periods["first"].iloc[0], periods["first"].iloc[-1]
    every = list_periods(unit, start, end)
    firsts = every.to_timestamp()
    counts = np.array(fill_periods(unit, periods["first"], posts, start, end), float)
    scores = score_counts(counts, group_periods(unit, firsts), is_regular(unit, firsts, timezone))
    peaks = set(every[select_peaks(scores.z, scores.is_tested)])
    found = pd.DatetimeIndex(periods["first"]).to_period(UNITS[unit].frequency)
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
    if len(counts) < _FROM:
        return []
    apart = (counts - counts.median()).abs()
    sigma = _SIGMA_PER_MAD * apart.median() or _SIGMA_PER_MEAN_DEVIATION * apart.mean()
    return [row for row, count in enumerate(counts) if count - counts.median() > _LIMIT * sigma > 0]


def _stabilise(counts: Numbers, dispersion: float) -> Numbers:
    """Transform counts with the variance m + dispersion * m**2, where m is their mean, to one of about 1."""
    transformed: Numbers = 2 / np.sqrt(dispersion) * np.arcsinh(np.sqrt(dispersion * (counts + 3 / 8)))
    return transformed


def _find_usual(values: Numbers, groups: NDArray[np.int64], is_compared: NDArray[np.bool_]) -> Numbers:
    """Return the median of the other values in the group of each value; NaN without others."""
    usual = np.full(len(values), np.nan)
    for group in np.unique(groups[is_compared]):
        rows = np.flatnonzero((groups == group) & is_compared)
        if len(rows) > 1:
            usual[rows] = _median_of_others(values[rows])
    return usual


def _median_of_others(values: Numbers) -> Numbers:
    """Return, for each of two or more values, the median of all others."""
    order = np.argsort(values, kind="stable")
    ranked, places = values[order], np.arange(len(values))
    low, high = (len(values) - 2) // 2, (len(values) - 1) // 2  # places of the middle among the others
    medians = np.empty(len(values))
    medians[order] = (ranked[low + (low >= places)] + ranked[high + (high >= places)]) / 2
    return medians


def _estimate_errors(
    variances: Numbers, groups: NDArray[np.int64], is_compared: NDArray[np.bool_]
) -> Numbers:
    """Return the standard error of the difference of each value from the median of the others in its group."""
    precision = np.where(is_compared, 1 / variances, 0.0)
    _, places = np.unique(groups, return_inverse=True)
    others = np.bincount(places, precision)[places] - precision
    errors: Numbers = np.sqrt(variances + _MEDIAN_VARIANCE / np.maximum(others, 1e-9))
    return errors


def _measure_spread(differences: Numbers) -> float:
    return _SIGMA_PER_MAD * float(np.median(np.abs(differences)))
