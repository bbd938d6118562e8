"""Scores how unusual the counts and the shares of periods are, for many series at once.

A period is compared with the other periods of its group, such as those of the same weekday and hour. Of values with
few posts, a group has too few posts to compare with; then the posts of the whole series count, spread over the
periods as the posts of all series are. Both are one estimate: the mean of a gamma distribution that begins with a few
posts spread in this way, and is updated by the posts of the group. Unusual periods are left out of it, so that they
do not hide each other (Noufaily et al. 2013, an outbreak detection algorithm, does the same).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PRIOR_POSTS = 5.0
"""Posts that the spread of all series is worth in the estimate of a group: their standard error is 45 %."""
_PRIOR_SHARE_POSTS = 10.0
"""Posts that the share of all series, and of the whole series, is worth in the estimate of a group's share."""
LEFT_OUT = 2.5
"""z-score from which a period is not compared with (Noufaily et al. use 2.58)."""
_TYPICAL, _TYPICAL_VARIANCE = 2.0, 0.774
"""z-score up to which periods show the dispersion, and the variance of a normal distribution within it."""
_PRIOR_PERIODS = 30
"""Periods that the dispersion of all series together is worth in the estimate of that of a series."""
_EFFICIENCY = 0.6
"""Part of the periods that the estimate of the dispersion is worth, as it leaves out the larger differences."""
_ROUNDS = 6
"""Times that unusual periods and the dispersion are estimated: each at most doubles the standard deviation."""
SHARE_FROM = 10
"""Fewest posts, or likes, of which a share can be a peak: of fewer, one post more or less is a large difference."""
_SPREAD_FROM = 20
"""Fewest shares whose spread is estimated."""
_SIGMA_PER_MAD = 1.4826  # of a normal distribution

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PeakScores:
    """How unusual periods are.

    Attributes:
        usual: What was expected: (series, periods).
        z: The score as that of a normal distribution, above 0 if there is more than expected: (series, periods).
        is_tested: Which periods could be compared with others: (series, periods).
    """

    usual: Numbers
    z: Numbers
    is_tested: Flags


