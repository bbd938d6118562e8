"""The contribution of each modality: exact Shapley values on encodings, with Captum's `ShapleyValues`.

For two modalities, with f11 = f(text, image), f10 = f(text, -), f01 = f(-, image) and f00 = f(-, -), where "-" is the
model's learned input for an absent modality:

    phi_text  = ((f10 - f00) + (f11 - f01)) / 2
    phi_image = ((f01 - f00) + (f11 - f10)) / 2
    interaction = f11 - f10 - f01 + f00
    phi_text + phi_image = f11 - f00

Sources: Shapley 1953; for the interaction, Grabisch & Roubens 1999 with two players.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from captum.attr import ShapleyValues
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
    _known: dict[tuple[float, ...], dict[str, Tensor]] = field(default_factory=dict, repr=False)

    def logits(self, shown: Sequence[float]) -> dict[str, Tensor]:
        """Predict with a subset of the modalities.

        Args:
            shown: 1 for each modality that is shown if a post has it, else 0.

        Returns:
            Logits of each head, (posts, classes), before temperature.
        """
        view = tuple(shown)
        if view not in self._known:
            with torch.inference_mode():
                present = self.present * self.present.new_tensor(view)
                self._known[view] = self.bundle.model.predict(self.encoded, present)
        return self._known[view]


@dataclass(frozen=True)
class ModalityValues:
    """The explained score of each post and the values of the modalities, in logits.

    Attributes:
        base: With no input, (posts,).
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

    def chosen(gates: Tensor) -> Tensor:  # (posts, modalities), the same for every post
        logits = compute_explained_logits(heads, posts.logits(gates[0].tolist()))[head]
        return (logits * weights).sum(1)  # (posts,)

    on = torch.ones_like(present)
    players = torch.arange(modalities).unsqueeze(0)  # each modality is one feature, (1, modalities)
    with torch.inference_mode():
        phi = ShapleyValues(chosen).attribute(on, baselines=0.0, feature_mask=players)
        base, total = chosen(torch.zeros_like(on)), chosen(on)
        alone = [chosen(on * (players == player)) for player in range(modalities)]
    phi = phi * present  # Captum's sums are rounded; an absent modality must be exactly 0
    several = present.sum(1) > 1
    interaction = torch.where(several, total - sum(alone) + (modalities - 1) * base, torch.zeros_like(base))
    return ModalityValues(base, total, phi, interaction)
