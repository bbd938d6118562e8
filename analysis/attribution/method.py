"""The contract of attribution methods: one class each, with the same `attribute`.

A method is independent of the modality: `ExplainableInput` says what the encoder reads, what the baseline is, and how
elements form parts. The function explained is `modality_score`.
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
from analysis.attribution.target import Target, modality_score
from analysis.errors import AttributionError
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.modalities import get_modality
from analysis.model.modalities.base import ExplainableInput
from analysis.settings import Settings


class AttributionMethod(ABC):
    """Attributes a score to the parts of one modality of a post.

    Args:
        bundle: The model; hold its lock, or pass one with an encoder of its own (`Bundle.with_encoder_copy`).
        modality: Whose parts get the values.
        settings: How many parts.

    Attributes:
        complete: Whether the values add up to the difference between the post and its baseline.
    """

    complete: ClassVar[bool] = False

    def __init__(self, bundle: Bundle, modality: str, settings: Settings | None = None) -> None:
        self.bundle, self.modality, self.settings = bundle, modality, settings or Settings()

    @abstractmethod
    def attribute(self, post: EncodedPost, target: Target, steps: int) -> NDArray[np.float64]:
        """Attribute a score.

        Args:
            post: The post; it has the modality.
            target: The number that is explained.
            steps: Steps of methods that integrate; others ignore it.

        Returns:
            The value of each part in logits, (parts,).

        Raises:
            AttributionError: The modality has no parts, or the encoder names no layer.
        """

    def explained(
        self, post: EncodedPost, target: Target, masked: bool = False
    ) -> tuple[ExplainableInput, Callable[[Tensor], Tensor]]:
        """Return the input, and the function of it that is explained; see `explained_function`."""
        return explained_function(self.bundle, post, self.modality, target, self.settings, masked)


def explained_function(
    bundle: Bundle, post: EncodedPost, modality: str, target: Target, settings: Settings, masked: bool = False
) -> tuple[ExplainableInput, Callable[[Tensor], Tensor]]:
    """Return the input of one modality, and the function of it that is explained: (rows, ...) to (rows,) logits.

    Args:
        bundle: The model.
        post: The post; it has the modality.
        modality: Which one.
        target: What is explained.
        settings: How many parts.
        masked: Whether the function is only called with parts replaced, without gradients; this is faster.

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
        return modality_score(bundle, target, post, modality, encode(inputs))

    return explainable, score


def baseline_difference(
    bundle: Bundle, post: EncodedPost, modality: str, target: Target, settings: Settings
) -> float:
    """Compute F(input) - F(baseline) in logits, which the values of a complete method add up to."""
    explainable, score = explained_function(bundle, post, modality, target, settings)
    with torch.inference_mode():
        return float(score(explainable.inputs) - score(explainable.baseline))


def mask_score(
    bundle: Bundle, post: EncodedPost, modality: str, target: Target, settings: Settings
) -> MaskScore:
    """Return the function that scores a post with only some parts of one modality; the baseline replaces the others.

    Args:
        bundle: The model; hold its lock, or pass one with an encoder of its own.
        post: The post; it has the modality.
        modality: Whose parts are replaced.
        target: What is scored.
        settings: How many parts.
    """
    explainable, score = explained_function(bundle, post, modality, target, settings, masked=True)

    def score_shown(shown: NDArray[np.bool_]) -> NDArray[np.float64]:
        with torch.inference_mode():
            scores = [
                score(explainable.keep_parts(rows))
                for rows in torch.from_numpy(shown).split(explainable.rows)
            ]
        return torch.cat(scores).double().numpy()

    return score_shown
