"""Measures of how good scores are, and the temperature that makes probabilities honest.

Figures by class and the confusion matrix are scikit-learn's. How far chance may have moved a figure is `intervals`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from torch import Tensor
from torch.nn import functional

from analysis.model.config import Head

FIGURES = ("accuracy", "weighted_f1", "macro_f1", "macro_recall", "ece")
"""The figures that stand for a whole evaluation, in the order in which they are shown."""
BINS = 10
"""Bins of confidence, of equal width."""


def classification_metrics(probability: Tensor, truth: Tensor, head: Head) -> dict[str, Any]:
    """Measure predictions of the likeliest class.

    Args:
        probability: (posts, classes).
        truth: Class numbers, (posts,).
        head: Names the classes.

    Returns:
        JSON values: posts; accuracy, weighted_f1, macro_f1, macro_recall (see `summary`); classes (precision, recall,
        f1 and support of each); confusion (rows: truth); ece (expected calibration error of the likeliest class);
        ece_by_chance (see there); reliability (see `reliability`).
    """
    predicted, true = probability.argmax(1).numpy(), truth.numpy()
    labels = list(range(len(head.classes)))
    confusion = confusion_matrix(true, predicted, labels=labels)
    by_class = precision_recall_fscore_support(true, predicted, labels=labels, zero_division=0.0)
    confidence = probability.max(1).values.numpy()
    bins = reliability(confidence, predicted == true)
    return {
        "posts": len(true),
        **{name: rounded(value) for name, value in summary(confusion).items()},
        "ece": rounded(expected_calibration_error(bins)),
        "ece_by_chance": rounded(ece_by_chance(confidence)),
        "classes": {
            name: {
                "precision": rounded(precision),
                "recall": rounded(recall),
                "f1": rounded(f1),
                "support": int(support),
            }
            for name, precision, recall, f1, support in zip(head.classes, *by_class, strict=True)
        },
        "confusion": confusion.tolist(),
        "reliability": bins,
    }


def summary(confusion: NDArray[Any]) -> dict[str, Any]:
    """Sum up confusion matrices; many at once, since bootstrapping makes a thousand.

    Args:
        confusion: Posts by true and predicted class, (..., classes, classes); each matrix holds posts.

    Returns:
        accuracy, weighted_f1, macro_f1 and macro_recall, (...) each. Macro figures are means over the classes that
        are true of some post, so that a class which a small sample lacks does not count as missed.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, said = confusion.sum(-1), confusion.sum(-2)
    posts, held = true.sum(-1), (true > 0).sum(-1)
    f1 = 2 * right / np.maximum(true + said, 1)  # (..., classes), 0 for classes without posts, as is recall
    return {
        "accuracy": right.sum(-1) / posts,
        "weighted_f1": (f1 * true).sum(-1) / posts,
        "macro_f1": f1.sum(-1) / held,
        "macro_recall": (right / np.maximum(true, 1)).sum(-1) / held,
    }


def reliability(confidence: NDArray[Any], right: NDArray[Any]) -> list[dict[str, float]]:
    """Compare confidence with the part that is right, in bins of equal width.

    Args:
        confidence: Probability of the predicted class, (posts,).
        right: Whether it was the true one, (posts,).

    Returns:
        posts, confidence (mean) and accuracy of each bin that holds posts.
    """
    number = bin_numbers(confidence)
    return [
        {
            "posts": int((number == each).sum()),
            "confidence": rounded(confidence[number == each].mean()),
            "accuracy": rounded(right[number == each].mean()),
        }
        for each in np.unique(number)
    ]


def bin_numbers(confidence: NDArray[Any]) -> NDArray[Any]:
    """Say which bin each confidence falls into; 1 falls into the last."""
    return np.minimum((confidence * BINS).astype(int), BINS - 1)


def expected_calibration_error(bins: list[dict[str, float]]) -> float:
    """Average gap between confidence and accuracy, weighted by posts, 0..1 (Guo et al. 2017)."""
    posts = sum(each["posts"] for each in bins)
    return sum(each["posts"] * abs(each["confidence"] - each["accuracy"]) for each in bins) / max(posts, 1)


def ece_by_chance(confidence: NDArray[Any], draws: int = 200, seed: int = 0) -> float:
    """Say what calibration error confidences that are exactly right would show on so few posts.

    The measured error is a mean of absolute gaps, so that chance only adds to it (Bröcker & Smith 2007 draw the same
    way for reliability diagrams).

    Args:
        confidence: Probability of the predicted class, (posts,).
        draws: How often it is drawn which predictions are right, each with the probability of its confidence.
        seed: Of the draws.

    Returns:
        The mean error over the draws, 0..1.
    """
    right = np.random.default_rng(seed).random((draws, len(confidence))) < confidence
    number = bin_numbers(confidence)
    gaps = [np.abs((right - confidence)[:, number == each].sum(1)) for each in np.unique(number)]
    return float(np.mean(sum(gaps)) / max(len(confidence), 1))


def fit_temperature(logits: Tensor, target: Tensor, head: Head, weight: Tensor | None = None) -> float:
    """Find the temperature with the least loss on held-out logits (Guo et al. 2017).

    Args:
        logits: (posts, classes), from a model that has not seen these posts.
        target: Class probabilities, (posts, classes).
        head: Says which loss.
        weight: Weight of each post, (posts,); None for all alike.

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


def rounded(value: float) -> float:
    """Round a figure to four digits, as it stands in metrics.json."""
    return round(float(value), 4)
