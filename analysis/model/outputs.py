"""Computes probabilities, and the logits that explanations use, from the logits of each head.

For probabilities, logits are divided by a temperature that depends on the modalities of the post. Explanations use
logits, not probabilities: with a softmax, most of the measured interaction would be saturation. Their logits are
always divided by the temperature for posts with all modalities, so that values of different posts can be compared,
sorted and averaged. A softmax determines logits only up to a constant, so the logits of exclusive heads are centred
at their mean.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from analysis.errors import BundleError
from analysis.model.config import Head


def select_temperatures(head: Head, present: Tensor | None) -> Tensor:
    """Return the temperature for each post.

    Args:
        head: The head.
        present: Presence mask, 0/1, (posts, modalities); None for a head that is not calibrated yet.

    Returns:
        (posts, 1), or (1, 1) if one temperature applies to all posts.
    """
    common = torch.tensor([[head.temperature]])
    if present is None or not head.alone:
        return common
    single = present.sum(1, keepdim=True) == 1
    return torch.where(single, (present @ present.new_tensor(head.alone)).unsqueeze(1), common)


def compute_explained_logits(heads: Mapping[str, Head], logits: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Divide logits by the temperature for posts with all modalities, and centre the logits of exclusive heads.

    Args:
        heads: The heads by name.
        logits: From `MultimodalModel.predict`, (posts, classes) each.

    Returns:
        (posts, classes) by head, in logits.
    """
    scaled = {name: values / heads[name].temperature for name, values in logits.items()}
    return {
        name: values - values.mean(dim=1, keepdim=True) if heads[name].exclusive else values
        for name, values in scaled.items()
    }


def compute_probabilities(
    heads: Mapping[str, Head], logits: Mapping[str, Tensor], present: Tensor | None = None
) -> dict[str, Tensor]:
    """Compute calibrated probabilities from logits: softmax for exclusive heads, sigmoid for the others.

    Args:
        heads: The heads by name.
        logits: From `MultimodalModel.predict`, (posts, classes) each.
        present: Presence mask, 0/1, (posts, modalities); None for heads that are not calibrated yet.

    Returns:
        (posts, classes) by head, in 0..1.

    Raises:
        BundleError: A logit is not a finite number.
    """
    scaled = {name: values / select_temperatures(heads[name], present) for name, values in logits.items()}
    for name, values in scaled.items():
        if not torch.isfinite(values).all():
            raise BundleError(
                f"Head {name} of the model",
                "produces scores that are not finite numbers",
                "Train the bundle again, or use another one.",
            )
    return {
        name: torch.softmax(values, dim=1) if heads[name].exclusive else torch.sigmoid(values)
        for name, values in scaled.items()
    }
