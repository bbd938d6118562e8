"""Dropout that costs little on a CPU: one mask for all tokens of a text (Gal & Ghahramani 2016)."""

from __future__ import annotations

from torch import Tensor, nn


class SequenceDropout(nn.Module):
    """Drops the same units from every token of a text; drawing a number for each token took a third of a step.

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


def cheapen_dropout(encoder: nn.Module) -> None:
    """Put `SequenceDropout` in the place of a transformer's dropout; attention weights are no longer dropped.

    Args:
        encoder: Is changed in place; its answers in evaluation mode stay the same.
    """
    for module in list(encoder.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout):
                of_attention = hasattr(module, "query")
                cheap = SequenceDropout(0.0 if of_attention else child.p)
                setattr(module, name, cheap.train(child.training))
