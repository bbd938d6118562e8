"""How far one explanation can be trusted, beside its completeness: measured on the post itself.

Words and regions: `faithfulness`. The modalities: whether the leading one still leads against another baseline than
"absent": a text of [MASK] and a black picture (Sturmfels et al. 2020 on how much baselines decide).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from captum.attr import ShapleyValues
from torch import Tensor

from analysis.attribution.explain import Pictures, encode_post
from analysis.attribution.faithfulness import Faithfulness, faithfulness
from analysis.attribution.ledger import Ledger, leading
from analysis.attribution.pixels import black_encoding, region_mask_score
from analysis.attribution.target import Target, target_of
from analysis.attribution.words import masked_encoding, word_mask_score
from analysis.model.bundle import Bundle
from analysis.model.outputs import explained_logits
from analysis.settings import Settings


@dataclass(frozen=True)
class Checks:
    """What was measured of one ledger.

    Attributes:
        words: Of the order of the words; None without text.
        regions: Of the order of the regions of all pictures; None without pictures.
        phi: The modalities' Shapley values against the other baseline, in logits; None unless the post has both.
        firm: Whether the modality with the larger value is the same against both baselines; None as `phi`.
    """

    words: Faithfulness | None
    regions: Faithfulness | None
    phi: Mapping[str, float] | None
    firm: bool | None


def check_explanation(
    bundle: Bundle, text: str, pictures: Pictures, ledger: Ledger, settings: Settings | None = None
) -> Checks:
    """Check a ledger on its post.

    Args:
        bundle: The model that the ledger explains.
        text: The post's text as written.
        pictures: Its pictures.
        ledger: Of `explain_post`.
        settings: How many random orders.

    Returns:
        The checks.

    Raises:
        AttributionError: The post is empty.
    """
    settings = settings or Settings()
    target = target_of(bundle, ledger.output)
    with bundle.lock:
        encoded, _ = encode_post(bundle, text, pictures)
        vector, image = (
            encoded[modality][0] if ledger.present[modality] else None for modality in ("text", "image")
        )
        words = regions = phi = None
        if ledger.words:
            values = np.array([word.value for word in ledger.words])
            score = word_mask_score(bundle, text, image, target)
            words = faithfulness(values, score, settings.random_orders)
        if vector is not None and image is not None:
            phi = _other_values(bundle, text, encoded, target)
    if ledger.pictures:
        values = np.concatenate([picture.region_values for picture in ledger.pictures])
        numbers = [picture.regions for picture in ledger.pictures]
        own = bundle.with_own_encoder("image")  # a carousel takes seconds: nobody waits for it
        score = region_mask_score(own, pictures, numbers, vector, target)
        regions = faithfulness(values, score, max(2, settings.random_orders // len(pictures)))
    firm = None if phi is None else leading(phi) == leading(ledger.phi)
    return Checks(words, regions, phi, firm)


def _other_values(
    bundle: Bundle, text: str, encoded: Mapping[str, Tensor], target: Target
) -> dict[str, float]:
    """Compute the modalities' Shapley values between a blank text with a black picture and the post."""
    names = bundle.model.modalities
    blank = {"text": masked_encoding(bundle, text), "image": black_encoding(bundle)}  # (1, dim) each

    def score(*parts: Tensor) -> Tensor:
        present = torch.ones(len(parts[0]), len(names))
        logits = bundle.model.predict(dict(zip(names, parts, strict=True)), present)
        return target.of(explained_logits(bundle.heads, logits))

    with torch.inference_mode():
        values = ShapleyValues(score).attribute(
            tuple(encoded[name] for name in names),
            baselines=tuple(blank[name] for name in names),
            # a number of its own for each input: Captum ties inputs together that share one
            feature_mask=tuple(
                torch.full_like(encoded[name], n, dtype=torch.long) for n, name in enumerate(names)
            ),
        )
    # every number of an encoding carries the value of the whole
    return {name: float(value[0, 0]) for name, value in zip(names, values, strict=True)}
