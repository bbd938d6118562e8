"""Evaluates explanations on many labelled posts: completeness and faithfulness.

The predicted class of each post is explained. Integrated gradients, and class activation mapping if the model allows
it, are compared with random orders of the same words and regions, and with gradient x input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.attribution.class_activation import ClassActivation, can_divide
from analysis.attribution.explain import explain_post, score_modalities_alone
from analysis.attribution.faithfulness import MEASURES, Faithfulness, compare_faithfulness
from analysis.attribution.gradient_x_input import GradientXInput
from analysis.attribution.integrated_gradients import IntegratedGradients
from analysis.attribution.ledger import (
    CLASS_ACTIVATION,
    GRADIENT_X_INPUT,
    INTEGRATED_GRADIENTS,
    Completeness,
    Ledger,
    Output,
    find_leading_modality,
)
from analysis.attribution.method import make_mask_score
from analysis.attribution.target import get_attribution_target
from analysis.errors import EvaluationError
from analysis.evaluation.evaluate import get_evaluated_head
from analysis.evaluation.intervals import RESAMPLES
from analysis.evaluation.labelled import read_evaluation_labels
from analysis.evaluation.metrics import round_metric
from analysis.model.bundle import Bundle
from analysis.model.encoded_post import EncodedPost, encode_post
from analysis.posts import has_text
from analysis.scoring.stored_images import read_stored_image
from analysis.settings import Settings

PARTS = {"text": "words", "image": "regions"}
ALONE = {"text": "text_label", "image": "image_label"}
"""MVSA columns with the labels of a single modality."""


@dataclass
class _Results:
    """Results of all posts, for words or for regions."""

    checks: list[Completeness] = field(default_factory=list)
    orders: list[Mapping[str, Faithfulness]] = field(default_factory=list)


def evaluate_explanations(
    bundle: Bundle,
    posts: pd.DataFrame,
    task: str = "sentiment",
    max_posts: int = 200,
    settings: Settings | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Explain labelled posts, and evaluate the explanations.

    Args:
        bundle: The model.
        posts: Result of `analysis.evaluation.labelled.read_evaluation_posts`; posts with text and images are used.
        task: The head whose predicted class is explained.
        max_posts: Maximum number of posts, sampled at random.
        settings: Steps, regions, random orders, limits.
        seed: Seed of sampling and resampling.
        progress: Called with the number of posts done and the total.

    Returns:
        A dictionary with posts, task and model; `completeness` of words and regions (median and 90 % quantile of the
        relative error, share of posts by verdict); `words` and `regions`: by method and measure, the mean gain over
        random orders in logits (above 0 is better) with its 95 % interval, `difference`, the gain of integrated
        gradients over gradient x input, and `share`, the mean gain of class activation mapping divided by that of
        integrated gradients, None if that is 0. If the posts have labels for each modality, also `leading`: how often
        the leading modality is the one whose label equals the joint label, for posts where only one label does.

    Raises:
        EvaluationError: No post has both text and images, or the model does not have the head.
    """
    settings = settings or Settings()
    head = get_evaluated_head(bundle, task)
    both = posts[posts["text"].map(has_text).astype(bool) & (posts["images"].str.len() > 0)]
    if both.empty:
        raise EvaluationError(
            "The posts",
            "include none with both text and images",
            "Add posts with both, which are needed to evaluate explanations.",
        )
    sampled = both.sample(min(max_posts, len(both)), random_state=seed)
    found = {"words": _Results(), "regions": _Results()}
    phi_values = []
    for done, (_, post) in enumerate(sampled.iterrows()):
        progress(done, len(sampled))
        images = [(path, read_stored_image(Path(path), Path(path).name)) for path in post["images"]]
        encoded = encode_post(bundle, post["text"], images)
        scores = next(iter(score_modalities_alone(bundle, encoded).values()))[task]
        output = Output(task, max(scores, key=scores.__getitem__))
        ledger = explain_post(bundle, encoded, output, settings, IntegratedGradients, IntegratedGradients)
        phi_values.append(ledger.phi)
        _measure_post(bundle, encoded, ledger, settings, found)
    progress(len(sampled), len(sampled))
    rng = np.random.default_rng(seed)
    evidence: dict[str, Any] = {
        "posts": len(sampled),
        "task": task,
        "model": bundle.id,
        "completeness": {
            parts: _summarise_completeness(each.checks) for parts, each in found.items() if each.checks
        },
        **{parts: _summarise_gains(each.orders, rng) for parts, each in found.items() if each.orders},
    }
    if all(column in sampled for column in ALONE.values()):
        truth = read_evaluation_labels(sampled, head)
        own = {name: read_evaluation_labels(sampled, head, column) == truth for name, column in ALONE.items()}
        evidence["leading"] = _measure_leading(phi_values, own, rng)
    return evidence


