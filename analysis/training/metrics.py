"""Measures of how good scores are, and the temperature that makes probabilities honest.

Accuracy, F1 and the confusion matrix are scikit-learn's; here are the ones it lacks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score
from torch import Tensor

from analysis.model.config import Head


def classification_metrics(probability: Tensor, truth: Tensor, head: Head) -> dict[str, Any]:
    """Measure predictions of the likeliest class.

    Args:
        probability: (posts, classes).
        truth: Class numbers, (posts,).
        head: Names the classes.

    Returns:
        JSON values: posts, accuracy, weighted_f1, macro_f1, macro_recall, f1 and support by class, confusion (rows:
        truth), ece (expected calibration error of the likeliest class), reliability (see `reliability`).
    """
    predicted, true = probability.argmax(1).numpy(), truth.numpy()
    labels = list(range(len(head.classes)))
    by_class = f1_score(true, predicted, labels=labels, average=None, zero_division=0)
    bins = reliability(probability.max(1).values.numpy(), predicted == true)
    return {
        "posts": len(true),
        "accuracy": _rounded(accuracy_score(true, predicted)),
        "weighted_f1": _rounded(f1_score(true, predicted, average="weighted")),
        "macro_f1": _rounded(f1_score(true, predicted, average="macro")),
        "macro_recall": _rounded(recall_score(true, predicted, average="macro")),
        "f1": {name: _rounded(value) for name, value in zip(head.classes, by_class, strict=True)},
        "support": {name: int((true == number).sum()) for number, name in enumerate(head.classes)},
        "confusion": confusion_matrix(true, predicted, labels=labels).tolist(),
        "ece": _rounded(expected_calibration_error(bins)),
        "reliability": bins,
    }


def reliability(confidence: NDArray[Any], right: NDArray[Any], bins: int = 10) -> list[dict[str, float]]:
    """Compare confidence with the part that is right, in bins of equal width.

    Args:
        confidence: Probability of the predicted class, (posts,).
        right: Whether it was the true one, (posts,).
        bins: How many.

    Returns:
        posts, confidence (mean) and accuracy of each bin that holds posts.
    """
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        {
            "posts": int((number == each).sum()),
            "confidence": _rounded(confidence[number == each].mean()),
            "accuracy": _rounded(right[number == each].mean()),
        }
        for each in np.unique(number)
    ]


def expected_calibration_error(bins: list[dict[str, float]]) -> float:
    """Average gap between confidence and accuracy, weighted by posts, 0..1 (Guo et al. 2017)."""
    posts = sum(each["posts"] for each in bins)
    return sum(each["posts"] * abs(each["confidence"] - each["accuracy"]) for each in bins) / max(posts, 1)


def fit_temperature(logits: Tensor, target: Tensor, head: Head) -> float:
    """Find the temperature with the least loss on held-out logits (Guo et al. 2017).

    Args:
        logits: (posts, classes), from a model that has not seen these posts.
        target: Class probabilities, (posts, classes).
        head: Says which loss.

    Returns:
        The temperature, from 0.05 to 20.
    """
    temperatures = torch.logspace(np.log10(0.05), np.log10(20), 600)
    losses = []
    for temperature in temperatures:
        scaled = logits / temperature
        if head.exclusive:
            losses.append(torch.nn.functional.cross_entropy(scaled, target))
        else:
            losses.append(torch.nn.functional.binary_cross_entropy_with_logits(scaled, target))
    return round(float(temperatures[int(torch.stack(losses).argmin())]), 4)


def _rounded(value: float) -> float:
    return round(float(value), 4)
