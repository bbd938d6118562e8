"""A text encoder with branches: one encoder for each of some languages, and one for all other texts.

A text is read by exactly one branch. The encodings of all branches have places of their own in one vector, followed
by a 1 in the place of the branch that was used; everything else is 0. So each branch has its own weights in the terms
of an additive fusion, and a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.model.config import OTHER, EncoderConfig
from analysis.model.language import identify_languages
from analysis.model.text import extract_language_text

if TYPE_CHECKING:
    from analysis.model.encoders import TextEncoder


class TextBranch(nn.Module):
    """One branch; its encodings have the size of all branches together.

    Args:
        encoder: Encodes the texts of this branch.
        number: Which branch.
        dims: Sizes of all branches' encodings.

    Attributes:
        columns: The places of its encodings among those of all branches.
        constant: The place that is 1 for texts of this branch.
        mean: Mean encoding of the training texts of this branch, (dim,), which is subtracted: the vector of an
            average text is then 0 but for the place of its branch.
    """

    mean: Tensor

    def __init__(self, encoder: TextEncoder, number: int, dims: Sequence[int]) -> None:
        super().__init__()
        self.encoder = encoder
        self.columns = slice(sum(dims[:number]), sum(dims[: number + 1]))
        self.constant, self.dim = sum(dims) + number, sum(dims) + len(dims)
        self.register_buffer("mean", torch.zeros(dims[number]))

    @property
    def word_embeddings(self) -> nn.Module:
        """The embedding layer, on which word attributions are computed."""
        return self.encoder.word_embeddings

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Encode tokens: (posts, tokens) and its 0/1 mask to (posts, total dim)."""
        return self.place(self.encoder(input_ids, attention_mask))

    def place(self, encoded: Tensor) -> Tensor:
        """Put encodings of this branch, (posts, dim), in their places: (posts, total dim)."""
        vectors = functional.pad(encoded - self.mean, (self.columns.start, self.constant - self.columns.stop))
        used = functional.pad(torch.ones_like(encoded[:, :1]), (0, self.dim - self.constant - 1))
        return torch.cat([vectors, used], dim=1)

    def with_parts(self, weights: Tensor, bias: Tensor) -> nn.Module | None:
        """Return an encoder that also outputs a few numbers per token; see `TextEncoder.with_parts`."""
        own = weights[:, self.columns]
        encoder = self.encoder.with_parts(own, bias + weights[:, self.constant] - own @ self.mean)
        return None if encoder is None else _BranchWithParts(self, encoder)


class _BranchWithParts(nn.Module):
    """A branch whose encoder also outputs numbers per token."""

    def __init__(self, branch: TextBranch, encoder: nn.Module) -> None:
        super().__init__()
        self.branch, self.encoder = branch, encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Encode tokens: (posts, tokens) to (posts, total dim) and (posts, tokens, numbers)."""
        vectors, numbers = self.encoder(input_ids, attention_mask)
        return self.branch.place(vectors), numbers


class BranchedTextEncoder(nn.Module):
    """The branches of a text encoder.

    Args:
        encoders: Encoders by branch.
        dims: Sizes of their encodings by branch, in the same order.
    """

    def __init__(self, encoders: Mapping[str, TextEncoder], dims: Mapping[str, int]) -> None:
        super().__init__()
        self.branches = nn.ModuleDict(
            {
                name: TextBranch(encoder, number, list(dims.values()))
                for number, (name, encoder) in enumerate(encoders.items())
            }
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor, branch: str) -> Tensor:
        """Encode tokens of one branch: (posts, tokens) and its 0/1 mask to (posts, dim)."""
        encoded: Tensor = self.branches[branch](input_ids, attention_mask)
        return encoded


def choose_branches(config: EncoderConfig, texts: Sequence[str]) -> list[str]:
    """Choose the branch that reads each text; "" for an encoder without branches.

    A language's branch reads the texts that are in this language with the probability `config.certainty`. Texts
    without letters, such as emoji only, are read by the first branch, because emoji are spelled out in English.

    Args:
        config: The text encoder's configuration.
        texts: Original texts of posts.
    """
    if not config.branches:
        return [""] * len(texts)
    plain = [extract_language_text(text) for text in texts]
    found = identify_languages(plain, config.branches)
    first = next(iter(config.branches))
    return [
        first
        if not any(char.isalpha() for char in text)
        else language
        if language in config.branches and probability >= config.certainty
        else OTHER
        for text, (language, probability) in zip(plain, found, strict=True)
    ]
