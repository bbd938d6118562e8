"""The score table: what a model's results for encoded posts are, and the columns that the catalogue makes of them.

`analysis.columns` declares the columns and how each is computed, including the columns of other heads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.attribution.modality import Coalitions, ModalityValues, compute_shapley_values
from analysis.columns import Scored, computed_columns
from analysis.model.bundle import Bundle
from analysis.model.outputs import compute_probabilities
from analysis.model.space import compute_text_image_match
from analysis.settings import Settings

EXPLAINED = ("sentiment", "topic")
"""The heads whose most likely class is attributed to the modalities of each post."""


def build_score_table(
    bundle: Bundle,
    post_ids: Sequence[str],
    encoded: Mapping[str, Tensor],
    present: Tensor,
    settings: Settings,
) -> pd.DataFrame:
    """Score encoded posts.

    Args:
        bundle: The model, with at least the heads `sentiment` and `topic`; hold its lock.
        post_ids: One per post.
        encoded: (posts, dim) by modality, in the model's order.
        present: 0/1, (posts, modalities); no row all zero.
        settings: Limits of "uncertain" and of named classes.

    Returns:
        The score table, one row per post, in the given order: post_id, and every column with `Column.compute`.
    """
    scored = _predict_and_attribute(bundle, encoded, present, settings)
    return pd.DataFrame({"post_id": list(post_ids), **computed_columns(scored)})


def _predict_and_attribute(
    bundle: Bundle, encoded: Mapping[str, Tensor], present: Tensor, settings: Settings
) -> Scored:
    """Predict posts and attribute the predictions; the columns are computed from the result."""
    posts = Coalitions(bundle, encoded, present)
    modalities = bundle.model.modalities
    scores = _probabilities(posts, torch.ones(present.shape[1]))
    alone = {
        modality: _probabilities(posts, kept)
        for modality, kept in zip(modalities, torch.eye(present.shape[1]), strict=True)
    }
    values = {head: _attribute_to_modalities(posts, head, scores[head]) for head in EXPLAINED}
    return Scored(
        model=bundle.id,
        heads=bundle.heads,
        settings=settings,
        has=dict(zip(modalities, present.bool().numpy().T, strict=True)),
        probabilities=scores,
        alone=alone,
        phi={
            head: dict(zip(modalities, each.phi.double().numpy().T, strict=True))
            for head, each in values.items()
        },
        interaction={head: each.interaction.double().numpy() for head, each in values.items()},
        match=_compute_match(bundle, encoded),
    )


def _attribute_to_modalities(posts: Coalitions, head: str, scores: NDArray[Any]) -> ModalityValues:
    """Attribute the most likely class of a head to the modalities."""
    named = torch.eye(scores.shape[1])[torch.from_numpy(scores.argmax(1))]  # (posts, classes)
    return compute_shapley_values(posts, head, named)


def _compute_match(bundle: Bundle, encoded: Mapping[str, Tensor]) -> NDArray[Any]:
    """Compute how well each post's text fits its images, 0..1; NaN without a shared space."""
    if bundle.config.space is None:
        return np.full(len(encoded["text"]), np.nan)
    with torch.inference_mode():
        text, image = (bundle.model.embed(modality, encoded[modality]) for modality in ("text", "image"))
        similarity = (text * image).sum(1).tolist()
    return np.array([compute_text_image_match(bundle.config.space, value) for value in similarity])


def _probabilities(posts: Coalitions, kept: Tensor) -> dict[str, NDArray[Any]]:
    found = compute_probabilities(posts.bundle.heads, posts.logits(kept.tolist()), posts.present * kept)
    return {head: values.double().numpy() for head, values in found.items()}
