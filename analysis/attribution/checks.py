"""Checks one explanation on the post itself: whether its ranking of parts and of modalities is reliable.

Words and regions are checked by `measure_faithfulness`. Modalities are checked with a different baseline, a text of
[MASK] tokens and a black image instead of modalities that are left out: the leading modality should be the same (see
Sturmfels et al. 2020 on the choice of baselines).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import ShapleyValues
from torch import Tensor

from analysis.attribution.explain import lock_encoder
from analysis.attribution.faithfulness import Faithfulness, measure_faithfulness
from analysis.attribution.ledger import Ledger, find_leading_modality
from analysis.attribution.method import make_mask_score
from analysis.attribution.target import Target, get_attribution_target
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.model.modalities import get_modality
from analysis.model.outputs import compute_explained_logits
from analysis.settings import Settings


@dataclass(frozen=True)
class Checks:
    """The checks of one ledger.

    Attributes:
        words: Faithfulness of the ranking of words; None without text.
        regions: Faithfulness of the ranking of regions of all images; None without images.
        phi: Shapley values of the modalities with the other baseline, in logits; None for a single modality.
        firm: Whether the leading modality is the same with both baselines; None for a single modality.
    """

    words: Faithfulness | None
    regions: Faithfulness | None
    phi: Mapping[str, float] | None
    firm: bool | None


def check_explanation(
    bundle: Bundle, post: EncodedPost, ledger: Ledger, settings: Settings | None = None
) -> Checks:
    """Check an explanation on its post.

    Args:
        bundle: The model that the ledger explains.
        post: The post that it explains.
        ledger: From `explain_post`, with the same settings.
        settings: Number of regions and random orders.
    """
    settings = settings or Settings()
    target = get_attribution_target(bundle, ledger.output)
    words = regions = phi = None
    if ledger.words:
        with lock_encoder(bundle, "text") as model:
            values = np.array([word.value for word in ledger.words])
            score = make_mask_score(model, post, "text", target, settings)
            words = measure_faithfulness(values, score, settings.random_orders)
    if len(post.decoded) > 1:
        with bundle.lock:
            phi = _compute_baseline_values(bundle, post, target, settings)
    if ledger.images:
        values = np.concatenate([image.region_values for image in ledger.images])
        with lock_encoder(bundle, "image") as model:
            score = make_mask_score(model, post, "image", target, settings)
            orders = max(2, settings.random_orders // len(ledger.images))
            regions = measure_faithfulness(values, score, orders)
    firm = None if phi is None else find_leading_modality(phi) == find_leading_modality(ledger.phi)
    return Checks(words, regions, phi, firm)


def _compute_baseline_values(
    bundle: Bundle, post: EncodedPost, target: Target, settings: Settings
) -> dict[str, float]:
    """Compute the Shapley values of the modalities, from their baselines to the post."""
    names, encoded = list(post.encodings), post.encodings
    with torch.inference_mode():
        baselines = {name: _encode_baseline(bundle, post, name, settings) for name in names}

    def score(*parts: Tensor) -> Tensor:
        present = post.present.expand(len(parts[0]), -1)
        logits = bundle.model.predict(dict(zip(names, parts, strict=True)), present)
        return target.of(compute_explained_logits(bundle.heads, logits))

    with torch.inference_mode():
        values = ShapleyValues(score).attribute(
            tuple(encoded[name] for name in names),
            baselines=tuple(baselines[name] for name in names),
            # a different number for each input: Captum treats inputs with the same number as one feature
            feature_mask=tuple(
                torch.full_like(encoded[name], number, dtype=torch.long) for number, name in enumerate(names)
            ),
        )
    # every element of an encoding has the value of the modality
    return {name: float(value[0, 0]) for name, value in zip(names, values, strict=True)}


def _encode_baseline(bundle: Bundle, post: EncodedPost, modality: str, settings: Settings) -> Tensor:
    """Encode a modality's baseline: (1, dim); zeros for a modality without one."""
    decoded = post.decoded.get(modality)
    explainable = None if decoded is None else get_modality(modality).explain(bundle, decoded, settings)
    return (
        torch.zeros_like(post.encodings[modality]) if explainable is None else explainable.encode_baseline()
    )
