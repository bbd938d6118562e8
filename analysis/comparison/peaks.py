"""The strongest peaks of a series of periods: of posts, of the share of negative ones, of a hashtag or a mention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.query.breakdown import count_value_periods, count_values
from analysis.query.filters import Filters
from analysis.query.peaks import (
    PeakScores,
    group_periods,
    is_regular,
    score_counts,
    score_shares,
    select_peaks,
)
from analysis.query.weights import UNWEIGHTED
from analysis.workspace import Batch

NEGATIVE = "negative"
HASHTAG, MENTION = "hashtags", "mentions"
NAMED = {HASHTAG: "#", MENTION: "@"}
"""The columns of posts whose values are tested, with the sign before a value."""


@dataclass(frozen=True)
class Peak:
    """A period that stands out.

    Attributes:
        kind: What is unusually large: one of `WEIGHTS`, `NEGATIVE` (a share), or one of `NAMED` (the posts
            with a value).
        title: The hashtag or account as written, without its sign; "" for other kinds.
        first: The first day of the period, or the start of an hour, in local time.
        last: Its last day; of an hour, its start.
        amount: The number, or the share.
        usual: The median of the other periods that it was compared with.
        z: Its modified z-score.
    """

    kind: str
    title: str
    first: date
    last: date
    amount: float
    usual: float
    z: float


def find_strongest_peaks(
    batch: Batch, filters: Filters, unit: str, sums: pd.DataFrame, weight: str = UNWEIGHTED
) -> list[Peak]:
    """Find the strongest peaks; see `analysis.query.peaks.score_counts` for the method.

    Incomplete periods, and hours that the clock skips or repeats, are not tested. The tests of all hashtags are
    adjusted together, as are those of all mentions. Of likes and interactions, only the sum is tested, as a few posts
    have most of them. Of several hours of a day with the same kind of peak, the strongest is listed.

    Args:
        batch: The batch.
        filters: Which posts match; hashtags and mentions are tested unless posts are filtered by them.
        unit: One of `UNITS`.
        sums: `query.sum_periods` of these posts, by this unit and weight.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        At most `Settings.trend_peaks`, the strongest first.
    """
    firsts = pd.DatetimeIndex(sums["first"])
    groups = group_periods(unit, firsts)
    is_tested = sums["is_complete"].to_numpy(bool) & is_regular(unit, firsts, batch.timezone)
    amounts, negative = sums["amount"].to_numpy(float), sums["negative"].to_numpy(float)
    counts = score_counts(amounts, groups, is_tested)
    peaks = _list_peaks(weight, "", sums, amounts, counts, select_peaks(counts.z, counts.is_tested))
    if weight == UNWEIGHTED:
        shares = score_shares(negative, amounts, groups, is_tested)
        is_peak = select_peaks(shares.z, shares.is_tested)
        peaks += _list_peaks(NEGATIVE, "", sums, negative / np.maximum(amounts, 1), shares, is_peak)
        for column in NAMED:
            if not filters.get(column):
                peaks += _find_value_peaks(batch, filters, column, unit, sums, groups, is_tested)
    by_day: dict[tuple[str, str, date], Peak] = {}
    for peak in sorted(peaks, key=lambda peak: -peak.z):
        day = peak.first.date() if isinstance(peak.first, datetime) else peak.first
        by_day.setdefault((peak.kind, peak.title, day), peak)
    return list(by_day.values())[: batch.settings.trend_peaks]


def _find_value_peaks(
    batch: Batch,
    filters: Filters,
    column: str,
    unit: str,
    sums: pd.DataFrame,
    groups: NDArray[np.int64],
    is_tested: NDArray[np.bool_],
) -> list[Peak]:
    found = count_values(batch, filters, column, limit=batch.settings.trend_values).table
    _, periods = count_value_periods(batch, filters, column, list(found["key"]), unit=unit)
    if periods.empty:
        return []
    by_key = periods.pivot_table(index="key", columns="first", values="amount", aggfunc="sum", fill_value=0)
    by_key = by_key.reindex(columns=list(sums["first"]), fill_value=0).reindex(found["key"], fill_value=0)
    series = by_key.to_numpy(float)  # (values, periods)
    scores = [score_counts(each, groups, is_tested) for each in series]
    is_peak = select_peaks(
        np.concatenate([each.z for each in scores]), np.concatenate([each.is_tested for each in scores])
    ).reshape(series.shape)
    return [
        peak
        for title, row, score, chosen in zip(found["title"], series, scores, is_peak, strict=True)
        for peak in _list_peaks(column, title, sums, row, score, chosen)
    ]


def _list_peaks(
    kind: str,
    title: str,
    sums: pd.DataFrame,
    amounts: NDArray[np.float64],
    scores: PeakScores,
    is_peak: NDArray[np.bool_],
) -> list[Peak]:
    return [
        Peak(
            kind,
            title,
            sums["first"].iloc[row],
            sums["last"].iloc[row],
            float(amounts[row]),
            float(scores.usual[row]),
            float(scores.z[row]),
        )
        for row in np.flatnonzero(is_peak)
    ]
