"""What makes fine-tuning a transformer cheaper on a CPU, and what it can do without.

- One dropout mask for all tokens of a text (Gal & Ghahramani 2016): a number drawn for each took a third of a step.
- Attention as plain matrix products: the fused kernel's backward pass is slower for texts of 20 to 40 tokens.
- bfloat16 where the processor computes in it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel


class SequenceDropout(nn.Module):
    """Drops the same units from every token of a text.

    Args:
        rate: Part of the units dropped in training.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.p = rate

    def forward(self, states: Tensor) -> Tensor:
        """Drop units: (texts, ..., units) to the same."""
        if not self.training or not self.p:
            return states
        shape = (len(states), *(1 for _ in states.shape[1:-1]), states.shape[-1])
        kept = states.new_empty(shape).bernoulli_(1 - self.p)
        return states * (kept / (1 - self.p))


def lighten(encoder: nn.Module) -> None:
    """Put `SequenceDropout` in the place of a transformer's dropout, and plain products in that of fused attention.

    Attention weights are no longer dropped.

    Args:
        encoder: Is changed in place; its answers in evaluation mode stay the same but for rounding.
    """
    for module in list(encoder.modules()):
        if isinstance(module, PreTrainedModel):
            module.set_attn_implementation("eager")
        of_attention = hasattr(module, "query") or hasattr(module, "q")
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout):
                cheap = SequenceDropout(0.0 if of_attention else child.p)
                setattr(module, name, cheap.train(child.training))


def fast_bfloat16() -> bool:
    """Say whether the processor computes in bfloat16; where it only converts, float32 is faster."""
    if not hasattr(torch.cpu, "get_capabilities"):  # older releases of PyTorch cannot tell
        return False
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
