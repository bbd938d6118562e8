"""The number that is explained: a weighted sum of a head's logits.

A class is its own logit, for an exclusive head minus the mean over the classes. The valence weights the same logits
with the classes' values (such as positive minus negative), so that it adds up as they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import torch
from torch import Tensor

from analysis.attribution.ledger import VALENCE, Output
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.outputs import explained_logits


@dataclass(frozen=True)
class Target:
    """One number to explain.

    Attributes:
        head: The head.
        weights: Weight of each class's logit, (classes,).
    """

    head: str
    weights: Tensor

    def of(self, logits: Mapping[str, Tensor]) -> Tensor:
        """Compute the number from `explained_logits`: (posts,)."""
        return logits[self.head] @ self.weights


def target_of(bundle: Bundle, output: Output) -> Target:
    """Return the target of an output.

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


def modality_score(
    bundle: Bundle, target: Target, post: EncodedPost, modality: str, encoded: Tensor
) -> Tensor:
    """Score one modality, averaged over which of the post's other modalities are shown.

    The average has the weights of the Shapley value (Shapley 1953): with one other modality, 1/2 with it and 1/2
    without it. So attributions of this score add up to the modality's Shapley value.

    Args:
        bundle: The model.
        target: What is scored.
        post: The post whose other modalities are used.
        modality: The modality that `encoded` belongs to.
        encoded: (rows, dim).

    Returns:
        (rows,), in logits.
    """
    rows = len(encoded)
    given = {
        name: encoded if name == modality else values.expand(rows, -1)
        for name, values in post.encodings.items()
    }
    others = [name for name, has in post.has.items() if has and name != modality]
    total = torch.zeros(rows)
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(len(others) - size) / factorial(len(others) + 1)
        for shown in combinations(others, size):
            row = [float(name == modality or name in shown) for name in given]
            present = torch.tensor([row]).expand(rows, -1)
            logits = explained_logits(bundle.heads, bundle.model.predict(given, present))
            total = total + weight * target.of(logits)
    return total
