"""Evaluates one head on labelled posts: metrics overall, by class, by slice and by the values of a column.

`labelled` reads the posts and labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from analysis.errors import EvaluationError
from analysis.evaluation.groups import measure_groups
from analysis.evaluation.intervals import bootstrap_intervals
from analysis.evaluation.labelled import (
    check_evaluation_labels,
    read_evaluation_groups,
    read_evaluation_labels,
)
from analysis.evaluation.metrics import compute_metrics
from analysis.evaluation.slices import measure_slices
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.outputs import compute_probabilities
from analysis.posts import has_text
from analysis.scoring.encodings import encode_all_posts
from analysis.settings import Settings

INPUTS = {"both": ("text", "image"), "text": ("text",), "image": ("image",)}
"""The modalities that the model reads for each value of `inputs`."""
LANGUAGE = ("language", "lang")
"""Names of the column with the language of a post, for the slices."""


def evaluate(
    bundle: Bundle,
    posts: pd.DataFrame,
    task: str,
    inputs: str = "both",
    column: str | None = None,
    title: str = "",
    progress: Callable[[int, int], None] = lambda *_: None,
    by: str | None = None,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Score labelled posts, and evaluate the predictions.

    Args:
        bundle: The model.
        posts: Result of `analysis.evaluation.labelled.read_evaluation_posts`.
        task: Name of the head.
        inputs: Modalities that the model reads: "text", "image", or "both" for all that a post has.
        column: Column of the labels; see `read_evaluation_labels`.
        title: Display title of the evaluation.
        progress: Called with the number of posts done and the total.
        by: Column by whose values the accuracy is broken down; see `read_evaluation_groups`.

    Returns:
        The evaluation of `evaluate_predictions`, with `model` and `posts_left_out`, the number of posts without a
        label or without an input that the head reads, and, with `by`, `groups`: its column, and the result of
        `measure_groups`. Also the evaluated posts: `text` and `images` as the model read them, class indices `truth`
        and `predicted`, `confidence` of the predicted class, and, with `by`, `group`.

    Raises:
        EvaluationError: The model does not have the head, the head reads none of the inputs, or the labels or the
            column `by` cannot be used.
        ScoringError: An image was removed after the table was read.
    """
    head = get_evaluated_head(bundle, task)
    read = [modality for modality in INPUTS[inputs] if head.answers((modality,))]
    if not read:
        raise EvaluationError(
            f"The head {task}", f"reads {' and '.join(head.reads)} only", "Choose other --inputs."
        )
    shown = pd.DataFrame(
        {
            "text": posts["text"] if "text" in read else "",
            "images": posts["images"] if "image" in read else [[] for _ in range(len(posts))],
            "truth": read_evaluation_labels(posts, head, column),
        },
        index=posts.index,
    )
    for name in posts.columns:
        if name.casefold() in LANGUAGE:
            shown["language"] = posts[name].str.strip()
    if by:
        shown["group"] = read_evaluation_groups(posts, by)
    has = _find_inputs(shown)
    used = shown[(shown["truth"] >= 0) & (has["text"] | has["image"])].reset_index(drop=True)
    truth = used["truth"].to_numpy(dtype=np.int64)
    check_evaluation_labels(truth, head)
    probability = _predict(bundle, task, used, progress)
    sides = pd.Series([measure_smallest_image_side(paths) for paths in used["images"]], dtype=float)
    inputs_found = [name for name, has in _find_inputs(used).items() if has.any()]
    found = evaluate_predictions(
        probability,
        torch.tensor(truth),
        head,
        used.assign(side=sides),
        title,
        "both" if len(inputs_found) == 2 else inputs_found[0],
    )
    confidence, predicted = (each.numpy() for each in probability.max(1))
    if by:
        groups = measure_groups(used["group"].tolist(), truth, predicted, confidence, len(head.classes))
        found["groups"] = {"column": by, "values": groups}
    used = used.assign(predicted=predicted, confidence=confidence.astype(float))
    return {**found, "model": bundle.id, "posts_left_out": len(posts) - len(used)}, used


