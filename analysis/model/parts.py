"""Encoders that also output what each part of a post, such as a word, adds to the scores.

In an additive fusion, a modality's term is linear in its encoding. If the encoding is a mean over tokens or
positions, the term is therefore a sum of their shares: class activation mapping (Zhou et al. 2016), for words and
images. The shares need a product of each state with a few weights, which the encoder computes with the encoding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from analysis.model.encoders import ImageEncoder, TextEncoder
from analysis.model.modalities import get_modality
from analysis.model.text_branches import BranchedTextEncoder, TextBranch

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

SCORED_HEAD = "sentiment"
"""The head whose scores are divided among the parts of every post that is scored."""
_DIVIDED = (TextEncoder, TextBranch, ImageEncoder)
_MAX_PARTS = 1_024
"""Most positions of a feature map; published networks have 49 to 196."""
_TOLERANCE = 1e-3
"""Largest difference between the encodings of both encoders, relative to the largest value."""


def list_branches(bundle: Bundle, modality: str) -> dict[str, nn.Module]:
    """List the encoders of a modality by branch; one that has no branches is ""."""
    encoder = bundle.model.encoders[modality]
    if isinstance(encoder, BranchedTextEncoder):
        return dict(encoder.branches.items())
    return {"": encoder}


def build_part_encoders(bundle: Bundle, modality: str, head: str) -> dict[str, nn.Module]:
    """Build encoders that also output the numbers that `AdditiveFusion.compute_shares` needs for each part.

    Args:
        bundle: The model; its lock is taken.
        modality: The modality.
        head: The head whose scores are divided.

    Returns:
        By branch, modules that share the bundle's weights, see `TextEncoder.with_parts`. Empty if the fusion is not
        additive, the head does not read the modality, or the encodings are not means over parts.
    """
    example = get_modality(modality).example(bundle.config.encoders[modality])
    built = {}
    with bundle.lock, torch.inference_mode():
        weights = bundle.model.stack_share_weights(head, modality) if head in bundle.heads else None
        for branch, encoder in list_branches(bundle, modality).items():
            if weights is None or example is None or not isinstance(encoder, _DIVIDED):
                return {}
            found = encoder.with_parts(*weights)
            if found is None or not _have_same_encodings(encoder, found, example):
                return {}
            built[branch] = found
    return built


def _have_same_encodings(encoder: nn.Module, found: nn.Module, example: Mapping[str, Tensor]) -> bool:
    """Compare the encodings of an example."""
    expected = encoder(**example)
    try:
        encoded, numbers = found(**example)
    except Exception:  # the feature map has another form, and the libraries raise errors of many types
        return False
    positions = numbers.shape[1]
    is_grid = not isinstance(encoder, ImageEncoder) or math.isqrt(positions) ** 2 == positions
    if encoded.shape != expected.shape or not is_grid or positions > _MAX_PARTS:
        return False
    return bool((encoded - expected).abs().max() <= _TOLERANCE * expected.abs().max())
