"""Trains heads on labelled posts and writes a new bundle.

Encoders and fusion are frozen: a few hundred labels are not enough for 23 million weights, but for a linear head. So
each text and image is encoded only once, other heads do not change at all, and everything except encoding takes
seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from analysis.errors import TrainingError
from analysis.evaluation.labelled import read_evaluation_posts
from analysis.model.bundle import SHIPPED, Bundle, load_model
from analysis.model.config import Head, ModelConfig
from analysis.model.label_batches import LABEL_BATCHES, read_label_batches
from analysis.model.network import MultimodalModel
from analysis.model.saving import save_bundle
from analysis.scoring.encodings import compute_presence_mask, encode_all_posts
from analysis.scoring.pace import Progress, ignore_progress
from analysis.settings import Settings
from analysis.training.core.calibration import list_temperatures
from analysis.training.own_labels.card import write_own_card
from analysis.training.own_labels.figures import (
    HeldOutPosts,
    evaluate_own_label_head,
    fit_smoothed_temperature,
)
from analysis.training.own_labels.heads import OwnHead, find_own_heads
from analysis.training.own_labels.linear import (
    choose_penalty,
    fit_linear,
    init_head,
    make_views,
    predict_held_out,
)


@dataclass(frozen=True)
class TrainedHead:
    """A trained head with its temperature, weights and metrics (see `evaluate_own_label_head`)."""

    head: Head
    layer: nn.Linear
    figures: dict[str, Any]


@dataclass(frozen=True)
class TrainingResult:
    """The result of training on own labels.

    Attributes:
        metrics: The content of metrics.json; the new heads are in "own_labels".
        skipped: Rows and images that could not be used, one message each.
    """

    metrics: dict[str, Any]
    skipped: tuple[str, ...]


def train_own_labels(
    base: str | Path,
    labels: Path,
    out: Path,
    media: Path | None = None,
    task: str | None = None,
    seed: int = 0,
    progress: Progress = ignore_progress,
    batch_ids: Sequence[str] = (),
) -> TrainingResult:
    """Train heads on labelled posts, validate them, and write a new bundle.

    Args:
        base: Name or folder of the bundle to start from. It is not changed.
        labels: Table of posts with text, images or both, and their labels; see `read_evaluation_posts` and
            `find_own_heads`.
        out: Folder of the new bundle; its name becomes the bundle's name.
        media: Folder with the images; None for the folder of the table.
        task: The head to train; see `find_own_heads`.
        seed: Seed of the folds.
        progress: Called while posts are read, and while each head is validated.
        batch_ids: The batches of a workspace with these labels, which the new bundle names (`read_label_batches`).

    Returns:
        The metrics and the skipped rows.

    Raises:
        EvaluationError: The table cannot be read, or has no column of texts or images.
        TrainingError: The labels cannot be used, or `out` is a bundle that must not be replaced.
        BundleError: The base cannot be loaded, or the folder cannot be written.
    """
    bundle = load_model(base)
    folder = out.resolve()
    if folder == bundle.folder.resolve() or folder.is_relative_to(SHIPPED.resolve()):
        raise TrainingError(
            str(out),
            "belongs to a bundle that must not be changed",
            "Choose another folder for the new bundle.",
        )
    posts = read_evaluation_posts(labels, media)
    present = compute_presence_mask(posts, bundle.model.modalities)  # (posts, modalities)
    own = find_own_heads(posts, present, bundle, task)
    encoded, _ = encode_all_posts(bundle, posts, Path, Settings(), partial(progress, "reading posts"))
    with _one_thread():
        trained = {
            each.head.name: _train_head(bundle, each, posts, encoded, present, seed, progress) for each in own
        }
    heads = {**bundle.heads, **{name: each.head for name, each in trained.items()}}
    config = replace(bundle.config, name=re.sub(r"[^\w.-]+", "_", folder.name), heads=heads)
    model = _combine_model(bundle, config, trained)
    metrics = _combine_metrics(bundle, config, model, trained, seed)
    if batches := _combine_label_batches(bundle, trained, batch_ids):
        metrics[LABEL_BATCHES] = batches
    card = write_own_card(config, metrics, bundle.card)
    save_bundle(out, config, model, bundle.tokenizers, metrics, card, bundle.weight_bits)
    empty = int((present.sum(1) == 0).sum())
    skipped = [problem for problems in posts["unread"] for problem in problems]
    if empty:
        skipped.append(f"rows with neither text nor a usable image: {empty:,}")
    return TrainingResult(metrics, tuple(skipped))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let PyTorch use one thread: the matrices are small, and threads that wait for each other take far longer."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _train_head(
    bundle: Bundle,
    own: OwnHead,
    posts: pd.DataFrame,
    encoded: dict[str, Tensor],
    present: Tensor,
    seed: int,
    progress: Progress,
) -> TrainedHead:
    """Train one head on all of its posts, and calibrate and evaluate it by cross-validation."""
    encoded, present = {name: values[own.rows] for name, values in encoded.items()}, present[own.rows]
    views = make_views(bundle, own.head, encoded, present, own.target)
    start = init_head(own.head, bundle, present)
    logits = predict_held_out(views, own.head, start, seed, partial(progress, "validating"))
    head = replace(own.head, temperature=fit_smoothed_temperature(logits, own.target, own.head))
    held_out = HeldOutPosts(head, posts.iloc[own.rows.tolist()], encoded, present, own.target, logits)
    layer = fit_linear(views, head, start, choose_penalty(views, head, start, seed))
    return TrainedHead(head, layer, evaluate_own_label_head(held_out, bundle, seed))


def _combine_model(bundle: Bundle, config: ModelConfig, trained: dict[str, TrainedHead]) -> MultimodalModel:
    """Combine the encoders, fusion and other heads of the base with the trained heads."""
    model = MultimodalModel(
        dict(bundle.model.encoders.items()), bundle.model.fusion, config.heads, bundle.model.space
    )
    for name, layer in model.heads.items():
        source = trained[name].layer if name in trained else bundle.model.heads[name]
        layer.load_state_dict(source.state_dict())
    return model


def _combine_metrics(
    bundle: Bundle,
    config: ModelConfig,
    model: MultimodalModel,
    trained: dict[str, TrainedHead],
    seed: int,
) -> dict[str, Any]:
    """Combine the new metrics with those of the base that still apply: other heads and the shared space."""
    base = bundle.metrics
    return {
        "seed": seed,
        "trained_from": bundle.id,
        "own_labels": {name: each.figures for name, each in trained.items()},
        "parameters": {
            **base.get("parameters", {}),
            "all": sum(parameter.numel() for parameter in model.parameters()),
        },
        "temperature": {
            **{
                name: each
                for name, each in base.get("temperature", {}).items()
                if name.split()[0] not in trained
            },
            **list_temperatures(config.heads, {}),
        },
        "evaluations": {
            key: each for key, each in base.get("evaluations", {}).items() if each["head"] not in trained
        },
        "retrieval": base.get("retrieval", {}),
    }


def _combine_label_batches(
    bundle: Bundle, trained: dict[str, TrainedHead], batch_ids: Sequence[str]
) -> dict[str, list[str]]:
    """List the batches whose labels trained each head, here or in the base."""
    found = {head: list(ids) for head, ids in read_label_batches(bundle).items()}
    for name in trained if batch_ids else ():
        found[name] = sorted({*found.get(name, ()), *batch_ids})
    return found