def evaluate_baselines(
    evaluation: dict[str, Any],
    measured: pd.DataFrame,
    head: Head,
    training: tuple[Sequence[str], NDArray[np.int64]] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate the baselines on the same posts.

    Args:
        evaluation: Result of `evaluate`.
        measured: The evaluated posts.
        head: The task.
        training: Texts and class indices to train the baselines on; evaluated texts are removed. None to train on
            the evaluated posts.
        seed: Seed of the folds and of the resampling.

    Returns:
        The evaluation with `baselines`: metrics by name. For posts without text, the only baseline is the most common
        class. Baselines without probabilities have no calibration error.

    Raises:
        EvaluationError: All texts in `training` are evaluated too.
    """
    from analysis.evaluation.baselines import NO_CONFIDENCE, predict_with_baselines

    truth = measured["truth"].to_numpy(dtype=np.int64)
    figures = {}
    if training:
        training = _remove_measured(training, set(measured["text"]))
    for name, probability in predict_with_baselines(
        measured["text"].tolist(), truth, head, training, seed
    ).items():
        if evaluation["inputs"] == "image" and name != "majority":
            continue
        figures[name] = evaluate_predictions(
            probability, torch.tensor(truth), head, None, evaluation["title"], evaluation["inputs"], seed
        )
        if name in NO_CONFIDENCE:
            for key in ("ece", "ece_by_chance", "reliability"):
                del figures[name][key]
            del figures[name]["intervals"]["ece"]
    return {**evaluation, "baselines": figures}


def get_evaluated_head(bundle: Bundle, task: str) -> Head:
    """Return a head by its name.

    Raises:
        EvaluationError: The model does not have the head.
    """
    if task not in bundle.heads:
        raise EvaluationError(bundle.id, f"has no head {task}", f"It has: {', '.join(bundle.heads)}.")
    return bundle.heads[task]


def evaluate_predictions(
    probability: Tensor,
    truth: Tensor,
    head: Head,
    posts: pd.DataFrame | None,
    title: str,
    inputs: str,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate predictions.

    Args:
        probability: (posts, classes); the most likely class is the prediction.
        truth: Class indices, (posts,).
        head: The head with the class names.
        posts: `text` and, where known, `side` and `language`, for the slices; None for no slices.
        title: Display title of the evaluation.
        inputs: The modalities that the model read: "text", "image" or "both".
        seed: Seed of the resampling.

    Returns:
        JSON values: title, head, inputs, the metrics of `compute_metrics`, intervals, slices.
    """
    true, predicted = truth.numpy(), probability.argmax(1).numpy()
    confidence = probability.max(1).values.numpy()
    classes = len(head.classes)
    return {
        "title": title,
        "head": head.name,
        "inputs": inputs,
        **compute_metrics(probability, truth, head),
        "intervals": bootstrap_intervals(true, predicted, confidence, classes, seed),
        "slices": [] if posts is None else measure_slices(posts, true, predicted, classes, inputs),
    }


def _remove_measured(
    training: tuple[Sequence[str], NDArray[np.int64]], measured: set[str]
) -> tuple[Sequence[str], NDArray[np.int64]]:
    """Remove texts that are evaluated too, to avoid leakage."""
    texts, truth = training
    unseen = [number for number, text in enumerate(texts) if text not in measured]
    if not unseen:
        raise EvaluationError(
            "The training posts",
            "are all evaluated too",
            "Use other posts for --train, or omit it to use cross-validation.",
        )
    return [texts[number] for number in unseen], truth[unseen]


def _find_inputs(posts: pd.DataFrame) -> dict[str, pd.Series[bool]]:
    """Return which posts have a text, and which have images."""
    return {"text": posts["text"].map(has_text).astype(bool), "image": posts["images"].str.len() > 0}


def _predict(bundle: Bundle, task: str, posts: pd.DataFrame, progress: Callable[[int, int], None]) -> Tensor:
    """Predict posts: probabilities, (posts, classes)."""
    encoded, present = encode_all_posts(bundle, posts, Path, Settings(), progress)
    with bundle.lock, torch.inference_mode():
        return compute_probabilities(bundle.heads, bundle.model.predict(encoded, present), present)[task]


def measure_smallest_image_side(paths: Sequence[str]) -> float:
    """Return the smallest side of the images, in pixels; NaN without images."""
    sides = []
    for path in paths:
        with Image.open(path) as image:
            sides.append(min(image.size))
    return min(sides, default=float("nan"))
