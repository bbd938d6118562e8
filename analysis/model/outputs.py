"""From logits to what people read and what explanations explain, by head.

Probabilities come from logits over temperature: that of the inputs which the post has. Explanations explain logits,
not probabilities: on a softmax most of the measured interaction would be saturation. They divide by the one
temperature of posts with everything, so that values of any two posts can be compared, sorted and averaged. A softmax
only fixes logits up to a constant, so an exclusive head's logits are taken from their mean.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from analysis.errors import BundleError
from analysis.model.config import Head


def temperatures(head: Head, present: Tensor | None) -> Tensor:
    """Say what each post's logits are divided by.

    Args:
        head: The head.
        present: 0/1, (posts, modalities); None for a head that is yet to be calibrated.

    Returns:
        (posts, 1), or (1, 1) where one holds for all.
    """
    whole = torch.tensor([[head.temperature]])
    if present is None or not head.alone:
        return whole
    single = present.sum(1, keepdim=True) == 1
    return torch.where(single, (present @ present.new_tensor(head.alone)).unsqueeze(1), whole)


def explained_logits(heads: Mapping[str, Head], logits: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Scale logits by the head's temperature, whatever the posts have, and centre those of exclusive heads.

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


def probabilities(
    heads: Mapping[str, Head], logits: Mapping[str, Tensor], present: Tensor | None = None
) -> dict[str, Tensor]:
    """Turn logits into calibrated probabilities: softmax for exclusive heads, sigmoid for the others.

    Args:
        heads: The heads by name.
        logits: What `MultimodalModel.predict` gave, (posts, classes) each.
        present: What the logits were made of, (posts, modalities); None for heads that are yet to be calibrated.

    Returns:
        (posts, classes) by head, in 0..1.

    Raises:
        BundleError: A logit is not a finite number.
    """
    scaled = {name: values / temperatures(heads[name], present) for name, values in logits.items()}
    for name, values in scaled.items():
        if not torch.isfinite(values).all():
            raise BundleError(
                f"Head {name} of the model",
                "gives scores that are not finite numbers",
                "Train the bundle again, or use another one.",
            )
    return {
        name: torch.softmax(values, dim=1) if heads[name].exclusive else torch.sigmoid(values)
        for name, values in scaled.items()
    }
