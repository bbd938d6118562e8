"""The fused model y = g(h_1, ..., h_m): named encoders, one fusion, named heads.

Encoding is kept apart from predicting, so that encodings can be computed once, kept, and fused many
times: for training, for missing modalities, for Shapley values.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from analysis.model.config import FusionConfig, Head


class ConcatFusion(nn.Module):
    """Joins the modalities' encodings, each projected or as it is; an absent one is a learned vector.

    Args:
        dims: Size of each modality's encoding, in the order of the presence mask.
        config: Sizes; see `FusionConfig`.
    """

    def __init__(self, dims: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__()
        widths = {modality: config.width or dim for modality, dim in dims.items()}
        self.project = nn.ModuleDict({modality: _projection(dim, config) for modality, dim in dims.items()})
        self.absent = nn.ParameterDict(
            {modality: nn.Parameter(torch.zeros(width)) for modality, width in widths.items()}
        )
        joined = sum(widths.values())
        self.mix: nn.Module = (
            nn.Sequential(nn.Linear(joined, config.hidden), nn.GELU(), nn.Dropout(config.dropout))
            if config.hidden
            else nn.Identity()
        )
        self.dim = config.hidden or joined

    def forward(self, encoded: Mapping[str, Tensor], present: Tensor) -> Tensor:
        """Fuse encodings.

        Args:
            encoded: (posts, dim) of each modality; rows of absent modalities may hold anything finite.
            present: 0/1 (or a gate between), (posts, modalities), in the fusion's order.

        Returns:
            (posts, self.dim)
        """
        parts = []
        for column, (modality, projection) in enumerate(self.project.items()):
            gate = present[:, column : column + 1].to(encoded[modality].dtype)  # (posts, 1)
            parts.append(gate * projection(encoded[modality]) + (1 - gate) * self.absent[modality])
        fused: Tensor = self.mix(torch.cat(parts, dim=1))
        return fused


class MultimodalModel(nn.Module):
    """Encoders, fusion and heads; adding a modality means adding an encoder.

    Args:
        encoders: By modality; their order is the order of the presence mask.
        fusion: Maps encodings and presence mask to one vector a post.
        heads: By name; each becomes a linear layer over the fused vector.
    """

    def __init__(
        self, encoders: Mapping[str, nn.Module], fusion: ConcatFusion, heads: Mapping[str, Head]
    ) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(dict(encoders))
        self.fusion = fusion
        self.heads = nn.ModuleDict(
            {name: nn.Linear(fusion.dim, len(head.classes)) for name, head in heads.items()}
        )

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the presence mask."""
        return tuple(self.encoders)

    def encode(self, modality: str, **inputs: Tensor) -> Tensor:
        """Encode one modality's inputs to (posts, dim)."""
        encoded: Tensor = self.encoders[modality](**inputs)
        return encoded

    def predict(self, encoded: Mapping[str, Tensor], present: Tensor) -> dict[str, Tensor]:
        """Turn encodings into logits.

        Args:
            encoded: (posts, dim) of each modality.
            present: (posts, modalities), 1 where the post has the modality.

        Returns:
            Logits of each head, (posts, classes), before temperature.
        """
        fused = self.fusion(encoded, present)
        return {name: head(fused) for name, head in self.heads.items()}

    def forward(self, inputs: Mapping[str, Mapping[str, Tensor]], present: Tensor) -> dict[str, Tensor]:
        """Encode every modality and predict; arguments of `encode` and `predict`."""
        return self.predict(
            {modality: self.encode(modality, **inputs[modality]) for modality in inputs}, present
        )


def pool_pictures(encoded: Tensor, owner: Tensor, posts: int) -> Tensor:
    """Average the encodings of each post's pictures.

    Args:
        encoded: (pictures, dim).
        owner: Number of the post that each picture belongs to, (pictures,).
        posts: How many posts there are.

    Returns:
        (posts, dim); zeros for a post without pictures.
    """
    total = encoded.new_zeros(posts, encoded.shape[1]).index_add(0, owner, encoded)
    count = encoded.new_zeros(posts).index_add(0, owner, encoded.new_ones(len(owner)))
    return total / count.clamp(min=1).unsqueeze(1)


def _projection(dim: int, config: FusionConfig) -> nn.Module:
    if not config.width:
        return nn.Identity()
    return nn.Sequential(
        nn.LayerNorm(dim),
        nn.Dropout(config.dropout),
        nn.Linear(dim, config.width),
        nn.GELU(),
        nn.Dropout(config.dropout),
    )
