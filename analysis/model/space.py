"""The shared embedding space: maps texts and images to unit vectors that are similar if they belong together.

It is used by `postlens embed`, semantic search, custom topics, and the match between text and images. It is trained
by `analysis.training.compact.contrastive`.
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
    """One projection per modality, normalised to unit length.

    Args:
        dims: Size of each modality's encoding.
        config: Size of the space and of the projections' hidden layers.

    Attributes:
        scale: Logarithm of the learned factor that similarities are multiplied by before the softmax.
    """

    def __init__(self, dims: Mapping[str, int], config: SpaceConfig) -> None:
        super().__init__()
        self.project = nn.ModuleDict(
            {
                modality: _build_shared_projection(dim, config.hidden.get(modality, 0), config)
                for modality, dim in dims.items()
            }
        )
        self.scale = nn.Parameter(torch.tensor(math.log(20.0)))

    def forward(self, modality: str, encoded: Tensor) -> Tensor:
        """Project encodings (posts, dim) into the space: (posts, space dim), each of length 1."""
        return functional.normalize(self.project[modality](encoded), dim=1)


def compute_text_image_match(config: SpaceConfig, similarity: float) -> float:
    """Compute how well a text fits an image: the share of unrelated text-image pairs that are less similar, 0..1.

    Args:
        config: Contains the quantiles of the similarity of unrelated texts and images.
        similarity: Dot product of the two unit vectors.
    """
    return bisect_left(config.unrelated, similarity) / max(len(config.unrelated), 1)


def _build_shared_projection(dim: int, hidden: int, config: SpaceConfig) -> nn.Module:
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
    if dim == config.dim:  # start as the identity, to keep the encoder's own space, such as CLIP's
        with torch.no_grad():
            nn.init.eye_(linear.weight)
            nn.init.zeros_(linear.bias)
    return linear
