"""Fusions g: combine the encodings of the modalities into one vector per post. Four kinds with the same interface.

`AdditiveFusion` adds one term per modality and one per pair of modalities; an absent modality adds nothing. The other
kinds project each encoding (or leave it unchanged), replace absent modalities with a learned vector, combine the
results, and optionally apply a hidden layer. `FusionConfig.kind` selects the kind; the model card compares them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from itertools import combinations

import torch
from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.config import FusionConfig


class Fusion(nn.Module, ABC):
    """A fusion of the modalities' encodings.

    Attributes:
        dims: Size of each modality's encoding, in the order of the presence mask.
        dim: Size of the fused vector.
    """

    dims: dict[str, int]
    dim: int

    @abstractmethod
    def forward(self, encoded: Mapping[str, Tensor], present: Tensor) -> Tensor:
        """Fuse encodings.

        Args:
            encoded: Encodings, (posts, dim) by modality; rows of absent modalities may have any finite values.
            present: Presence mask, 0/1 or a value in between, (posts, modalities), in the fusion's order.

        Returns:
            (posts, self.dim)
        """


class AdditiveFusion(Fusion):
    """Places the terms of a sum next to each other, so that a linear head of the fused vector is a sum of terms.

    With S the set of modalities that a post has, and h_i their encodings minus the mean encoding of the training
    posts, the logits of a head are

        b[S] + sum over i in S of W_i h_i
             + sum over i in S of V_i h_i, if S has several modalities
             + sum over pairs i, j in S of U_ij (P_i h_i * P_j h_j)

    W, V, U and b are weights of the head, P of the fusion. So b[S] is the logit of the average post with these
    modalities. V corrects a term for posts with other modalities, which readers label differently. A modality that is
    absent has no term, so its value is exactly 0, and a post with one modality is scored by W_i of that modality,
    whatever V, U and P are. If an encoding is a mean over tokens or positions, its term is the sum of their shares
    (`compute_shares`). Sources: generalised additive models with interactions (Lou et al. 2013), multimodal additive
    models (Hessel & Lee 2020), low-rank bilinear pairs (Kim et al. 2017).

    Args:
        dims: Size of each modality's encoding, in the order of the presence mask.
        config: Rank of the pairs, 0 for none, and dropout of the encodings.
    """

    def __init__(self, dims: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__()
        self.dims = dict(dims)
        self.drop = nn.Dropout(config.dropout)
        self.pairs = tuple(combinations(self.dims, 2)) if config.rank else ()
        self.sets = tuple(
            tuple(float(number >> column & 1) for column in range(len(dims)))
            for number in range(2 ** len(dims))
        )
        self.factors = nn.ModuleDict(
            {modality: nn.Linear(dim, config.rank, bias=False) for modality, dim in dims.items()}
            if self.pairs
            else {}
        )
        self.dim = 2 * sum(dims.values()) + len(self.pairs) * config.rank + len(self.sets)
        for modality, dim in dims.items():
            self.register_buffer(f"mean_{modality}", torch.zeros(dim))

    def mean(self, modality: str) -> Tensor:
        """Return the mean encoding of the training posts, (dim,)."""
        return self.get_buffer(f"mean_{modality}")

    def forward(self, encoded: Mapping[str, Tensor], present: Tensor) -> Tensor:
        """See `Fusion.forward`."""
        present = present.to(next(iter(encoded.values())).dtype)
        gates = dict(zip(self.dims, present.T.unsqueeze(2), strict=True))  # (posts, 1) each
        member = self._weigh_sets(present)  # (posts, sets)
        joined = self._weigh_corrections(member)
        dropped = {name: self.drop(encoded[name] - self.mean(name)) for name in self.dims}
        terms = [gates[name] * dropped[name] for name in self.dims]
        corrections = [joined[name] * dropped[name] for name in self.dims]
        pairs = [
            gates[one] * gates[other] * self.factors[one](dropped[one]) * self.factors[other](dropped[other])
            for one, other in self.pairs
        ]
        return torch.cat([*terms, *corrections, *pairs, member], dim=1)

    def term_columns(self, modality: str) -> tuple[slice, slice]:
        """Return the columns of the fused vector for a modality's term: those of W, and those of V."""
        names, total = list(self.dims), sum(self.dims.values())
        start = sum(self.dims[name] for name in names[: names.index(modality)])
        end = start + self.dims[modality]
        return slice(start, end), slice(total + start, total + end)

    def column_of_set(self, modalities: Collection[str]) -> int:
        """Return the column of the fused vector that is 1 for posts with exactly these modalities."""
        one = tuple(float(name in modalities) for name in self.dims)
        return self.dim - len(self.sets) + self.sets.index(one)

    def stack_share_weights(self, modality: str, weight: Tensor) -> Tensor:
        """Return the weights that `compute_shares` needs the products with: W, V and P, (numbers, dim).

        Args:
            modality: The modality whose parts get shares.
            weight: Weights of a head, (classes, self.dim).
        """
        factors = [self.factors[modality].get_parameter("weight")] if self.pairs else []
        return torch.cat([*(weight[:, columns] for columns in self.term_columns(modality)), *factors])

    def compute_shares(
        self,
        modality: str,
        weight: Tensor,
        numbers: Tensor,
        owners: Tensor,
        encoded: Mapping[str, Tensor],
        present: Tensor,
    ) -> Tensor:
        """Compute what each part of a modality, such as a word, adds to the logits of a head.

        The shares of all parts of a post add up to the modality's term, with half of each of its pairs.

        Args:
            modality: The modality.
            weight: Weights of the head, (classes, self.dim).
            numbers: Products of `stack_share_weights` with each part's state minus the mean encoding, divided by the
                number of parts that the encoding is the mean of: (parts, numbers).
            owners: Index of the post that each part belongs to, (parts,).
            encoded: Encodings of the posts, (posts, dim) by modality.
            present: Presence mask, 0/1, (posts, modalities).

        Returns:
            (parts, classes)
        """
        classes = len(weight)
        joined = self._weigh_corrections(self._weigh_sets(present))[modality]  # (posts, 1)
        shares = numbers[:, :classes] + joined[owners] * numbers[:, classes : 2 * classes]
        factors, rank = numbers[:, 2 * classes :], numbers.shape[1] - 2 * classes
        gates = dict(zip(self.dims, present.T.unsqueeze(2), strict=True))
        for number, pair in enumerate(self.pairs):
            if modality in pair:
                other = pair[0] if modality == pair[1] else pair[1]
                factor = gates[other] * self.factors[other](
                    encoded[other] - self.mean(other)
                )  # (posts, rank)
                start = 2 * sum(self.dims.values()) + number * rank
                shares = shares + 0.5 * (factors * factor[owners]) @ weight[:, start : start + rank].T
        return shares

    def _weigh_corrections(self, member: Tensor) -> dict[str, Tensor]:
        """Return the factor of each modality's correction V, (posts, 1): 1 for posts with several modalities."""
        shared = torch.tensor([one if sum(one) > 1 else [0.0] * len(one) for one in self.sets]).to(member)
        return dict(zip(self.dims, (member @ shared).T.unsqueeze(2), strict=True))

    def _weigh_sets(self, present: Tensor) -> Tensor:
        """Return the weight of each set, (posts, sets): 1 for the set that a post has, for a mask of 0 and 1."""
        weights = [
            torch.stack(
                [present[:, column] if there else 1 - present[:, column] for column, there in enumerate(one)]
            ).prod(0)
            for one in self.sets
        ]
        return torch.stack(weights, dim=1)


class ConcatFusion(Fusion):
    """Concatenates the parts; the base class of the kinds with a learned vector for absent modalities.

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
        """See `Fusion.forward`."""
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


FUSIONS: Mapping[str, type[AdditiveFusion | ConcatFusion]] = {
    "additive": AdditiveFusion,
    "concat": ConcatFusion,
    "gated": GatedFusion,
    "bilinear": BilinearFusion,
}


def build_fusion(dims: Mapping[str, int], config: FusionConfig) -> Fusion:
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
