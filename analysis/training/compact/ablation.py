"""The ablation: the same metrics for the frozen encoders, the text model and the fused model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from analysis.evaluation.metrics import compute_metrics
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.training.compact.encodings import encode_all_texts
from analysis.training.compact.linear_probe import fit_linear_probe
from analysis.training.core.data_sets import LabelledData

FROZEN_ROWS = 6_000
"""Training texts per task for the linear probes on frozen encoders."""


def _get_main_figure(evaluation: Mapping[str, Any]) -> float:
    """Return the standard metric of a task: macro recall, F1 of irony, accuracy of pairs, else macro F1."""
    head = evaluation["head"]
    if head == "irony":
        return float(evaluation["classes"]["irony"]["f1"])
    if head == "sentiment":
        return float(evaluation["macro_recall" if evaluation["inputs"] == "text" else "accuracy"])
    return float(evaluation["macro_f1"])


def evaluate_frozen_encoders(
    published: Bundle, labelled: LabelledData, images: Mapping[str, Tensor], seed: int
) -> dict[str, float]:
    """Evaluate linear probes on the encodings of the published encoders.

    Args:
        published: A bundle with the published encoders.
        labelled: The data.
        images: Encoded images, (dim,) by path.
        seed: Seed for sampling the training texts.

    Returns:
        The main metric by evaluation, as in `analysis.training.compact.measures`.
    """
    figures = {}
    for name, splits in labelled.tweets.items():
        train = splits.train.sample(min(FROZEN_ROWS, len(splits.train)), random_state=seed)
        train_encodings, val_encodings = (
            encode_all_texts(published, frame["text"].tolist(), f"frozen, {name}")
            for frame in (train, splits.val)
        )
        key = "sentiment_tweets" if name == "sentiment" else name
        figures[key] = _measure_probe(
            (train_encodings, train["label"].to_numpy()),
            (val_encodings, splits.val["label"].to_numpy()),
            published.heads[name],
            "text",
        )
    pairs = [
        torch.cat(
            [
                encode_all_texts(published, frame["text"].tolist(), "frozen, pairs"),
                torch.stack([images[path] for path in frame["image_path"]]),
            ],
            dim=1,
        )
        for frame in (labelled.pairs.train, labelled.pairs.val)
    ]
    figures["mvsa_both"] = _measure_probe(
        (pairs[0], labelled.pairs.train["label"].to_numpy()),
        (pairs[1], labelled.pairs.val["label"].to_numpy()),
        published.heads["sentiment"],
        "both",
    )
    return figures


def probe_images(labelled: LabelledData, images: Mapping[str, Tensor], head: Head) -> float:
    """Evaluate a linear probe on encoded images, with the image labels of MVSA dev.

    Args:
        labelled: The data.
        images: Encoded images, (dim,) by path.
        head: The sentiment head.
    """
    train, test = (
        (torch.stack([images[path] for path in frame["image_path"]]), frame["image_label"].to_numpy())
        for frame in (labelled.pairs.train, labelled.pairs.val)
    )
    return _measure_probe(train, test, head, "image")


def list_ablation_steps(
    frozen: Mapping[str, float], tuned_images: float, metrics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """List the steps of the recipe with their metrics.

    Args:
        frozen: Results of `evaluate_frozen_encoders` and `probe_images`.
        tuned_images: Result of `probe_images` with the fine-tuned image encoder.
        metrics: Results of `analysis.training.compact.measures`.
    """
    text = {
        "sentiment_tweets" if name == "sentiment" else name: round(_get_main_figure(each), 4)
        for name, each in metrics["text_model"].items()
    }
    fused = {
        key: round(_get_main_figure(each), 4) for key, each in metrics["evaluations"].items() if key in frozen
    }
    steps = [{"step": "frozen encoders, logistic regression", "figures": dict(frozen)}]
    tuned, teacher = "text encoder fine-tuned on all tasks", metrics.get("teacher")
    if teacher:
        tuned += " and on the teacher's predictions"
        steps.append(
            {
                "step": f"the teacher ({teacher['name']}, {teacher['parameters'] / 1e6:.0f} M), on sentiment alone",
                "figures": {"sentiment_tweets": round(_get_main_figure(teacher["evaluation"]), 4)},
            }
        )
    if "sentiment_alone" in metrics:
        alone = round(_get_main_figure(metrics["sentiment_alone"]), 4)
        row = {"sentiment_tweets": alone}
        steps.append({"step": "text encoder fine-tuned on sentiment alone", "figures": row})
    if "topic_cross_validated" in metrics["evaluations"]:
        alone = round(_get_main_figure(metrics["evaluations"]["topic_cross_validated"]), 4)
        steps.append({"step": "text encoder fine-tuned on topics alone, 5-fold", "figures": {"topic": alone}})
    return [
        *steps,
        {"step": tuned, "figures": text},
        {
            "step": "image encoder's upper layers fine-tuned, logistic regression",
            "figures": {"mvsa_image": tuned_images},
        },
        {
            "step": "+ image encoder trained with the fusion on pairs and on self-predicted labels; "
            "fusion and heads retrained (this bundle)",
            "figures": fused,
        },
    ]


def _measure_probe(train: tuple[Tensor, Any], test: tuple[Tensor, Any], head: Head, inputs: str) -> float:
    """Evaluate a linear probe; `train` and `test` are encodings and labels."""
    probability = fit_linear_probe(*train, test[0], len(head.classes), strength=0.01, balanced=True)
    measured = compute_metrics(probability, torch.tensor(test[1]), head)
    return round(_get_main_figure({**measured, "head": head.name, "inputs": inputs}), 4)