def score_counts(
    counts: Numbers,
    groups: NDArray[np.int64],
    is_tested: Flags,
    profile: Numbers | None = None,
    is_compared: Flags | None = None,
    overlap: int = 1,
) -> PeakScores:
    """Score how unusual counts are.

    Counts follow a negative binomial distribution, whose mean is estimated from the other periods (see the module),
    and whose dispersion from all periods of the series. The z-score is the signed root of the deviance of this
    distribution, corrected so that it is normal also in the tails (Barndorff-Nielsen 1986), with a continuity
    correction.

    Args:
        counts: Posts, likes or interactions: (series, periods), zeros included.
        groups: The group of each period (`analysis.query.peaks.group_periods`).
        is_tested: Which periods are complete; the others are neither tested nor compared with: (periods,).
        profile: What all series together have, by period, which is the spread of series with few posts; None for an
            even one.
        is_compared: Which of the tested periods others are compared with, such as those that are usual for all posts;
            None for all: (periods,).
        overlap: How many periods overlap, such as 3 if each is three days that begin on any day.
    """
    places = _Groups(groups)
    spread = (
        np.ones(counts.shape[1]) if profile is None else np.maximum(profile, 1e-3 * profile.mean() + 1e-9)
    )
    is_known = np.broadcast_to(is_tested, counts.shape)
    is_used = is_tested if is_compared is None else is_tested & is_compared
    if not is_used.any():
        return PeakScores(np.zeros(counts.shape), np.zeros(counts.shape), np.zeros(counts.shape, bool))
    kept = _find_typical(counts, spread, groups, is_used).astype(float)
    prior, n_groups = _PRIOR_PERIODS * (len(counts) > 1) / overlap, len(np.unique(groups))
    usual = z = dispersion = informative = np.zeros((len(counts), 1))
    for number in range(_ROUNDS):
        rest = kept * counts
        others = rest.sum(axis=1, keepdims=True) - rest + 1
        level = others / np.maximum((kept * spread).sum(axis=1, keepdims=True) - kept * spread, 1e-9)
        worth = np.minimum(others, _PRIOR_POSTS)  # of few posts, the level is not known better
        compared = worth / (level * spread) + places.sum_others(kept)
        usual = (worth + places.sum_others(rest)) / compared
        if not number:
            apart = ((counts - usual) ** 2 / usual)[:, is_used]
            variance = _SIGMA_PER_MAD**2 * np.median(apart, axis=1, keepdims=True)
            dispersion = np.maximum(variance - 1, 0) / np.median(usual, axis=1, keepdims=True)
        z = _compare_counts(counts, usual, compared, dispersion)
        kept = (is_used & (np.abs(z) <= LEFT_OUT)).astype(float)
        further = 1 + 1 / compared  # the mean is itself uncertain
        typical = kept * (np.abs(z) <= _TYPICAL)
        excess = typical * ((counts - usual) ** 2 / _TYPICAL_VARIANCE - usual * further)
        excess = excess.sum(axis=1, keepdims=True)
        scale = (typical * usual**2 * further).sum(axis=1, keepdims=True)
        own, pooled = excess / np.maximum(scale, 1e-9), excess.sum() / max(float(scale.sum()), 1e-9)
        informative = np.maximum((_EFFICIENCY * kept.sum(axis=1, keepdims=True) - n_groups) / overlap, 3)
        dispersion = np.maximum((informative * own + prior * pooled) / (informative + prior), 0)
    estimated = dispersion * usual**2
    part = estimated / (usual + estimated)
    freedom = (informative + prior) / np.maximum(part, 1e-3) ** 2  # of the estimate of the dispersion
    z = z * np.sqrt(freedom / np.maximum(z**2, 1e-9) * np.log1p(z**2 / freedom))
    return PeakScores(usual, z, is_known)


def score_shares(
    counts: Numbers,
    totals: Numbers,
    groups: NDArray[np.int64],
    is_tested: Flags,
    everywhere: float | None = None,
) -> PeakScores:
    """Score how unusual shares are, such as that of negative posts.

    Shares are made comparable by the arcsine of their square roots (Anscombe 1948), and divided by the spread of all
    periods of a series if that is larger than chance.

    Args:
        counts: Posts that are counted: (series, periods).
        totals: All posts; a share of fewer than ten is not tested.
        groups: The group of each period.
        is_tested: Which periods are complete: (periods,).
        everywhere: The share in all series, for series with few posts; None for that of each series.
    """
    places = _Groups(groups)
    is_known = np.broadcast_to(is_tested, counts.shape)
    is_scored = is_known & (totals >= SHARE_FROM)
    kept, scale = is_known.astype(float), np.ones((len(counts), 1))
    usual = z = np.zeros(counts.shape)
    for _ in range(_ROUNDS):
        found, posts = kept * counts, kept * totals
        rest = posts.sum(axis=1, keepdims=True) - posts
        other = found.sum(axis=1, keepdims=True) - found
        base = (found.sum() + 0.5) / (posts.sum() + 1) if everywhere is None else everywhere
        overall = (other + _PRIOR_SHARE_POSTS * base) / (rest + _PRIOR_SHARE_POSTS)
        in_group = places.sum_others(posts)
        usual = (places.sum_others(found) + _PRIOR_SHARE_POSTS * overall) / (in_group + _PRIOR_SHARE_POSTS)
        known = np.minimum(in_group, rest) + _PRIOR_SHARE_POSTS
        angles = np.arcsin(np.sqrt((counts + 3 / 8) / (totals + 3 / 4)))
        error = np.sqrt(1 / (4 * totals + 2) + 1 / (4 * known + 2))
        z = (angles - np.arcsin(np.sqrt(np.clip(usual, 0, 1)))) / error
        kept = (is_known & ~(is_scored & (np.abs(z / scale) > LEFT_OUT))).astype(float)
        scale = np.maximum(_measure_spread(z, is_scored & (kept > 0)), 1)
    return PeakScores(usual, z / scale, is_scored)


