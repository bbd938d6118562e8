"""From logits to what people read and what explanations explain, by head.

Probabilities come from logits over temperature. Explanations explain those same scaled logits, not
probabilities: on a softmax most of the measured interaction would be saturation. A softmax only fixes
logits up to a constant, so an exclusive head's logits are taken from their mean.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from analysis.model.config import Head


def explained_logits(heads: Mapping[str, Head], logits: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Scale logits by temperature, and centre those of exclusive heads.

    Args:
        heads: The heads by name.
        logits: What `MultimodalModel.predict` gave, (posts, classes) each.

    Returns:
        (posts, classes) by head, in logits.
    """
    scaled = {name: values / heads[name].temperature for name, values in logits.items()}
    return {
        name: values - values.mean(dim=1, keepdim=True) if heads[name].exclusive else values
        for name, values in scaled.items()
    }


def probabilities(heads: Mapping[str, Head], logits: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Turn logits into calibrated probabilities: softmax for exclusive heads, sigmoid for the others.

    Args:
        heads: The heads by name.
        logits: What `MultimodalModel.predict` gave, (posts, classes) each.

    Returns:
        (posts, classes) by head, in 0..1.
    """
    return {
        name: torch.softmax(values / heads[name].temperature, dim=1)
        if heads[name].exclusive
        else torch.sigmoid(values / heads[name].temperature)
        for name, values in logits.items()
    }
