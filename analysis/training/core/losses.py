"""The training loss: the heads' losses, and class weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from analysis.model.config import Head


def multitask_loss(
    logits: Mapping[str, Tensor],
    targets: Mapping[str, Tensor],
    weight: Tensor,
    heads: Mapping[str, Head],
    class_weights: Mapping[str, Tensor],
    smoothing: float,
    squared_error: float = 0.0,
) -> Tensor:
    """Average the heads' losses over posts: cross-entropy if exclusive, else binary cross-entropy per class.

    A head whose classes have values also gets the squared error of its mean value, the valence.

    Args:
        logits: (posts, classes) by head.
        targets: Class probabilities by head, (posts, classes); a row of NaN has no label for that head.
        weight: Weight of each post, (posts,).
        heads: The heads by name.
        class_weights: (classes,) by head; a post's weight is that of its target classes.
        smoothing: Share of each exclusive head's target that is spread over all classes.
        squared_error: Weight of the squared error.

    Returns:
        The loss, a scalar.
    """
    total = torch.zeros(())
    for name, values in logits.items():
        known = ~targets[name].isnan().any(1)
        if not known.any():
            continue
        head, given, target = heads[name], values[known], targets[name][known]
        if head.exclusive:
            each = functional.cross_entropy(given, target, reduction="none", label_smoothing=smoothing)
        else:
            each = functional.binary_cross_entropy_with_logits(given, target, reduction="none").sum(1)
        if head.values and squared_error:
            each = each + squared_error * (mean_value(given.softmax(1), head) - mean_value(target, head)) ** 2
        total = total + (each * weight[known] * (target @ class_weights[name])).sum()
    return total / weight.sum()


def mean_value(probability: Tensor, head: Head) -> Tensor:
    """Average the classes' values under their probabilities: (posts, classes) to (posts,)."""
    return probability @ probability.new_tensor(head.values)


def equal_weights(heads: Mapping[str, Head]) -> dict[str, Tensor]:
    """Weigh all classes equally: ones, (classes,) by head."""
    return {name: torch.ones(len(head.classes)) for name, head in heads.items()}


def balance_classes(labels: Tensor, classes: int, power: float) -> Tensor:
    """Weigh classes by rarity: (mean count / count) ** power; 0 weighs them equally.

    Args:
        labels: Class numbers, (posts,).
        classes: Number of classes.
        power: 0.5 offsets part of the imbalance and gave the best macro F1 on TweetTopic.

    Returns:
        (classes,), with a mean of 1 over the posts.
    """
    counts = torch.bincount(labels, minlength=classes).clamp(min=1).float()
    weights = (counts.mean() / counts) ** power
    return weights * counts.sum() / (weights * counts).sum()


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Turn class numbers (posts,) into class probabilities (posts, classes)."""
    return functional.one_hot(labels, classes).float()


def soften_labels(labels: Tensor, classes: int, predictions: Tensor | None) -> Tensor:
    """Turn labels (posts,) into probabilities (posts, classes), averaged with a teacher's predictions if any."""
    return one_hot(labels, classes) if predictions is None else (one_hot(labels, classes) + predictions) / 2