class _Groups:
    """Sums over the periods of a group.

    Args:
        groups: The group of each period.
    """

    def __init__(self, groups: NDArray[np.int64]) -> None:
        _, self._places = np.unique(groups, return_inverse=True)
        self._order = np.argsort(self._places, kind="stable")
        self._starts = np.searchsorted(self._places[self._order], np.arange(self._places.max(initial=0) + 1))

    def sum_others(self, values: Numbers) -> Numbers:
        """Return, for each value, the sum of the others in its group: (series, periods)."""
        sums: Numbers = (
            np.add.reduceat(values[:, self._order], self._starts, axis=1)[:, self._places] - values
        )
        return np.maximum(sums, 0)


def _compare_counts(counts: Numbers, mean: Numbers, periods: Numbers, dispersion: Numbers) -> Numbers:
    """Compare counts with the mean of several periods, by a likelihood-ratio test as a z-score.

    The variance of a count is mean + dispersion * mean**2.

    Args:
        counts: The counts.
        mean: The mean that each is compared with.
        periods: Of how many periods it is the mean.
        dispersion: The dispersion.
    """
    size = 1 / np.maximum(dispersion, 1e-9)
    side = np.sign(counts - mean)
    at = np.maximum(counts - side / 2, 1e-3)
    at = np.where(side > 0, np.maximum(at, mean), np.minimum(at, mean))
    pooled = (at + periods * mean) / (1 + periods)

    def measure(value: Numbers) -> Numbers:
        """Measure half of the deviance from the pooled mean."""
        return value * np.log(value / pooled) - (value + size) * np.log((value + size) / (pooled + size))

    root = side * np.sqrt(2 * np.maximum(measure(at) + periods * measure(mean), 0))
    tilt = np.log(at * (mean + size) / (mean * (at + size)))
    error = np.sqrt(1 / (at + at**2 / size) + 1 / (periods * (mean + mean**2 / size)))
    other = 2 * np.sinh(tilt / 2) / error
    is_far = np.abs(root) > 0.1  # near the mean, both are 0
    ratio = np.where(is_far, other / np.where(is_far, root, 1), 1)
    z: Numbers = np.where(is_far, root + np.log(np.maximum(ratio, 1e-12)) / np.where(is_far, root, 1), 0)
    return z


def _find_typical(counts: Numbers, spread: Numbers, groups: NDArray[np.int64], is_used: Flags) -> Flags:
    """Find the periods near the median of their group, so that several large ones do not hide each other.

    Where the median is 0, all are.
    """
    usual = np.zeros(counts.shape)
    levels = counts / spread
    for group in np.unique(groups[is_used]):
        of_group = groups == group
        usual[:, of_group] = (
            np.median(levels[:, of_group & is_used], axis=1, keepdims=True) * spread[of_group]
        )
    apart = (counts - usual) ** 2 / np.maximum(usual, 1e-9)
    variance = _SIGMA_PER_MAD**2 * np.median(apart[:, is_used], axis=1, keepdims=True)
    typical: Flags = is_used & ((apart <= 9 * np.maximum(variance, 1)) | (usual <= 0))
    return typical


def _measure_spread(z: Numbers, is_kept: Flags) -> Numbers:
    """Return the robust standard deviation of each series; 1 for those with few values: (series, 1)."""
    spread = np.ones((len(z), 1))
    for row in np.flatnonzero(is_kept.sum(axis=1) >= _SPREAD_FROM):
        spread[row] = _SIGMA_PER_MAD * float(np.median(np.abs(z[row, is_kept[row]])))
    return spread
