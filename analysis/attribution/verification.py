"""Verifies the shares of an additive model on one post: compares them with integrated gradients, and checks both.

A share shows where the encoder collected the evidence, because the state of a word has read the other words.
Integrated gradients lead back to the words and pixels of the input, so the two need not agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.attribution.checks import Checks, check_explanation
from analysis.attribution.explain import explain_post
from analysis.attribution.integrated_gradients import IntegratedGradients
from analysis.attribution.ledger import Ledger
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost
from analysis.settings import Settings

_MIN_PARTS = 3
"""Parts from which a rank correlation says something: that of two parts is always -1 or 1."""


@dataclass(frozen=True)
class Agreement:
    """How well two attributions of the same parts agree.

    Attributes:
        correlation: Spearman's rank correlation, -1 to 1; None for less than 3 parts, or if all values are equal.
        same_top: Whether the same part has the largest absolute value in both.
    """

    correlation: float | None
    same_top: bool


@dataclass(frozen=True)
class Verification:
    """Integrated gradients of an explanation that has shares, and the checks of both.

    Attributes:
        ledger: The explanation by integrated gradients.
        checks: The checks of `ledger`.
        share_checks: The checks of the explanation with shares.
        words: Agreement on the words; None without words, or if integrated gradients do not add up.
        regions: Agreement on the regions of all images; None likewise.
    """

    ledger: Ledger
    checks: Checks
    share_checks: Checks
    words: Agreement | None
    regions: Agreement | None


def verify_explanation(
    bundle: Bundle, post: EncodedPost, ledger: Ledger, settings: Settings | None = None
) -> Verification:
    """Verify an explanation on its post; takes about as long as explaining a post of a model without shares.

    Args:
        bundle: The model that the ledger explains.
        post: The post that it explains.
        ledger: From `explain_post`, with the same settings.
        settings: Steps, regions, random orders and limits.
    """
    settings = settings or Settings()
    # a modality that the score does not depend on has the value 0 in all its parts, by any method
    used = {name: IntegratedGradients if ledger.phi[name] else None for name in ("text", "image")}
    other = explain_post(bundle, post, ledger.output, settings, used["text"], used["image"])
    words = regions = None
    if other.words and not (other.word_check and other.word_check.refused):
        words = compare_parts(*([word.value for word in each.words] for each in (ledger, other)))
    if other.images and not (other.pixel_check and other.pixel_check.refused):
        regions = compare_parts(*(_region_values(each) for each in (ledger, other)))
    return Verification(
        other,
        check_explanation(bundle, post, other, settings),
        check_explanation(bundle, post, ledger, settings),
        words,
        regions,
    )


def compare_parts(one: Sequence[float], other: Sequence[float]) -> Agreement:
    """Compare two attributions of the same parts, at least one."""
    ranks = pd.DataFrame({"one": one, "other": other}).rank()
    varied = len(ranks) >= _MIN_PARTS and bool((ranks.nunique() > 1).all())
    correlation = float(ranks["one"].corr(ranks["other"])) if varied else None
    top, other_top = (int(np.abs(values).argmax()) for values in (one, other))
    return Agreement(correlation, top == other_top)


def _region_values(ledger: Ledger) -> list[float]:
    return [value for image in ledger.images for value in image.region_values.tolist()]
