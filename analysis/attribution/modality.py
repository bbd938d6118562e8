"""What each modality contributes: exact Shapley values on encodings, by Captum's `ShapleyValues`.

With f11 = f(text, image), f10 = f(text, -), f01 = f(-, image), f00 = f(-, -), where "-" is the model's own
"absent" input:

    phi_text  = ((f10 - f00) + (f11 - f01)) / 2
    phi_image = ((f01 - f00) + (f11 - f10)) / 2
    interaction = f11 - f10 - f01 + f00
    phi_text + phi_image = f11 - f00

Sources: Shapley 1953; the interaction is Grabisch & Roubens 1999 for two players.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from captum.attr import ShapleyValues
from torch import Tensor

from analysis.model.bundle import Bundle
from analysis.model.outputs import explained_logits


@dataclass(frozen=True)
class ModalityValues:
    """Values of one number a post, in logits.

    Attributes:
        base: With no input, (posts,).
        total: With all that each post has, (posts,).
        phi: Shapley values, (posts, modalities), in the model's order; exactly 0 where a modality is absent.
        interaction: f11 - f10 - f01 + f00, (posts,); exactly 0 unless a post has both of two modalities.
    """

    base: Tensor
    total: Tensor
    phi: Tensor
    interaction: Tensor


def modality_values(
    bundle: Bundle, encoded: Mapping[str, Tensor], present: Tensor, head: str, weights: Tensor
) -> ModalityValues:
    """Compute the modalities' Shapley values for one number of each post.

    Args:
        bundle: The model; two modalities.
        encoded: (posts, dim) of each modality.
        present: 0/1, (posts, modalities).
        head: Which head.
        weights: What each class's logit counts, (posts, classes): one 1 explains a class.

    Returns:
        The values, all in logits as `analysis.model.outputs.explained_logits` gives them.
    """

    def chosen(gates: Tensor) -> Tensor:
        logits = explained_logits(bundle.heads, bundle.model.predict(encoded, gates * present))[head]
        return (logits * weights).sum(1)  # (posts,)

    on = torch.ones_like(present)
    players = torch.arange(present.shape[1]).unsqueeze(0)  # each modality its own feature, (1, modalities)
    with torch.inference_mode():
        phi = ShapleyValues(chosen).attribute(on, baselines=0.0, feature_mask=players)
        base, total = chosen(torch.zeros_like(on)), chosen(on)
        alone = [chosen(on * (players == player)) for player in range(present.shape[1])]
    phi = phi * present  # rounding of captum's running sums never shows as a value of something absent
    both = present.bool().all(1)
    interaction = torch.where(both, total - sum(alone) + base, torch.zeros_like(base))
    return ModalityValues(base, total, phi, interaction)
