"""Evaluates explanations over many labelled posts: whether they add up, and whether they are faithful.

The predicted class of each post is explained. Integrated gradients are compared with random orders of the same words
and regions, and with gradient times input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.attribution.explain import alone_scores, explain_post
from analysis.attribution.faithfulness import MEASURES, Faithfulness, MaskScore, faithfulness_of_each
from analysis.attribution.gradient_x_input import GradientXInput
from analysis.attribution.ledger import (
    GRADIENT_X_INPUT,
    INTEGRATED_GRADIENTS,
    Completeness,
    Ledger,
    Output,
    leading,
)
from analysis.attribution.method import mask_score
from analysis.attribution.target import target_of
from analysis.errors import EvaluationError
from analysis.evaluation.evaluate import head_of
from analysis.evaluation.intervals import RESAMPLES
from analysis.evaluation.labelled import labels_of
from analysis.evaluation.metrics import rounded
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost, encode_post
from analysis.posts import has_text
from analysis.scoring.encodings import stored_image
from analysis.settings import Settings

METHODS = (INTEGRATED_GRADIENTS, GRADIENT_X_INPUT)
PARTS = {"text": "words", "image": "regions"}
ALONE = {"text": "text_label", "image": "image_label"}
"""MVSA's columns with the labels of one modality alone."""


@dataclass
class _Found:
    """Results over the posts, for words or for regions."""

    checks: list[Completeness] = field(default_factory=list)
    orders: list[Mapping[str, Faithfulness]] = field(default_factory=list)


def explanation_evidence(
    bundle: Bundle,
    posts: pd.DataFrame,
    task: str = "sentiment",
    most: int = 200,
    settings: Settings | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Explain labelled posts, and measure the explanations.

    Args:
        bundle: The model.
        posts: Of `analysis.evaluation.labelled.read_labelled`; those with text and images are used.
        task: The head whose predicted class is explained.
        most: Maximum number of posts, sampled at random.
        settings: Steps, regions, random orders, limits.
        seed: Seed of sampling and resampling.
        progress: Called with posts done and posts in total.

    Returns:
        posts, task, model; `completeness` of words and regions (median and 90 % quantile of the relative error, part
        of posts by verdict); `words` and `regions`: by method and measure, the mean gain over random orders in
        logits (above 0 is better) with its 95 % interval, and `difference`, that of integrated gradients over
        gradient x input; `leading`, where the posts have labels of each modality: how often the leading modality is
        the one whose own label is the joint label, among the posts where just one is.

    Raises:
        EvaluationError: No post has both text and images, or the model has no such head.
    """
    settings = settings or Settings()
    head = head_of(bundle, task)
    both = posts[posts["text"].map(has_text).astype(bool) & (posts["images"].str.len() > 0)]
    if both.empty:
        raise EvaluationError(
            "The posts",
            "include none with both text and images",
            "Add posts with both: explanations are measured on those.",
        )
    drawn = both.sample(min(most, len(both)), random_state=seed)
    found = {"words": _Found(), "regions": _Found()}
    phis = []
    for done, (_, post) in enumerate(drawn.iterrows()):
        progress(done, len(drawn))
        images = [(path, stored_image(Path(path), Path(path).name)) for path in post["images"]]
        encoded = encode_post(bundle, post["text"], images)
        scores = next(iter(alone_scores(bundle, encoded).values()))[task]
        output = Output(task, max(scores, key=scores.__getitem__))
        ledger = explain_post(bundle, encoded, output, settings)
        phis.append(ledger.phi)
        _measure(bundle, encoded, ledger, settings, found)
    progress(len(drawn), len(drawn))
    chance = np.random.default_rng(seed)
    evidence: dict[str, Any] = {
        "posts": len(drawn),
        "task": task,
        "model": bundle.id,
        "completeness": {parts: _completeness(each.checks) for parts, each in found.items() if each.checks},
        **{parts: _gains(each.orders, chance) for parts, each in found.items() if each.orders},
    }
    if all(column in drawn for column in ALONE.values()):
        truth = labels_of(drawn, head)
        own = {name: labels_of(drawn, head, column) == truth for name, column in ALONE.items()}
        evidence["leading"] = _leading(phis, own, chance)
    return evidence


def _measure(
    bundle: Bundle, post: EncodedPost, ledger: Ledger, settings: Settings, found: Mapping[str, _Found]
) -> None:
    """Add the measures of one post to the results."""
    target = target_of(bundle, ledger.output)
    integrated = {
        "text": np.array([word.value for word in ledger.words]),
        "image": np.concatenate([image.region_values for image in ledger.images]),
    }
    with bundle.lock:
        for modality, parts in PARTS.items():
            plain = GradientXInput(bundle, modality, settings).attribute(post, target, 0)
            if len(plain):
                score = mask_score(bundle, post, modality, target, settings)
                found[parts].orders.append(_orders([integrated[modality], plain], score, settings))
    for parts, check in (("words", ledger.word_check), ("regions", ledger.pixel_check)):
        if check:
            found[parts].checks.append(check)


def _orders(
    values: Sequence[NDArray[np.float64]], score: MaskScore, settings: Settings
) -> dict[str, Faithfulness]:
    return faithfulness_of_each(dict(zip(METHODS, values, strict=True)), score, settings.random_orders)


def _completeness(checks: Sequence[Completeness]) -> dict[str, float]:
    errors = [check.error for check in checks]
    verdicts = [check.verdict for check in checks]
    return {
        "median": rounded(float(np.median(errors))),
        "p90": rounded(float(np.quantile(errors, 0.9))),
        **{name: rounded(verdicts.count(name) / len(verdicts)) for name in ("ok", "rough", "failed")},
    }


def _gains(orders: Sequence[Mapping[str, Faithfulness]], chance: np.random.Generator) -> dict[str, Any]:
    """Average the gains over random orders, by method and measure."""
    gains = {
        method: {name: np.array([each[method].gains[name] for each in orders]) for name in MEASURES}
        for method in METHODS
    }
    ours, plain = (gains[method] for method in METHODS)
    figures = {
        method: {name: _with_interval(values, chance) for name, values in each.items()}
        for method, each in gains.items()
    }
    return {
        **figures,
        "difference": {name: _with_interval(ours[name] - plain[name], chance) for name in MEASURES},
    }


def _leading(
    phis: Sequence[Mapping[str, float]], own: Mapping[str, NDArray[np.bool_]], chance: np.random.Generator
) -> dict[str, Any]:
    """Measure how often the modality with the larger value is the only one whose label equals the joint label."""
    right = [
        own[leading(phi)][number]
        for number, phi in enumerate(phis)
        if own["text"][number] != own["image"][number]
    ]
    values = np.array(right, dtype=float)
    return {"posts": len(values), **(_with_interval(values, chance) if len(values) else {})}


def _with_interval(values: NDArray[np.float64], chance: np.random.Generator) -> dict[str, Any]:
    """Return the mean and its 95 % interval over resampled posts (Efron 1979)."""
    means = values[chance.integers(len(values), size=(RESAMPLES, len(values)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"mean": rounded(float(values.mean())), "interval": [rounded(float(low)), rounded(float(high))]}
