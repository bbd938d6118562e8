"""The fused model y = g(h_1, ..., h_m): encoders, fusion, heads, and a shared embedding space.

Encoding is separate from prediction, so encodings can be computed once, stored, and fused many times: for training,
missing modalities, and Shapley values.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from analysis.errors import BundleError
from analysis.model.config import Head
from analysis.model.fusion import Fusion
from analysis.model.space import SharedSpace


class MultimodalModel(nn.Module):
    """Encoders, fusion and heads. To add a modality, add an encoder.

    Args:
        encoders: Encoders by modality; their order is the order of the presence mask.
        fusion: Maps encodings and presence mask to one vector per post.
        heads: Heads by name; each is a linear layer on the fused vector of the modalities that it reads.
        space: The shared embedding space, if the model has one.
    """

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
            name: tuple(float(not head.reads or modality in head.reads) for modality in encoders)
            for name, head in heads.items()
        }
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
