"""Classification metrics, calibration error and temperature scaling.

`intervals` computes confidence intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from analysis.model.config import Head

FIGURES = ("accuracy", "weighted_f1", "macro_f1", "macro_recall", "ece")
"""The main metrics of an evaluation, in display order."""
BINS = 10
"""Number of confidence bins of equal width."""


def compute_metrics(probability: Tensor, truth: Tensor, head: Head) -> dict[str, Any]:
    """Compute metrics of the predicted (most likely) classes.

    Args:
        probability: (posts, classes).
        truth: Class indices, (posts,).
        head: The head with the class names.

    Returns:
        JSON values: posts; accuracy, weighted_f1, macro_f1, macro_recall (see `summarise_confusion`); classes
        (precision, recall, f1 and support of each); confusion (rows: truth); ece (expected calibration error of
        the most likely class); ece_by_chance and reliability (see the functions).
    """
    predicted, true = probability.argmax(1).numpy(), truth.numpy()
    classes = len(head.classes)
    confusion = np.bincount(true * classes + predicted, minlength=classes**2).reshape(classes, classes)
    right, support, named = np.diagonal(confusion), confusion.sum(1), confusion.sum(0)
    by_class = (
        right / np.maximum(named, 1),
        right / np.maximum(support, 1),
        2 * right / np.maximum(support + named, 1),
        support,
    )
    confidence = probability.max(1).values.numpy()
    bins = compute_reliability_bins(confidence, predicted == true)
    return {
        "posts": len(true),
        **{name: round_metric(value) for name, value in summarise_confusion(confusion).items()},
        "ece": round_metric(compute_calibration_error(bins)),
        "ece_by_chance": round_metric(ece_by_chance(confidence)),
        "classes": {
            name: {
                "precision": round_metric(precision),
                "recall": round_metric(recall),
                "f1": round_metric(f1),
                "support": int(support),
            }
            for name, precision, recall, f1, support in zip(head.classes, *by_class, strict=True)
        },
        "confusion": confusion.tolist(),
        "reliability": bins,
    }


def summarise_confusion(confusion: NDArray[Any]) -> dict[str, Any]:
    """Compute summary metrics of confusion matrices, many at once for bootstrapping.

    Args:
        confusion: Number of posts by true and predicted class, (..., classes, classes); no matrix is all zeros.

    Returns:
        accuracy, weighted_f1, macro_f1 and macro_recall, (...) each. Macro averages are over the classes that occur
        in the truth, so that a class missing from a small sample does not count as an error.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, named = confusion.sum(-1), confusion.sum(-2)
    posts, occurring = true.sum(-1), (true > 0).sum(-1)
    f1 = 2 * right / np.maximum(true + named, 1)  # (..., classes); 0 for classes without posts, like recall
    return {
        "accuracy": right.sum(-1) / posts,
        "weighted_f1": (f1 * true).sum(-1) / posts,
        "macro_f1": f1.sum(-1) / occurring,
        "macro_recall": (right / np.maximum(true, 1)).sum(-1) / occurring,
    }


def compute_reliability_bins(confidence: NDArray[Any], right: NDArray[Any]) -> list[dict[str, float]]:
    """Compare confidence with accuracy, in bins of equal width.

    Args:
        confidence: Probability of the predicted class, (posts,).
        right: Whether it is correct, (posts,).

    Returns:
        posts, confidence (mean) and accuracy of each non-empty bin.
    """
    number = assign_bins(confidence)
    return [
        {
            "posts": int((number == each).sum()),
            "confidence": round_metric(confidence[number == each].mean()),
            "accuracy": round_metric(right[number == each].mean()),
        }
        for each in np.unique(number)
    ]


def assign_bins(confidence: NDArray[Any]) -> NDArray[Any]:
    """Return the bin index of each confidence; 1 is in the last bin."""
    return np.minimum((confidence * BINS).astype(int), BINS - 1)


def compute_calibration_error(bins: list[dict[str, float]]) -> float:
    """Compute the expected calibration error: mean gap between confidence and accuracy, 0..1 (Guo et al. 2017)."""
    posts = sum(each["posts"] for each in bins)
    return sum(each["posts"] * abs(each["confidence"] - each["accuracy"]) for each in bins) / max(posts, 1)


def ece_by_chance(confidence: NDArray[Any], draws: int = 200, seed: int = 0) -> float:
    """Compute the calibration error that perfectly calibrated confidences would have on this number of posts.

    The calibration error is a mean of absolute gaps, so noise can only increase it. Bröcker & Smith 2007 sample in
    the same way for reliability diagrams.

    Args:
        confidence: Probability of the predicted class, (posts,).
        draws: Number of samples, in which each prediction is correct with the probability of its confidence.
        seed: Seed of the samples.

    Returns:
        The mean error over the samples, 0..1.
    """
    right = np.random.default_rng(seed).random((draws, len(confidence))) < confidence
    number = assign_bins(confidence)
    gaps = [np.abs((right - confidence)[:, number == each].sum(1)) for each in np.unique(number)]
    return float(np.mean(sum(gaps)) / max(len(confidence), 1))


def fit_evaluation_temperature(
    logits: Tensor, target: Tensor, head: Head, weight: Tensor | None = None
) -> float:
    """Find the temperature with the lowest loss on held-out logits (Guo et al. 2017).

    Args:
        logits: (posts, classes), for posts that the model was not trained on.
        target: Class probabilities, (posts, classes).
        head: Determines the loss.
        weight: Weight of each post, (posts,); None for equal weights.

    Returns:
        The temperature, from 0.05 to 20.
    """
    temperatures = torch.logspace(np.log10(0.05), np.log10(20), 600)
    weight = torch.ones(len(logits)) if weight is None else weight
    loss = functional.cross_entropy if head.exclusive else functional.binary_cross_entropy_with_logits
    losses = []
    for temperature in temperatures:
        each = (
            loss(logits / temperature, target, reduction="none").reshape(len(logits), -1).mean(1)
        )  # (posts,)
        losses.append((each * weight).sum() / weight.sum())
    return round(float(temperatures[int(torch.stack(losses).argmin())]), 4)


def round_metric(value: float) -> float:
    """Round a metric to four digits, as in metrics.json."""
    return round(float(value), 4)
