"""Encoders that also output what each part of a post, such as a word, adds to the scores.

In an additive fusion, a modality's term is linear in its encoding. If the encoding is a mean over tokens or
positions, the term is therefore a sum of their shares: class activation mapping (Zhou et al. 2016), for words and
images. The shares need a product of each state with a few weights, which the encoder computes with the encoding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from analysis.model.encoders import ImageEncoder, TextEncoder
from analysis.model.modalities import get_modality

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

SCORED_HEAD = "sentiment"
"""The head whose scores are divided among the parts of every post that is scored."""
_TOLERANCE = 1e-3
"""Largest difference between the encodings of both encoders, relative to the largest value."""


def build_part_encoder(bundle: Bundle, modality: str, head: str) -> nn.Module | None:
    """Build an encoder that also outputs the numbers that `AdditiveFusion.compute_shares` needs for each part.

    Args:
        bundle: The model; its lock is taken.
        modality: The modality.
        head: The head whose scores are divided.

    Returns:
        A module that shares the bundle's weights, see `TextEncoder.with_parts`. None if the fusion is not additive,
        the head does not read the modality, or its encodings are not means over parts.
    """
    encoder = bundle.model.encoders[modality]
    example = get_modality(modality).example(bundle.config.encoders[modality])
    if head not in bundle.heads or example is None or not isinstance(encoder, TextEncoder | ImageEncoder):
        return None
    with bundle.lock, torch.inference_mode():
        weights = bundle.model.stack_share_weights(head, modality)
        found = None if weights is None else encoder.with_parts(*weights)
        return None if found is None or not _have_same_encodings(encoder, found, example) else found


def _have_same_encodings(encoder: nn.Module, found: nn.Module, example: Mapping[str, Tensor]) -> bool:
    """Compare the encodings of an example."""
    expected = encoder(**example)
    try:
        encoded, _ = found(**example)
    except (RuntimeError, ValueError, IndexError, TypeError):  # the feature map has another form
        return False
    if encoded.shape != expected.shape:
        return False
    return bool((encoded - expected).abs().max() <= _TOLERANCE * expected.abs().max())
