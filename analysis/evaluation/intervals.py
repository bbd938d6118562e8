"""Bootstrap confidence intervals (Efron 1979, percentile method)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.evaluation.metrics import assign_bins, round_metric, summarise_confusion

RESAMPLES = 1_000
"""Enough resamples for two stable digits."""


def bootstrap_intervals(
    truth: NDArray[Any], predicted: NDArray[Any], confidence: NDArray[Any], classes: int, seed: int = 0
) -> dict[str, list[float]]:
    """Compute the 95 % interval of each metric over resampled posts.

    The interval of the calibration error is biased upwards: the error is never negative, and resampling adds noise to
    each bin.

    Args:
        truth: Class indices, (posts,).
        predicted: Predicted class indices, (posts,).
        confidence: Probability of the predicted class, (posts,).
        classes: Number of classes.
        seed: Seed of the resampling.

    Returns:
        [low, high] of accuracy, weighted_f1, macro_f1, macro_recall and ece.
    """
    generator = np.random.default_rng(seed)
    posts = len(truth)
    pairs, bins = truth * classes + predicted, assign_bins(confidence)
    gaps = confidence - (truth == predicted)
    confusions = np.empty((RESAMPLES, classes, classes), dtype=np.int64)
    errors = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        rows = generator.integers(posts, size=posts)
        confusions[number] = np.bincount(pairs[rows], minlength=classes**2).reshape(classes, classes)
        errors[number] = np.abs(np.bincount(bins[rows], weights=gaps[rows])).sum() / posts
    return {
        name: [round_metric(limit) for limit in np.quantile(values, [0.025, 0.975])]
        for name, values in {**summarise_confusion(confusions), "ece": errors}.items()
    }
