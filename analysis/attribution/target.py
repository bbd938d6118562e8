"""The score that is explained: a weighted sum of the logits of a head.

For a class, it is the logit of the class, centred over the classes for an exclusive head. For the valence, the same
logits are weighted with the values of the classes (such as positive minus negative), so it is additive too.
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
from analysis.model.outputs import compute_explained_logits


@dataclass(frozen=True)
class Target:
    """A score to explain.

    Attributes:
        head: Name of the head.
        weights: Weight of each class's logit, (classes,).
    """

    head: str
    weights: Tensor

    def of(self, logits: Mapping[str, Tensor]) -> Tensor:
        """Compute the score from the result of `compute_explained_logits`: (posts,)."""
        return logits[self.head] @ self.weights


def get_attribution_target(bundle: Bundle, output: Output) -> Target:
    """Return the target of an output.

    Raises:
        AttributionError: The model does not have this output.
    """
    head = bundle.heads.get(output.head)
    if head is not None and output.name == VALENCE and head.values:
        return Target(head.name, torch.tensor(head.values))
    if head is None or output.name not in head.classes:
        known = ", ".join(f"{name}: {' | '.join(each.classes)}" for name, each in bundle.heads.items())
        raise AttributionError(
            f"Output {output.head}={output.name}", f"does not exist in {bundle.name}", f"Choose from {known}."
        )
    return Target(head.name, (torch.arange(len(head.classes)) == head.classes.index(output.name)).float())


def compute_modality_score(
    bundle: Bundle, target: Target, post: EncodedPost, modality: str, encoded: Tensor
) -> Tensor:
    """Score encodings of one modality, averaged over subsets of the post's other modalities.

    The others are left out (`MultimodalModel.leave_out`). The subsets have the weights of the Shapley value (Shapley
    1953): with one other modality, 1/2 with it and 1/2 without it. So attributions of this score add up to the
    modality's Shapley value.

    Args:
        bundle: The model.
        target: The score to compute.
        post: The post with the other modalities.
        modality: The modality of `encoded`.
        encoded: Encodings, (rows, dim).

    Returns:
        (rows,), in logits.
    """
    rows = len(encoded)
    given = {
        name: encoded if name == modality else values.expand(rows, -1)
        for name, values in post.encodings.items()
    }
    own = post.present.expand(rows, -1)
    others = [name for name, has in post.has.items() if has and name != modality]
    total = torch.zeros(rows)
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(len(others) - size) / factorial(len(others) + 1)
        for chosen in combinations(others, size):
            shown = [float(name == modality or name in chosen) for name in given]
            inputs, present = bundle.model.leave_out(given, own, shown)
            logits = compute_explained_logits(bundle.heads, bundle.model.predict(inputs, present))
            total = total + weight * target.of(logits)
    return total
