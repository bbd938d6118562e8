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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from captum.attr import ShapleyValues
from torch import Tensor

from analysis.model.bundle import Bundle
from analysis.model.outputs import explained_logits


@dataclass(frozen=True)
class Coalitions:
    """Some posts with only some of their modalities kept; what the model says to each such view is computed once.

    Attributes:
        bundle: The model.
        encoded: (posts, dim) of each modality.
        present: 0/1, (posts, modalities).
    """

    bundle: Bundle
    encoded: Mapping[str, Tensor]
    present: Tensor
    _known: dict[tuple[float, ...], dict[str, Tensor]] = field(default_factory=dict, repr=False)

    def logits(self, kept: Sequence[float]) -> dict[str, Tensor]:
        """Predict with what is kept of what a post has.

        Args:
            kept: 0 or 1 for each modality.

        Returns:
            Logits of each head, (posts, classes), before temperature.
        """
        view = tuple(kept)
        if view not in self._known:
            with torch.inference_mode():
                shown = self.present * self.present.new_tensor(view)
                self._known[view] = self.bundle.model.predict(self.encoded, shown)
        return self._known[view]


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


def modality_values(posts: Coalitions, head: str, weights: Tensor) -> ModalityValues:
    """Compute the modalities' Shapley values for one number of each post.

    Args:
        posts: Of two modalities.
        head: Which head.
        weights: What each class's logit counts, (posts, classes): one 1 explains a class.

    Returns:
        The values, all in logits as `analysis.model.outputs.explained_logits` gives them.
    """
    heads, present = posts.bundle.heads, posts.present
    modalities = present.shape[1]

    def chosen(gates: Tensor) -> Tensor:  # (posts, modalities), the same for every post
        logits = explained_logits(heads, posts.logits(gates[0].tolist()))[head]
        return (logits * weights).sum(1)  # (posts,)

    on = torch.ones_like(present)
    players = torch.arange(modalities).unsqueeze(0)  # each modality its own feature, (1, modalities)
    with torch.inference_mode():
        phi = ShapleyValues(chosen).attribute(on, baselines=0.0, feature_mask=players)
        base, total = chosen(torch.zeros_like(on)), chosen(on)
        alone = [chosen(on * (players == player)) for player in range(modalities)]
    phi = phi * present  # rounding of captum's running sums never shows as a value of something absent
    both = present.bool().all(1)
    interaction = torch.where(both, total - sum(alone) + base, torch.zeros_like(base))
    return ModalityValues(base, total, phi, interaction)
