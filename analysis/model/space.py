"""The shared space: text and pictures as unit vectors of one size, near each other where they belong together.

It serves `postlens embed`, search by meaning, a batch's own topics and the match of a text with its pictures.
How it is learned is `analysis.training.compact.contrastive`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.model.config import SpaceConfig


class SharedSpace(nn.Module):
    """One projection a modality, to unit length.

    Args:
        dims: Size of each modality's encoding.
        config: Size of the space, and of the projections' hidden layers.

    Attributes:
        scale: Logarithm of what similarities are multiplied by before a softmax over candidates; learned.
    """

    def __init__(self, dims: Mapping[str, int], config: SpaceConfig) -> None:
        super().__init__()
        self.project = nn.ModuleDict(
            {
                modality: _projection(dim, config.hidden.get(modality, 0), config)
                for modality, dim in dims.items()
            }
        )
        self.scale = nn.Parameter(torch.tensor(math.log(20.0)))

    def forward(self, modality: str, encoded: Tensor) -> Tensor:
        """Bring encodings (posts, dim) into the space: (posts, space dim), each of length 1."""
        return functional.normalize(self.project[modality](encoded), dim=1)


def match(config: SpaceConfig, similarity: float) -> float:
    """Say how well a text fits a picture: the share of texts of other posts that fit it less, 0..1.

    Args:
        config: Holds the quantiles of similarities of texts and pictures that do not belong together.
        similarity: Dot product of the two unit vectors.
    """
    return bisect_left(config.unrelated, similarity) / max(len(config.unrelated), 1)


def _projection(dim: int, hidden: int, config: SpaceConfig) -> nn.Module:
    if hidden:
        return nn.Sequential(
            nn.LayerNorm(dim),
            nn.Dropout(config.dropout),
            nn.Linear(dim, hidden),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(hidden, config.dim),
        )
    linear = nn.Linear(dim, config.dim)
    if (
        dim == config.dim
    ):  # starts as it is, so that what an encoder knows of meaning, or a CLIP pair, is kept
        with torch.no_grad():
            nn.init.eye_(linear.weight)
            nn.init.zeros_(linear.bias)
    return linear
