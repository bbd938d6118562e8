"""Evaluates a head trained on own labels, compared with the base's head and the most common class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.evaluation.evaluate import evaluate_predictions
from analysis.evaluation.intervals import RESAMPLES
from analysis.evaluation.metrics import fit_evaluation_temperature, round_metric, summarise_confusion
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.outputs import compute_probabilities


@dataclass(frozen=True)
class HeldOutPosts:
    """The training posts of a head and its cross-validated predictions.

    Attributes:
        head: The head.
        posts: The posts.
        encoded: (posts, dim) by modality.
        present: 0/1, (posts, modalities).
        target: 0/1, (posts, classes).
        logits: Held-out logits, (posts, classes).
    """

    head: Head
    posts: pd.DataFrame
    encoded: Mapping[str, Tensor]
    present: Tensor
    target: Tensor
    logits: Tensor


def evaluate_own_label_head(held_out: HeldOutPosts, bundle: Bundle, seed: int) -> dict[str, Any]:
    """Evaluate a head.

    If a post has several labels, the prediction is correct if it is one of them.

    Args:
        held_out: Predictions of the head.
        bundle: The base bundle.
        seed: Seed of the resampling.

    Returns:
        The evaluation of `evaluate_predictions`, with `baselines`: `majority`, and `before` if the base has a head
        with these classes. In that case there is also `gain`: the difference in macro F1 and its 95 % interval over
        resampled posts.
    """
    predicted = _calibrate_by_halves(held_out)
    before = _predict_with_base(held_out, bundle)
    figures = _evaluate(held_out, predicted, bundle)
    figures["baselines"] = {
        "majority": _evaluate(held_out, held_out.target.mean(0).repeat(len(predicted), 1), bundle)
    }
    if before is not None:
        figures["baselines"]["before"] = _evaluate(held_out, before, bundle)
        gained = _resample_macro_f1(held_out.target, predicted, seed) - _resample_macro_f1(
            held_out.target, before, seed
        )
        figures["gain"] = {
            "macro_f1": round_metric(figures["macro_f1"] - figures["baselines"]["before"]["macro_f1"]),
            "interval": [round_metric(limit) for limit in np.quantile(gained, [0.025, 0.975])],
        }
    return figures


def fit_smoothed_temperature(logits: Tensor, target: Tensor, head: Head) -> float:
    """Fit a temperature on few posts, with smoothed targets: one pseudo-post is added per class (Platt 1999).

    Without smoothing, a small sample with only correct predictions would result in probabilities of 0 and 1.

    Args:
        logits: Held-out logits, (posts, classes).
        target: 0/1, (posts, classes).
        head: Determines the loss.
    """
    choices = len(head.classes) if head.exclusive else 2
    return fit_evaluation_temperature(logits, (target * len(target) + 1) / (len(target) + choices), head)


def _evaluate(held_out: HeldOutPosts, probability: Tensor, bundle: Bundle) -> dict[str, Any]:
    modalities = zip(bundle.model.modalities, held_out.present.any(0).tolist(), strict=True)
    read = [
        name
        for name, shown in modalities
        if shown and name in (held_out.head.reads or bundle.model.modalities)
    ]
    return evaluate_predictions(
        probability,
        _choose_truth(held_out.target, probability),
        held_out.head,
        held_out.posts,
        f"Own labels: {held_out.head.name} (5-fold cross-validation)",
        "both" if len(read) > 1 else read[0],
    )


def _calibrate_by_halves(held_out: HeldOutPosts) -> Tensor:
    """Compute probabilities; each half uses the temperature fitted on the other half, to avoid leakage."""
    probability = torch.zeros_like(held_out.logits)
    for half in (0, 1):
        other = fit_smoothed_temperature(
            held_out.logits[1 - half :: 2], held_out.target[1 - half :: 2], held_out.head
        )
        heads = {"": replace(held_out.head, temperature=other)}
        probability[half::2] = compute_probabilities(heads, {"": held_out.logits[half::2]})[""]
    return probability


def _predict_with_base(held_out: HeldOutPosts, bundle: Bundle) -> Tensor | None:
    """Predict with the base's head: (posts, classes); None if it does not have all of the classes."""
    known = bundle.heads.get(held_out.head.name)
    if known is None or not set(held_out.head.classes) <= set(known.classes):
        return None
    with torch.inference_mode():
        logits = bundle.model.predict(held_out.encoded, held_out.present)[known.name]
    columns = [known.classes.index(name) for name in held_out.head.classes]
    return compute_probabilities({known.name: known}, {known.name: logits[:, columns]}, held_out.present)[
        known.name
    ]


def _choose_truth(target: Tensor, probability: Tensor) -> Tensor:
    """Return the class index to compare with: the predicted class if it is a label, else the first label."""
    named = probability.argmax(1)
    return torch.where(target.gather(1, named.unsqueeze(1)).squeeze(1) > 0, named, target.argmax(1))


def _resample_macro_f1(target: Tensor, probability: Tensor, seed: int) -> NDArray[Any]:
    """Compute macro F1 over resampled posts, (resamples,); the same seed samples the same posts."""
    generator = np.random.default_rng(seed)
    posts, classes = target.shape
    pairs = (_choose_truth(target, probability) * classes + probability.argmax(1)).numpy()
    resampled = (pairs[generator.integers(posts, size=posts)] for _ in range(RESAMPLES))
    confusions = [np.bincount(each, minlength=classes**2).reshape(classes, classes) for each in resampled]
    found: NDArray[Any] = summarise_confusion(np.stack(confusions))["macro_f1"]
    return found
