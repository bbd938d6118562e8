"""What is explained: one number of the model, as a weighted sum of a head's logits.

A class is its own logit (of an exclusive head: from the mean of the classes), the valence the mean of the classes'
values (positive minus negative) over the same logits, so that it adds up as they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from analysis.attribution.ledger import VALENCE, Output
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.outputs import explained_logits


@dataclass(frozen=True)
class Target:
    """One number to explain: the head, and what each of its classes' logits counts, (classes,)."""

    head: str
    weights: Tensor

    def of(self, logits: Mapping[str, Tensor]) -> Tensor:
        """Take the number out of `explained_logits`: (posts,)."""
        return logits[self.head] @ self.weights


def target_of(bundle: Bundle, output: Output) -> Target:
    """Find what an output stands for.

    Raises:
        AttributionError: The model has no such output.
    """
    head = bundle.heads.get(output.head)
    if head is not None and output.name == VALENCE and head.values:
        return Target(head.name, torch.tensor(head.values))
    if head is None or output.name not in head.classes:
        known = ", ".join(f"{name}: {' | '.join(each.classes)}" for name, each in bundle.heads.items())
        raise AttributionError(
            f"Output {output.head}/{output.name}", f"is not one of {bundle.name}'s", f"Choose from {known}."
        )
    return Target(head.name, (torch.arange(len(head.classes)) == head.classes.index(output.name)).float())


def mean_score(
    bundle: Bundle, target: Target, modality: str, encoded: Tensor, other: Tensor | None
) -> Tensor:
    """Score one modality, averaged over the other being there and being absent.

    A modality's Shapley value is the mean of its two gains, so that attributions of this mean add up to it.

    Args:
        bundle: The model; two modalities.
        target: What is scored.
        modality: Which one `encoded` is of.
        encoded: (rows, dim).
        other: Encoding of what the post has of the other modality, (dim,); None where it lacks it.

    Returns:
        (rows,), in logits.
    """
    names = bundle.model.modalities
    contexts = [0.0] if other is None else [0.0, 1.0]
    rows, given = len(encoded), {modality: encoded}
    for name in names:
        if name != modality:
            vector = torch.zeros(bundle.config.encoders[name].dim) if other is None else other
            given[name] = vector.expand(rows, -1)

    total = torch.zeros(rows)
    for shown in contexts:
        present = torch.tensor([[1.0 if name == modality else shown for name in names]]).expand(rows, -1)
        total = total + target.of(explained_logits(bundle.heads, bundle.model.predict(given, present)))
    return total / len(contexts)
