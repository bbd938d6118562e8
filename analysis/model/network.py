"""The fused model y = g(h_1, ..., h_m): encoders, fusion, heads, and a shared embedding space.

Encoding is separate from prediction, so encodings can be computed once, stored, and fused many times: for training,
missing modalities, and Shapley values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.config import Head, ModelConfig
from analysis.model.fusion import AdditiveFusion, Fusion, build_fusion
from analysis.model.space import SharedSpace

if TYPE_CHECKING:
    from analysis.model.facts import BundleFacts


class MultimodalModel(nn.Module):
    """Encoders, fusion and heads. To add a modality, add an encoder.

    Args:
        encoders: Encoders by modality; their order is the order of the presence mask.
        fusion: Maps encodings and presence mask to one vector per post.
        heads: Heads by name; each is a linear layer on the fused vector of the modalities that it reads.
        space: The shared embedding space, if the model has one.

    Attributes:
        facts: What an earlier run found out about the same network; None if it is not known.
    """

    facts: BundleFacts | None = None

    def __init__(
        self,
        encoders: Mapping[str, nn.Module],
        fusion: Fusion,
        heads: Mapping[str, Head],
        space: SharedSpace | None = None,
    ) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(dict(encoders))
        self.fusion = fusion
        self.space = space
        self.reads = {
            name: tuple(float(not head.reads or modality in head.reads) for modality in fusion.dims)
            for name, head in heads.items()
        }
        self.heads = nn.ModuleDict(
            {name: nn.Linear(fusion.dim, len(head.classes)) for name, head in heads.items()}
        )

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the presence mask."""
        return tuple(self.fusion.dims)

    def encode(self, modality: str, **inputs: Tensor) -> Tensor:
        """Encode one modality's inputs to (posts, dim)."""
        encoded: Tensor = self.encoders[modality](**inputs)
        return encoded

    def predict(self, encoded: Mapping[str, Tensor], present: Tensor) -> dict[str, Tensor]:
        """Compute logits from encodings.

        Args:
            encoded: Encodings, (posts, dim) by modality.
            present: Presence mask, 0/1, (posts, modalities).

        Returns:
            Logits of each head, (posts, classes), before temperature.
        """
        views = {
            seen: self.fusion(encoded, present * present.new_tensor(seen))
            for seen in set(self.reads.values())
        }
        return {name: head(views[self.reads[name]]) for name, head in self.heads.items()}

    def leave_out(
        self, encoded: Mapping[str, Tensor], present: Tensor, shown: Sequence[float]
    ) -> tuple[Mapping[str, Tensor], Tensor]:
        """Prepare the inputs of `predict` for an explanation with a subset of the modalities.

        In an additive fusion, a modality that is left out has the mean encoding, and every other term stays the same.
        Otherwise it counts as absent.

        Args:
            encoded: Encodings, (posts, dim) by modality.
            present: Presence mask, 0/1, (posts, modalities).
            shown: 1 for each modality that is shown if a post has it, else 0.

        Returns:
            Encodings and presence mask.
        """
        fusion = self.fusion
        if not isinstance(fusion, AdditiveFusion):
            return encoded, present * present.new_tensor(shown)
        kept = dict(zip(self.modalities, shown, strict=True))
        means = {name: fusion.mean(name).expand_as(values) for name, values in encoded.items()}
        return {name: values if kept[name] else means[name] for name, values in encoded.items()}, present

    def stack_share_weights(self, head: str, modality: str) -> tuple[Tensor, Tensor] | None:
        """Return the weights and the bias that an encoder needs to divide a head's scores among its parts.

        Args:
            head: Name of the head.
            modality: The modality with the parts.

        Returns:
            (numbers, dim) and (numbers,), which subtracts the mean encoding; see `AdditiveFusion.compute_shares`.
            None if the fusion is not additive or the head does not read the modality.
        """
        reads = self.reads[head][self.modalities.index(modality)]
        if not isinstance(self.fusion, AdditiveFusion) or not reads:
            return None
        weights = self.fusion.stack_share_weights(modality, self._weight(head))
        return weights, -weights @ self.fusion.mean(modality)

    def compute_shares(
        self,
        head: str,
        modality: str,
        numbers: Tensor,
        owners: Tensor,
        encoded: Mapping[str, Tensor],
        present: Tensor,
    ) -> Tensor:
        """Compute what each part of a modality adds to the logits of a head; see `AdditiveFusion.compute_shares`.

        Raises:
            BundleError: The fusion is not additive.
        """
        if not isinstance(self.fusion, AdditiveFusion):
            raise BundleError(
                "This model",
                "has no sum of terms to divide among parts",
                "Use a model with an additive fusion.",
            )
        read = present * present.new_tensor(self.reads[head])
        return self.fusion.compute_shares(modality, self._weight(head), numbers, owners, encoded, read)

    def _weight(self, head: str) -> Tensor:
        """Return a head's weights, (classes, fused dim)."""
        weight: Tensor = self.heads[head].get_parameter("weight")
        return weight

    def embed(self, modality: str, encoded: Tensor) -> Tensor:
        """Project encodings into the shared embedding space.

        Args:
            modality: The modality of the encodings.
            encoded: (posts, dim).

        Returns:
            (posts, space dim), each of length 1.

        Raises:
            BundleError: The model has no shared space.
        """
        if self.space is None:
            raise BundleError(
                "This model", "has no shared space of text and images", "Use the bundle `compact`."
            )
        shared: Tensor = self.space(modality, encoded)
        return shared

    def forward(self, inputs: Mapping[str, Mapping[str, Tensor]], present: Tensor) -> dict[str, Tensor]:
        """Encode every modality and compute logits; see `encode` and `predict` for the arguments."""
        return self.predict(
            {modality: self.encode(modality, **inputs[modality]) for modality in inputs}, present
        )


def build_fusion_and_space(config: ModelConfig) -> tuple[Fusion, SharedSpace | None]:
    """Build the fusion that a configuration describes, and the shared space, if there is one."""
    dims = {modality: part.dim for modality, part in config.encoders.items()}
    space = SharedSpace(dims, config.space) if config.space else None
    return build_fusion(dims, config.fusion), space  # in this order, which random weights depend on


def pool_image_encodings(encoded: Tensor, owner: Tensor, posts: int) -> Tensor:
    """Average the encodings of each post's images.

    Args:
        encoded: (images, dim).
        owner: Index of the post that each image belongs to, (images,).
        posts: Number of posts.

    Returns:
        (posts, dim); zeros for a post without images.
    """
    total = encoded.new_zeros(posts, encoded.shape[1]).index_add(0, owner, encoded)
    count = encoded.new_zeros(posts).index_add(0, owner, encoded.new_ones(len(owner)))
    return total / count.clamp(min=1).unsqueeze(1)
