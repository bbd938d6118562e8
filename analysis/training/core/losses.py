"""What training minimises: the heads' losses, and the weights of their classes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from analysis.model.config import Head


def loss(
    logits: Mapping[str, Tensor],
    targets: Mapping[str, Tensor],
    weight: Tensor,
    heads: Mapping[str, Head],
    class_weights: Mapping[str, Tensor],
    smoothing: float,
    squared_error: float = 0.0,
) -> Tensor:
    """Average the heads' losses over posts: cross-entropy if exclusive, else binary cross-entropy a class.

    A head whose classes have values is also charged the squared error of its mean value, the valence.

    Args:
        logits: (posts, classes) by head.
        targets: Class probabilities by head, (posts, classes); a row of NaN has no label for that head.
        weight: Of each post, (posts,).
        heads: The heads by name.
        class_weights: (classes,) by head; a post weighs as the classes that it holds.
        smoothing: Part of each exclusive head's target spread over all classes.
        squared_error: Weight of the squared error.

    Returns:
        One number.
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


def balance(labels: Tensor, classes: int, power: float) -> Tensor:
    """Weigh classes by how rare they are: (mean count / count) ** power; 0 leaves them equal.

    Args:
        labels: Class numbers, (posts,).
        classes: How many there are.
        power: 0.5 evens out part of the imbalance and was best for TweetTopic's macro F1.

    Returns:
        (classes,), 1 on average over the posts.
    """
    counts = torch.bincount(labels, minlength=classes).clamp(min=1).float()
    weights = (counts.mean() / counts) ** power
    return weights * counts.sum() / (weights * counts).sum()


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Turn class numbers (posts,) into class probabilities (posts, classes)."""
    return functional.one_hot(labels, classes).float()


def softened(labels: Tensor, classes: int, answers: Tensor | None) -> Tensor:
    """Give labels (posts,) as class probabilities (posts, classes), halfway to a teacher's answers if any."""
    return one_hot(labels, classes) if answers is None else (one_hot(labels, classes) + answers) / 2