def _measure_post(
    bundle: Bundle, post: EncodedPost, ledger: Ledger, settings: Settings, found: Mapping[str, _Results]
) -> None:
    """Add the measurements of one post to the results."""
    target = get_attribution_target(bundle, ledger.output)
    integrated = {
        "text": np.array([word.value for word in ledger.words]),
        "image": np.concatenate([image.region_values for image in ledger.images]),
    }
    with bundle.lock:
        for modality, parts in PARTS.items():
            plain = GradientXInput(bundle, modality, settings).attribute(post, target, 0)
            if not len(plain):
                continue
            values = {INTEGRATED_GRADIENTS: integrated[modality], GRADIENT_X_INPUT: plain}
            if can_divide(bundle, modality, target.head):
                activation = ClassActivation(bundle, modality, settings)
                values[CLASS_ACTIVATION] = activation.attribute(post, target, 0)
            score = make_mask_score(bundle, post, modality, target, settings)
            found[parts].orders.append(compare_faithfulness(values, score, settings.random_orders))
    for parts, check in (("words", ledger.word_check), ("regions", ledger.pixel_check)):
        if check:
            found[parts].checks.append(check)


def _summarise_completeness(checks: Sequence[Completeness]) -> dict[str, float]:
    errors = [check.error for check in checks]
    verdicts = [check.verdict for check in checks]
    return {
        "median": round_metric(float(np.median(errors))),
        "p90": round_metric(float(np.quantile(errors, 0.9))),
        **{name: round_metric(verdicts.count(name) / len(verdicts)) for name in ("ok", "rough", "failed")},
    }


def _summarise_gains(
    orders: Sequence[Mapping[str, Faithfulness]], rng: np.random.Generator
) -> dict[str, Any]:
    """Average the gains over random orders by method and measure."""
    gains = {
        method: {name: np.array([each[method].gains[name] for each in orders]) for name in MEASURES}
        for method in orders[0]
    }
    figures: dict[str, Any] = {
        method: {name: _bootstrap_mean(values, rng) for name, values in each.items()}
        for method, each in gains.items()
    }
    ours, plain = gains[INTEGRATED_GRADIENTS], gains[GRADIENT_X_INPUT]
    figures["difference"] = {name: _bootstrap_mean(ours[name] - plain[name], rng) for name in MEASURES}
    if CLASS_ACTIVATION in gains:
        figures["share"] = {
            name: round_metric(values.mean() / ours[name].mean()) if ours[name].mean() else None
            for name, values in gains[CLASS_ACTIVATION].items()
        }
    return figures


def _measure_leading(
    phi_values: Sequence[Mapping[str, float]], own: Mapping[str, NDArray[np.bool_]], rng: np.random.Generator
) -> dict[str, Any]:
    """Measure how often the leading modality is the one whose label equals the joint label."""
    right = [
        own[find_leading_modality(phi)][number]
        for number, phi in enumerate(phi_values)
        if own["text"][number] != own["image"][number]
    ]
    values = np.array(right, dtype=float)
    return {"posts": len(values), **(_bootstrap_mean(values, rng) if len(values) else {})}


def _bootstrap_mean(values: NDArray[np.float64], rng: np.random.Generator) -> dict[str, Any]:
    """Return the mean and its 95 % bootstrap interval over posts (Efron 1979)."""
    means = values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "mean": round_metric(float(values.mean())),
        "interval": [round_metric(float(low)), round_metric(float(high))],
    }
