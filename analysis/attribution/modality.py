"""The contribution of each modality: exact Shapley values on encodings.

For two modalities, with f11 = f(text, image), f10 = f(text, -), f01 = f(-, image) and f00 = f(-, -), where "-" is a
modality that is left out (`MultimodalModel.leave_out`):

    phi_text  = ((f10 - f00) + (f11 - f01)) / 2
    phi_image = ((f01 - f00) + (f11 - f10)) / 2
    interaction = f11 - f10 - f01 + f00
    phi_text + phi_image = f11 - f00

In an additive fusion, where a modality that is left out has the mean encoding, phi is the modality's term and half of
its pairs, and f00 the score of the average post with the same modalities (linear SHAP: Lundberg & Lee 2017).
Sources: Shapley 1953; for the interaction, Grabisch & Roubens 1999 with two players.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import factorial

import torch
from torch import Tensor

from analysis.model.bundle import Bundle
from analysis.model.outputs import compute_explained_logits


@dataclass(frozen=True)
class Coalitions:
    """Predicts posts with subsets of their modalities; each subset is computed once.

    Attributes:
        bundle: The model.
        encoded: (posts, dim) of each modality.
        present: 0/1, (posts, modalities).
    """

    bundle: Bundle
    encoded: Mapping[str, Tensor]
    present: Tensor
    _known: dict[tuple[object, ...], dict[str, Tensor]] = field(default_factory=dict, repr=False)

    def logits(self, shown: Sequence[float]) -> dict[str, Tensor]:
        """Predict with a subset of the modalities; the others count as absent.

        Args:
            shown: 1 for each modality that is shown if a post has it, else 0.

        Returns:
            Logits of each head, (posts, classes), before temperature.
        """
        return self._predict(self.encoded, self.present * self.present.new_tensor(shown), ("absent", *shown))

    def explained_logits(self, shown: Sequence[float]) -> dict[str, Tensor]:
        """Predict with the other modalities left out (`MultimodalModel.leave_out`); arguments as for `logits`."""
        encoded, present = self.bundle.model.leave_out(self.encoded, self.present, shown)
        return self._predict(encoded, present, ("left out", *shown))

    def _predict(
        self, encoded: Mapping[str, Tensor], present: Tensor, key: tuple[object, ...]
    ) -> dict[str, Tensor]:
        if key not in self._known:
            with torch.inference_mode():
                self._known[key] = self.bundle.model.predict(encoded, present)
        return self._known[key]


@dataclass(frozen=True)
class ModalityValues:
    """The explained score of each post and the values of the modalities, in logits.

    Attributes:
        base: With every modality left out, (posts,).
        total: With all modalities of the post, (posts,).
        phi: Shapley values, (posts, modalities), in the model's order; exactly 0 where a modality is absent.
        interaction: f11 - f10 - f01 + f00, (posts,); with more modalities, the total minus the base minus the gain of
            each modality alone. Exactly 0 for posts with one modality.
    """

    base: Tensor
    total: Tensor
    phi: Tensor
    interaction: Tensor


def compute_shapley_values(posts: Coalitions, head: str, weights: Tensor) -> ModalityValues:
    """Compute the Shapley values of the modalities for one output of each post.

    Args:
        posts: The encoded posts.
        head: Name of the head.
        weights: Weight of each class's logit, (posts, classes); a one-hot row explains a class.

    Returns:
        The values, in logits as defined by `analysis.model.outputs.compute_explained_logits`.
    """
    heads, present = posts.bundle.heads, posts.present
    modalities = present.shape[1]

    def score(shown: Collection[int]) -> Tensor:  # (posts,), with only these modalities
        gates = [float(player in shown) for player in range(modalities)]
        logits = compute_explained_logits(heads, posts.explained_logits(gates))[head]
        return (logits * weights).sum(1)

    phi = torch.zeros_like(present)
    with torch.inference_mode():
        # As Captum's `ShapleyValues`; importing Captum takes a third as long as PyTorch, and scoring needs only this.
        for order in permutations(range(modalities)):
            for place, player in enumerate(order):
                phi[:, player] += score(order[: place + 1]) - score(order[:place])
        base, total = score(()), score(range(modalities))
        alone = [score((player,)) for player in range(modalities)]
    phi = phi / factorial(modalities) * present  # sums are rounded; an absent modality must be exactly 0
    several = present.sum(1) > 1
    interaction = torch.where(several, total - sum(alone) + (modalities - 1) * base, torch.zeros_like(base))
    return ModalityValues(base, total, phi, interaction)
