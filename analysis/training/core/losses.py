"""The multitask training loss, targets and class weights."""

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
    """Average the losses of all heads over posts: cross-entropy for exclusive heads, binary cross-entropy for others.

    Heads whose classes have values also get the squared error of their expected value, the valence.

    Args:
        logits: (posts, classes) by head.
        targets: Class probabilities by head, (posts, classes); a row of NaN means no label for that head. Classes of
            heads that are not exclusive may be NaN one by one.
        weight: Weight of each post, (posts,).
        heads: The heads by name.
        class_weights: (classes,) by head; a post has the weight of its target classes, and in heads that are not
            exclusive, each class has its weight.
        smoothing: Share of each exclusive head's target that is spread over all classes.
        squared_error: Weight of the squared error.

    Returns:
        The loss, a scalar.
    """
    total = torch.zeros(())
    for name, values in logits.items():
        known = ~targets[name].isnan().all(1)
        if not known.any():
            continue
        head, logit, target = heads[name], values[known], targets[name][known]
        if not head.exclusive:
            named = ~target.isnan()
            each = functional.binary_cross_entropy_with_logits(
                logit, target.nan_to_num(), class_weights[name].expand_as(logit), reduction="none"
            )
            total = total + ((each * named).sum(1) * weight[known]).sum()
            continue
        each = functional.cross_entropy(logit, target, reduction="none", label_smoothing=smoothing)
        if head.values and squared_error:
            each = (
                each
                + squared_error
                * (expected_class_value(logit.softmax(1), head) - expected_class_value(target, head)) ** 2
            )
        total = total + (each * weight[known] * (target @ class_weights[name])).sum()
    return total / weight.sum()


def expected_class_value(probability: Tensor, head: Head) -> Tensor:
    """Compute the expected value of the classes' values: (posts, classes) to (posts,)."""
    return probability @ probability.new_tensor(head.values)


def make_equal_weights(heads: Mapping[str, Head]) -> dict[str, Tensor]:
    """Return equal class weights: ones, (classes,) by head."""
    return {name: torch.ones(len(head.classes)) for name, head in heads.items()}


def balance_classes(labels: Tensor, classes: int, power: float) -> Tensor:
    """Compute class weights by rarity: (mean count / count) ** power.

    Args:
        labels: Class indices, (posts,).
        classes: Number of classes.
        power: 0 for equal weights. 0.5 offsets part of the imbalance and gave the best macro F1 on TweetTopic.

    Returns:
        (classes,), with a mean of 1 over the posts.
    """
    counts = torch.bincount(labels, minlength=classes).clamp(min=1).float()
    weights = (counts.mean() / counts) ** power
    return weights * counts.sum() / (weights * counts).sum()


def one_hot_targets(labels: Tensor, classes: int) -> Tensor:
    """Convert class indices (posts,) to class probabilities (posts, classes)."""
    return functional.one_hot(labels, classes).float()
