"""Fusions g: how the modalities' encodings become one vector a post. Three kinds with one contract.

Every fusion projects each encoding (or leaves it unchanged), replaces an absent modality by a learned vector,
combines the parts in its own way, and mixes the result in one layer. `FusionConfig.kind` selects the kind; the model
card compares them.
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
        self.project = nn.ModuleDict({modality: _projection(dim, config) for modality, dim in dims.items()})
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
        """Create the layers that `combine` needs; return the size of its result."""
        return sum(self.widths.values())

    def combine(self, parts: list[Tensor]) -> Tensor:
        """Combine the parts, (posts, width) each, to (posts, combined)."""
        return torch.cat(parts, dim=1)

    def forward(self, encoded: Mapping[str, Tensor], present: Tensor) -> Tensor:
        """Fuse encodings.

        Args:
            encoded: (posts, dim) of each modality; rows of absent modalities may have any finite values.
            present: 0/1 (or a gate between), (posts, modalities), in the fusion's order.

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
    """Adds the parts, each weighted per unit by a gate that reads all of them (Arevalo et al. 2017)."""

    def _build(self, config: FusionConfig) -> int:
        width = _common_width(self.widths, config)
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
    """Multiplies the parts in `config.rank` ways and adds the products (Liu et al. 2018).

    As there, a 1 appended to each part keeps the contribution of each modality alone.
    """

    def _build(self, config: FusionConfig) -> int:
        self.rank, self.width = max(config.rank, 1), _common_width(self.widths, config)
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
    """Build the fusion that a configuration names.

    Args:
        dims: Size of each modality's encoding, in the order of the presence mask.
        config: Kind and sizes.

    Raises:
        BundleError: The kind is unknown, or needs a width and has none.
    """
    if config.kind not in FUSIONS:
        raise BundleError(f"Fusion {config.kind!r}", "is unknown", f"Use one of {', '.join(FUSIONS)}.")
    return FUSIONS[config.kind](dims, config)


def _projection(dim: int, config: FusionConfig) -> nn.Module:
    if not config.width:
        return nn.Dropout(config.dropout)
    return nn.Sequential(
        nn.LayerNorm(dim),
        nn.Dropout(config.dropout),
        nn.Linear(dim, config.width),
        nn.GELU(),
        nn.Dropout(config.dropout),
    )


def _common_width(widths: Mapping[str, int], config: FusionConfig) -> int:
    if not config.width:
        raise BundleError(
            f"Fusion {config.kind!r}",
            f"multiplies or adds parts of {', '.join(map(str, widths.values()))} units",
            "Give `fusion.width`, the units that each modality is projected to.",
        )
    return config.width
