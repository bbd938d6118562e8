"""The interface of attribution methods: one class per method, with the same `attribute` method.

Methods are independent of the modality: `ExplainableInput` defines the encoder's input, the baseline, and how
elements are grouped to parts. The explained function is `compute_modality_score`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.attribution.faithfulness import MaskScore
from analysis.attribution.target import Target, compute_modality_score
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.modalities import get_modality
from analysis.model.modalities.base import ExplainableInput
from analysis.settings import Settings


class AttributionMethod(ABC):
    """Attributes a score to the parts of one modality of a post.

    Args:
        bundle: The model; hold its lock, or pass one with a copy of the encoder (`Bundle.with_encoder_copy`).
        modality: The modality whose parts get values.
        settings: Number of parts.

    Attributes:
        name: Its name in `Ledger.methods`.
        complete: Whether the values add up to the difference between the post's score and that of the baseline.
        is_fast: Whether it takes no longer than scoring, so that it can hold the bundle's lock.
    """

    name: ClassVar[str] = ""
    complete: ClassVar[bool] = False
    is_fast: ClassVar[bool] = False

    def __init__(self, bundle: Bundle, modality: str, settings: Settings | None = None) -> None:
        self.bundle, self.modality, self.settings = bundle, modality, settings or Settings()

    @abstractmethod
    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """Attribute a score.

        Args:
            post: The post; it has the modality.
            target: The score to explain.
            steps: Number of integration steps; methods that do not integrate ignore it.

        Returns:
            The value of each part in logits, (parts,).

        Raises:
            AttributionError: The modality has no parts, or the encoder's configuration does not name a layer.
        """

    def attribute_with_cells(
        self, post: EncodedPost, target: Target, steps: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Attribute a score to parts and to the elements of the encoder's output; see `attribute` for arguments.

        Returns:
            The result of `attribute`, and the values of tokens or of the cells of all images, (elements,); None if
            the method does not compute them.
        """
        return self.attribute(post, target, steps), None

    def explained(
        self, post: EncodedPost, target: Target, masked: bool = False
    ) -> tuple[ExplainableInput, Callable[[Tensor], Tensor]]:
        """Return the explainable input and the explained function; see `_make_score_function`."""
        return _make_score_function(self.bundle, post, self.modality, target, self.settings, masked)


def _make_score_function(
    bundle: Bundle, post: EncodedPost, modality: str, target: Target, settings: Settings, masked: bool = False
) -> tuple[ExplainableInput, Callable[[Tensor], Tensor]]:
    """Return the explainable input of one modality, and the explained function: (rows, ...) to (rows,) logits.

    Args:
        bundle: The model.
        post: The post; it has the modality.
        modality: The modality to explain.
        target: The score to explain.
        settings: Number of parts.
        masked: Whether the function is only used on masked inputs without gradients, which is faster.

    Raises:
        AttributionError: The modality has no parts.
    """
    explainable = get_modality(modality).explain(bundle, post.decoded[modality], settings)
    if explainable is None:
        raise AttributionError(
            f"Modality {modality}", "has no parts to attribute to", "Choose another modality."
        )

    encode = explainable.encode_masked if masked else explainable.encode

    def score(inputs: Tensor) -> Tensor:
        return compute_modality_score(bundle, target, post, modality, encode(inputs))

    return explainable, score


def compute_baseline_difference(
    bundle: Bundle, post: EncodedPost, modality: str, target: Target, settings: Settings
) -> float:
    """Compute F(input) - F(baseline), in logits: the sum of the values of a complete method."""
    explainable, score = _make_score_function(bundle, post, modality, target, settings)
    with torch.inference_mode():
        return float(score(explainable.inputs) - score(explainable.baseline))


def make_mask_score(
    bundle: Bundle, post: EncodedPost, modality: str, target: Target, settings: Settings
) -> MaskScore:
    """Return a function that scores a post with some parts of one modality replaced by the baseline.

    Args:
        bundle: The model; hold its lock, or pass one with a copy of the encoder.
        post: The post; it has the modality.
        modality: The modality whose parts are replaced.
        target: The score to compute.
        settings: How many parts.
    """
    explainable, score = _make_score_function(bundle, post, modality, target, settings, masked=True)

    def score_shown(shown: NDArray[np.bool_]) -> NDArray[np.float64]:
        with torch.inference_mode():
            scores = [
                score(explainable.keep_parts(rows))
                for rows in torch.from_numpy(shown).split(explainable.rows)
            ]
        return torch.cat(scores).double().numpy()

    return score_shown
