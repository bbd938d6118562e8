"""Fusions g: combine the encodings of the modalities into one vector per post. Three kinds with the same interface.

Every fusion projects each encoding (or leaves it unchanged), replaces absent modalities with a learned vector,
combines the results, and optionally applies a hidden layer. `FusionConfig.kind` selects the kind; the model card
compares them.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.config import FusionConfig


class ConcatFusion(nn.Module):
    """Concatenates the parts; the base class of every fusion.

    Args:
        dims: Size of each modality's encoding, in the order of the presence mask.
        config: Sizes; see `FusionConfig`.
    """

    def __init__(self, dims: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__()
        self.dims = dict(dims)
        self.widths = {modality: config.width or dim for modality, dim in dims.items()}
        self.project = nn.ModuleDict(
            {modality: _build_projection(dim, config) for modality, dim in dims.items()}
        )
        self.absent = nn.ParameterDict(
            {modality: nn.Parameter(torch.zeros(width)) for modality, width in self.widths.items()}
        )
        combined = self._build(config)
        self.mix: nn.Module = (
            nn.Sequential(nn.Linear(combined, config.hidden), nn.GELU(), nn.Dropout(config.dropout))
            if config.hidden
            else nn.Identity()
        )
        self.dim = config.hidden or combined

    def _build(self, config: FusionConfig) -> int:
        """Create the layers that `combine` needs, and return the size of its result."""
        return sum(self.widths.values())

    def combine(self, parts: list[Tensor]) -> Tensor:
        """Combine the parts, (posts, width) each, to (posts, combined)."""
        return torch.cat(parts, dim=1)

    def forward(self, encoded: Mapping[str, Tensor], present: Tensor) -> Tensor:
        """Fuse encodings.

        Args:
            encoded: Encodings, (posts, dim) by modality; rows of absent modalities may have any finite values.
            present: Presence mask, 0/1 or a value in between, (posts, modalities), in the fusion's order.

        Returns:
            (posts, self.dim)
        """
        parts = []
        for column, (modality, projection) in enumerate(self.project.items()):
            gate = present[:, column : column + 1].to(encoded[modality].dtype)  # (posts, 1)
            parts.append(gate * projection(encoded[modality]) + (1 - gate) * self.absent[modality])
        fused: Tensor = self.mix(self.combine(parts))
        return fused


class GatedFusion(ConcatFusion):
    """Adds the parts, each unit weighted by a gate that reads all parts (Arevalo et al. 2017)."""

    def _build(self, config: FusionConfig) -> int:
        width = _require_width(self.widths, config)
        joined = sum(self.widths.values())
        self.gates = nn.ModuleList([nn.Linear(joined, width) for _ in self.widths])
        return width

    def combine(self, parts: list[Tensor]) -> Tensor:
        """Combine the parts to (posts, width)."""
        joined = torch.cat(parts, dim=1)
        weighted = [
            torch.sigmoid(gate(joined)) * torch.tanh(part)
            for gate, part in zip(self.gates, parts, strict=True)
        ]
        return torch.stack(weighted).sum(0)


class BilinearFusion(ConcatFusion):
    """Multiplies `config.rank` projections of the parts, and adds the products (Liu et al. 2018).

    As in the paper, a 1 is appended to each part, which keeps the terms of each modality alone.
    """

    def _build(self, config: FusionConfig) -> int:
        self.rank, self.width = max(config.rank, 1), _require_width(self.widths, config)
        self.factors = nn.ModuleList(
            [nn.Linear(width + 1, self.rank * self.width, bias=False) for width in self.widths.values()]
        )
        return self.width

    def combine(self, parts: list[Tensor]) -> Tensor:
        """Combine the parts to (posts, width)."""
        product = parts[0].new_ones(len(parts[0]), self.rank, self.width)
        for factor, part in zip(self.factors, parts, strict=True):
            one = torch.cat([part, part.new_ones(len(part), 1)], dim=1)
            product = product * factor(one).view(product.shape)  # (posts, rank, width)
        return product.sum(1)


FUSIONS: Mapping[str, type[ConcatFusion]] = {
    "concat": ConcatFusion,
    "gated": GatedFusion,
    "bilinear": BilinearFusion,
}


def build_fusion(dims: Mapping[str, int], config: FusionConfig) -> ConcatFusion:
    """Build the fusion that a configuration describes.

    Args:
        dims: Size of each modality's encoding, in the order of the presence mask.
        config: Kind and sizes.

    Raises:
        BundleError: The kind is unknown, or requires a width that is not set.
    """
    if config.kind not in FUSIONS:
        raise BundleError(f"Fusion {config.kind!r}", "is unknown", f"Use one of {', '.join(FUSIONS)}.")
    return FUSIONS[config.kind](dims, config)


def _build_projection(dim: int, config: FusionConfig) -> nn.Module:
    if not config.width:
        return nn.Dropout(config.dropout)
    return nn.Sequential(
        nn.LayerNorm(dim),
        nn.Dropout(config.dropout),
        nn.Linear(dim, config.width),
        nn.GELU(),
        nn.Dropout(config.dropout),
    )


def _require_width(widths: Mapping[str, int], config: FusionConfig) -> int:
    if not config.width:
        raise BundleError(
            f"Fusion {config.kind!r}",
            f"needs parts of equal size; these have {', '.join(map(str, widths.values()))} units",
            "Set `fusion.width`, the units that each modality is projected to.",
        )
    return config.width
