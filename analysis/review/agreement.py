"""Agreement between coders: Krippendorff's alpha and Cohen's kappa, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.workspace import Labels, LabelValue

_RESAMPLES = 1_000
_LEVEL = (0.025, 0.975)


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement.

    Attributes:
        value: 1 for perfect agreement, 0 for what chance alone gives; None if it is not defined, because all labels
            are equal or no post has two.
        low: Lower limit of the 95 % interval; None if it is not defined, as of kappa if a coder gave only one label.
        high: Upper limit.
        posts: Posts with labels of two coders or more.
        same: Share of these posts whose labels are all equal.
    """

    value: float | None
    low: float | None
    high: float | None
    posts: int
    same: float


def compute_alpha(labels: Sequence[Mapping[str, LabelValue]]) -> Agreement:
    """Compute Krippendorff's alpha of nominal labels.

    The interval is that of the bootstrap over posts (Zapf et al. 2016, "Measuring inter-rater reliability for nominal
    data"), percentile method, 1,000 resamples with a fixed seed.

    Args:
        labels: For each post, the label of each coder; posts with one label are left out.

    Returns:
        Alpha (Krippendorff 2011, "Computing Krippendorff's alpha-reliability").
    """
    counts = _count_values([list(given.values()) for given in labels if len(given) > 1])  # (posts, values)
    generator = np.random.default_rng(0)
    resampled = []
    for _ in range(_RESAMPLES if len(counts) else 0):
        value = _alpha_of(counts[generator.integers(len(counts), size=len(counts))])
        if value is not None:
            resampled.append(value)
    return _describe(_alpha_of(counts), resampled, counts)


def compute_kappa(labels: Sequence[tuple[LabelValue, LabelValue]]) -> Agreement:
    """Compute Cohen's kappa of two coders (Cohen 1960), with the asymptotic interval (Fleiss, Cohen & Everitt 1969).

    Args:
        labels: The labels of the first and the second coder for each post that both labelled.
    """
    from statsmodels.stats.inter_rater import cohens_kappa  # takes a second to import

    values = list(dict.fromkeys(value for pair in labels for value in pair))
    same = sum(first == second for first, second in labels) / len(labels) if labels else 0.0
    if len(values) < 2:
        return Agreement(None, None, None, len(labels), same)
    table = np.zeros((len(values), len(values)))
    for first, second in labels:
        table[values.index(first), values.index(second)] += 1
    with np.errstate(invalid="ignore", divide="ignore"):  # of its test, which is not used
        found = cohens_kappa(table)
    value, low, high = (float(found[name]) for name in ("kappa", "kappa_low", "kappa_upp"))
    if min(np.count_nonzero(table.sum(axis=axis)) for axis in (0, 1)) < 2:
        return Agreement(value, None, None, len(labels), same)
    return Agreement(value, max(low, -1.0), min(high, 1.0), len(labels), same)


def compute_pairwise_kappa(labels: Labels, field: str) -> dict[tuple[str, str], Agreement]:
    """Compute Cohen's kappa of every two coders who labelled the same posts.

    Args:
        labels: The labels of a batch.
        field: Such as "sentiment".
    """
    found = {}
    for first, second in combinations(labels.coders, 2):
        by_first, by_second = labels.of_coder(first, field), labels.of_coder(second, field)
        both = [(by_first[place], by_second[place]) for place in sorted(by_first.keys() & by_second.keys())]
        if both:
            found[first, second] = compute_kappa(both)
    return found


def _alpha_of(counts: NDArray[np.int64]) -> float | None:
    import krippendorff

    if not len(counts) or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _count_values(labels: Sequence[Sequence[LabelValue]]) -> NDArray[np.int64]:
    values = list(dict.fromkeys(value for given in labels for value in given))
    counts = np.zeros((len(labels), len(values)), dtype=np.int64)
    for row, given in enumerate(labels):
        for value in given:
            counts[row, values.index(value)] += 1
    return counts


def _describe(value: float | None, resampled: Sequence[float], counts: NDArray[np.int64]) -> Agreement:
    same = float((counts.max(axis=1) == counts.sum(axis=1)).mean()) if len(counts) else 0.0
    if value is None or not resampled:
        return Agreement(None, None, None, len(counts), same)
    low, high = np.quantile(resampled, _LEVEL)
    return Agreement(value, float(low), float(high), len(counts), same)
