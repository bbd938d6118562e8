"""How far chance may have moved a figure: bootstrap intervals (Efron 1979, percentile method)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.evaluation.metrics import bin_numbers, rounded, summary

RESAMPLES = 1_000
"""Enough that a limit moves by less than the second digit that is read."""


def bootstrap_intervals(
    truth: NDArray[Any], predicted: NDArray[Any], confidence: NDArray[Any], classes: int, seed: int = 0
) -> dict[str, list[float]]:
    """Find the intervals that hold 95 % of each figure over resampled posts.

    The calibration error is never below 0 and resampling adds noise to every bin, so its interval leans upwards.

    Args:
        truth: Class numbers, (posts,).
        predicted: Likewise.
        confidence: Probability of the predicted class, (posts,).
        classes: How many classes there are.
        seed: Of the resampling.

    Returns:
        [low, high] of accuracy, weighted_f1, macro_f1, macro_recall and ece.
    """
    generator = np.random.default_rng(seed)
    posts = len(truth)
    pairs, bins = truth * classes + predicted, bin_numbers(confidence)
    gaps = confidence - (truth == predicted)
    confusions = np.empty((RESAMPLES, classes, classes), dtype=np.int64)
    errors = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        rows = generator.integers(posts, size=posts)
        confusions[number] = np.bincount(pairs[rows], minlength=classes**2).reshape(classes, classes)
        errors[number] = np.abs(np.bincount(bins[rows], weights=gaps[rows])).sum() / posts
    return {
        name: [rounded(limit) for limit in np.quantile(values, [0.025, 0.975])]
        for name, values in {**summary(confusions), "ece": errors}.items()
    }
