"""Class activation mapping (Zhou et al. 2016) for words and image regions: shares of a sum, at no further cost.

In an additive fusion, a modality's term is a sum over the tokens of a text or the positions of a feature map. The
state of a token has read the other words too, so its share is corrected by a linear map that was fitted to masked
texts, if the encoder has one (`ShareCorrection`). Integrated gradients lead back to the words themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.attribution.ledger import CLASS_ACTIVATION
from analysis.attribution.method import AttributionMethod
from analysis.attribution.target import Target
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.fusion import AdditiveFusion
from analysis.model.outputs import compute_explained_logits


class ClassActivation(AttributionMethod):
    """Divides a modality's term among its parts; special tokens have a share that no word has.

    Regions share the values of the feature map's positions, which are spread over their pixels. Parts of a modality
    that a head does not read have the value 0.
    """

    name = CLASS_ACTIVATION
    is_fast = True

    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """See `AttributionMethod.attribute`.

        Raises:
            AttributionError: The model's scores are no sum over the parts of this modality.
        """
        return self.attribute_with_cells(post, target, steps)[0]

    def attribute_with_cells(
        self, post: EncodedPost, target: Target, steps: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """See `AttributionMethod.attribute_with_cells`; raises as `attribute` does."""
        explainable, _ = self.explained(post, target)
        if is_additive(self.bundle) and not self.bundle.heads[target.head].answers([self.modality]):
            return np.zeros(explainable.parts), None
        encoders = _find_encoders(self.bundle, self.modality, target.head)
        if not encoders:
            raise AttributionError(
                f"Modality {self.modality}",
                f"has no shares in {target.head}: the model's score is no sum over its parts",
                "Use integrated gradients.",
            )
        with torch.inference_mode():
            numbers = explainable.encode_elements(encoders)
            owners = torch.zeros(len(numbers), dtype=torch.long)
            shares = compute_part_shares(
                self.bundle, target.head, self.modality, numbers, owners, post.encodings, post.present
            )
            values = target.of({target.head: shares})
        return explainable.sum_elements_by_part(values), values.double().numpy()


def is_additive(bundle: Bundle) -> bool:
    """Return whether a model's logits are a sum of one term per modality and one per pair."""
    return isinstance(bundle.model.fusion, AdditiveFusion)


def can_divide(bundle: Bundle, modality: str, head: str) -> bool:
    """Return whether `ClassActivation` can divide a head's scores among the parts of a modality."""
    return is_additive(bundle) and (
        not bundle.heads[head].answers([modality]) or bool(_find_encoders(bundle, modality, head))
    )


def _find_encoders(bundle: Bundle, modality: str, head: str) -> Mapping[str, nn.Module]:
    """Return the encoders that divide a head's scores; none if the sentiment's scores are not divided either."""
    return bundle.find_part_encoders(modality, head) if bundle.part_modalities else {}


def compute_part_shares(
    bundle: Bundle,
    head: str,
    modality: str,
    numbers: Tensor,
    owners: Tensor,
    encoded: Mapping[str, Tensor],
    present: Tensor,
) -> Tensor:
    """Compute what each part of a modality adds to the explained logits of a head.

    Args:
        bundle: The model; its fusion is additive.
        head: Name of the head.
        modality: The modality; it is in `Bundle.part_encoders`, or has encoders of `build_part_encoders`.
        numbers: The encoder's numbers of each part, (parts, numbers).
        owners: Index of the post that each part belongs to, (parts,).
        encoded: Encodings of the posts, (posts, dim) by modality.
        present: Presence mask, 0/1, (posts, modalities).

    Returns:
        (parts, classes), in logits as defined by `compute_explained_logits`.
    """
    with torch.inference_mode():
        shares = bundle.model.compute_shares(head, modality, numbers, owners, encoded, present)
    return compute_explained_logits(bundle.heads, {head: shares})[head]
