"""Corrects how a score is divided among the words of a text; the sum stays the same."""

from __future__ import annotations

from torch import Tensor, nn


class ShareCorrection(nn.Module):
    """A linear map A that moves shares between the tokens of a text.

    With class activation mapping, the share of token t in a term W h is W h_t / n, with h the mean of the n states
    h_t. A state has read the other tokens, so its share partly describes them. The corrected share is

        W (h_t + A (h_t - h)) / n

    The corrections of a text add up to 0, so predictions do not change. A is fitted so that the shares of tokens add
    up to the change of the term when these tokens are masked, but for a constant per token. Sources: amortised
    attribution (Jethani et al. 2022), additive efficient normalisation (Ruiz et al. 1998).

    Args:
        dim: Size of the states.
        rank: Rank of A.
    """

    def __init__(self, dim: int, rank: int) -> None:
        super().__init__()
        self.down = nn.Linear(dim, rank, bias=False)
        self.up = nn.Linear(rank, dim, bias=False)
        nn.init.zeros_(self.up.weight)

    def correct(self, weights: Tensor) -> Tensor:
        """Multiply weights by A: (numbers, dim) to (numbers, dim)."""
        corrected: Tensor = weights @ self.up.weight @ self.down.weight
        return corrected


class PartNumbers(nn.Module):
    """Computes a few numbers for each token of a text, or each position of an image.

    Args:
        weights: (numbers, dim).
        bias: (numbers,).
        correction: A correction of the numbers, which does not change their sum.
    """

    def __init__(self, weights: Tensor, bias: Tensor, correction: ShareCorrection | None = None) -> None:
        super().__init__()
        moved = None if correction is None else correction.correct(weights)
        self.own = _build_layer(weights if moved is None else weights + moved, bias)
        self.subtracted = None if moved is None else _build_layer(moved)

    def forward(self, states: Tensor, mean: Tensor, shares: Tensor | float) -> Tensor:
        """Compute the numbers.

        Args:
            states: (posts, parts, dim).
            mean: The mean of each post's states, (posts, dim).
            shares: Weight of each part in the mean, (posts, parts, 1), or one number for all.

        Returns:
            (posts, parts, numbers). They add up to the product of the weights and the mean, plus the bias.
        """
        numbers: Tensor = self.own(states)
        if self.subtracted is not None:
            numbers = numbers - self.subtracted(mean).unsqueeze(1)
        return numbers * shares


def _build_layer(weights: Tensor, bias: Tensor | None = None) -> nn.Linear:
    layer = nn.Linear(weights.shape[1], weights.shape[0], bias=bias is not None, device=weights.device)
    layer.weight.data.copy_(weights)
    if bias is not None:
        layer.bias.data.copy_(bias)
    return layer.requires_grad_(False)
