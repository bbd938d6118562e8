"""Evaluates one head on labelled posts: figures in total, by class and by slice.

Posts and labels come from `labelled`.
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
from analysis.evaluation.intervals import bootstrap_intervals
from analysis.evaluation.labelled import check_labels, labels_of
from analysis.evaluation.metrics import classification_metrics
from analysis.evaluation.slices import slice_figures
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.model.outputs import probabilities
from analysis.posts import has_text
from analysis.scoring.encodings import encode_all_posts
from analysis.settings import Settings

INPUTS = {"both": ("text", "image"), "text": ("text",), "image": ("image",)}
"""The modalities that the model reads for each value of `inputs`."""
LANGUAGE = ("language", "lang")
"""Names of columns with a post's language, for the slices."""


def evaluate(
    bundle: Bundle,
    posts: pd.DataFrame,
    task: str,
    inputs: str = "both",
    column: str | None = None,
    title: str = "",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Score labelled posts, and measure the predictions.

    Args:
        bundle: The model.
        posts: Of `analysis.evaluation.labelled.read_labelled`.
        task: The head.
        inputs: What the model reads: "text", "image", or "both" for whatever each post has.
        column: Column of the labels; see `labels_of`.
        title: Title of the evaluation, for people.
        progress: Called with posts done and posts in total.

    Returns:
        The evaluation of `evaluation_of`, with `model` and `posts_left_out`: posts without a label, or without an
        input that the head reads. And the posts measured: `text` and `images` as the model read them, `truth`, class
        numbers.

    Raises:
        EvaluationError: The model has no such head, the head reads none of the inputs, or the labels cannot
            be used.
        ScoringError: An image was removed after the table was read.
    """
    head = head_of(bundle, task)
    read = [modality for modality in INPUTS[inputs] if head.answers((modality,))]
    if not read:
        raise EvaluationError(
            f"The head {task}", f"reads {' and '.join(head.reads)} only", "Choose other --inputs."
        )
    shown = pd.DataFrame(
        {
            "text": posts["text"] if "text" in read else "",
            "images": posts["images"] if "image" in read else [[] for _ in range(len(posts))],
            "truth": labels_of(posts, head, column),
        },
        index=posts.index,
    )
    for name in posts.columns:
        if name.casefold() in LANGUAGE:
            shown["language"] = posts[name].str.strip()
    has = _has(shown)
    used = shown[(shown["truth"] >= 0) & (has["text"] | has["image"])].reset_index(drop=True)
    truth = used["truth"].to_numpy(dtype=np.int64)
    check_labels(truth, head)
    probability = _predict(bundle, task, used, progress)
    sides = pd.Series([smallest_side(paths) for paths in used["images"]], dtype=float)
    inputs_found = [name for name, has in _has(used).items() if has.any()]
    found = evaluation_of(
        probability,
        torch.tensor(truth),
        head,
        used.assign(side=sides),
        title,
        "both" if len(inputs_found) == 2 else inputs_found[0],
    )
    return {**found, "model": bundle.id, "posts_left_out": len(posts) - len(used)}, used


def compare(
    evaluation: dict[str, Any],
    measured: pd.DataFrame,
    head: Head,
    training: tuple[Sequence[str], NDArray[np.int64]] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure the baselines on the same posts.

    Args:
        evaluation: Result of `evaluate`.
        measured: The posts that it measured.
        head: The task.
        training: Texts and class numbers to train the baselines on; those that are measured are removed. None to
            train on the measured posts.
        seed: Seed of the folds and of resampling.

    Returns:
        The evaluation with `baselines`: figures by name. For posts without any text there is only the most common
        class, and baselines without probabilities have no calibration error.

    Raises:
        EvaluationError: All of `training` is measured too.
    """
    from analysis.evaluation.baselines import NO_CONFIDENCE, baseline_probabilities

    truth = measured["truth"].to_numpy(dtype=np.int64)
    figures = {}
    if training:
        training = _unseen(training, set(measured["text"]))
    for name, probability in baseline_probabilities(
        measured["text"].tolist(), truth, head, training, seed
    ).items():
        if evaluation["inputs"] == "image" and name != "majority":
            continue
        figures[name] = evaluation_of(
            probability, torch.tensor(truth), head, None, evaluation["title"], evaluation["inputs"], seed
        )
        if name in NO_CONFIDENCE:
            for key in ("ece", "ece_by_chance", "reliability"):
                del figures[name][key]
            del figures[name]["intervals"]["ece"]
    return {**evaluation, "baselines": figures}


def head_of(bundle: Bundle, task: str) -> Head:
    """Find a head by its name.

    Raises:
        EvaluationError: The model has no such head.
    """
    if task not in bundle.heads:
        raise EvaluationError(bundle.id, f"has no head {task}", f"It has: {', '.join(bundle.heads)}.")
    return bundle.heads[task]


def evaluation_of(
    probability: Tensor,
    truth: Tensor,
    head: Head,
    posts: pd.DataFrame | None,
    title: str,
    inputs: str,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure given predictions.

    Args:
        probability: (posts, classes); the most likely class is the prediction.
        truth: Class numbers, (posts,).
        head: Names the classes.
        posts: `text`, and where known `side` and `language`, for the slices; None for no slices.
        title: Title of the evaluation, for people.
        inputs: The inputs that the model read: "text", "image" or "both".
        seed: Seed of the resampling.

    Returns:
        JSON values: title, head, inputs, the figures of `classification_metrics`, intervals, slices.
    """
    true, predicted = truth.numpy(), probability.argmax(1).numpy()
    confidence = probability.max(1).values.numpy()
    classes = len(head.classes)
    return {
        "title": title,
        "head": head.name,
        "inputs": inputs,
        **classification_metrics(probability, truth, head),
        "intervals": bootstrap_intervals(true, predicted, confidence, classes, seed),
        "slices": [] if posts is None else slice_figures(posts, true, predicted, classes, inputs),
    }


def _unseen(
    training: tuple[Sequence[str], NDArray[np.int64]], measured: set[str]
) -> tuple[Sequence[str], NDArray[np.int64]]:
    """Leave out texts that are measured too, to avoid leakage."""
    texts, truth = training
    unseen = [number for number, text in enumerate(texts) if text not in measured]
    if not unseen:
        raise EvaluationError(
            "The training posts",
            "are all measured too",
            "Use other posts with --train, or leave it out for cross-validation.",
        )
    return [texts[number] for number in unseen], truth[unseen]


def _has(posts: pd.DataFrame) -> dict[str, pd.Series[bool]]:
    """Return which posts have a text, and which have images."""
    return {"text": posts["text"].map(has_text).astype(bool), "image": posts["images"].str.len() > 0}


def _predict(bundle: Bundle, task: str, posts: pd.DataFrame, progress: Callable[[int, int], None]) -> Tensor:
    """Predict posts: probabilities, (posts, classes)."""
    encoded, present = encode_all_posts(bundle, posts, Path, Settings(), progress)
    with bundle.lock, torch.inference_mode():
        return probabilities(bundle.heads, bundle.model.predict(encoded, present), present)[task]


def smallest_side(paths: Sequence[str]) -> float:
    """Measure the smaller side of the smallest image, in pixels; NaN without images."""
    sides = []
    for path in paths:
        with Image.open(path) as image:
            sides.append(min(image.size))
    return min(sides, default=float("nan"))
