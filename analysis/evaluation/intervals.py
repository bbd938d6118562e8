"""Bootstrap confidence intervals (Efron 1979, percentile method)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.evaluation.metrics import bin_numbers, rounded, summary

RESAMPLES = 1_000
"""Enough that limits vary only beyond the second digit."""


def bootstrap_intervals(
    truth: NDArray[Any], predicted: NDArray[Any], confidence: NDArray[Any], classes: int, seed: int = 0
) -> dict[str, list[float]]:
    """Compute the 95 % interval of each figure over resampled posts.

    The calibration error is never below 0 and resampling adds noise to every bin, so its interval is biased upwards.

    Args:
        truth: Class numbers, (posts,).
        predicted: Likewise.
        confidence: Probability of the predicted class, (posts,).
        classes: Number of classes.
        seed: Seed of the resampling.

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
