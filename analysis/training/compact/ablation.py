"""What each part of the recipe brought: the same figures for the frozen encoders, the text model, the fused model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from analysis.evaluation.metrics import classification_metrics
from analysis.model.bundle import Bundle
from analysis.model.config import Head
from analysis.training.compact.encodings import texts
from analysis.training.core.data_sets import LabelledData

FROZEN_ROWS = 6_000
"""Training texts of each task for the frozen encoder's row."""


def main_figure(evaluation: Mapping[str, Any]) -> float:
    """Give the figure that the task is known by: macro recall, F1 of irony, accuracy of pairs, else macro F1."""
    head = evaluation["head"]
    if head == "irony":
        return float(evaluation["classes"]["irony"]["f1"])
    if head == "sentiment":
        return float(evaluation["macro_recall" if evaluation["inputs"] == "text" else "accuracy"])
    return float(evaluation["macro_f1"])


def frozen_encoders(
    first: Bundle, labelled: LabelledData, pictures: Mapping[str, Tensor], seed: int
) -> dict[str, float]:
    """Measure logistic regressions on the encodings of the base encoders.

    Args:
        first: With the base encoders.
        labelled: The data.
        pictures: Encoded pictures, (dim,) by path.
        seed: Of the choice of training texts.

    Returns:
        The main figure by evaluation, as in `analysis.training.compact.measures`.
    """
    figures = {}
    for name, splits in labelled.tweets.items():
        train = splits.train.sample(min(FROZEN_ROWS, len(splits.train)), random_state=seed)
        seen, unseen = (
            texts(first, frame["text"].tolist(), f"frozen, {name}") for frame in (train, splits.val)
        )
        key = "sentiment_tweets" if name == "sentiment" else name
        figures[key] = _regressed(
            (seen, train["label"].to_numpy()),
            (unseen, splits.val["label"].to_numpy()),
            first.heads[name],
            "text",
        )
    pairs = [
        torch.cat(
            [
                texts(first, frame["text"].tolist(), "frozen, pairs"),
                torch.stack([pictures[path] for path in frame["picture"]]),
            ],
            dim=1,
        )
        for frame in (labelled.pairs.train, labelled.pairs.val)
    ]
    figures["mvsa_both"] = _regressed(
        (pairs[0], labelled.pairs.train["label"].to_numpy()),
        (pairs[1], labelled.pairs.val["label"].to_numpy()),
        first.heads["sentiment"],
        "both",
    )
    return figures


def probe_pictures(labelled: LabelledData, pictures: Mapping[str, Tensor], head: Head) -> float:
    """Measure a logistic regression on encoded pictures, against what people saw in just the pictures of MVSA dev.

    Args:
        labelled: The data.
        pictures: Encoded pictures, (dim,) by path.
        head: Of sentiment.
    """
    seen, unseen = (
        (torch.stack([pictures[path] for path in frame["picture"]]), frame["image_label"].to_numpy())
        for frame in (labelled.pairs.train, labelled.pairs.val)
    )
    return _regressed(seen, unseen, head, "image")


def ablation(
    frozen: Mapping[str, float], tuned_pictures: float, metrics: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """List the steps of the recipe with the figures that each reached.

    Args:
        frozen: What `frozen_encoders` and `probe_pictures` measured.
        tuned_pictures: What `probe_pictures` measured of the fine-tuned image encoder.
        metrics: What `analysis.training.compact.measures` measured.
    """
    text = {
        "sentiment_tweets" if name == "sentiment" else name: round(main_figure(each), 4)
        for name, each in metrics["text_model"].items()
    }
    fused = {
        key: round(main_figure(each), 4) for key, each in metrics["evaluations"].items() if key in frozen
    }
    steps = [{"step": "frozen encoders, logistic regression", "figures": dict(frozen)}]
    tuned, teacher = "text encoder fine-tuned on all tasks", metrics.get("teacher")
    if teacher:
        tuned += " and on the teacher's answers"
        steps.append(
            {
                "step": f"the teacher ({teacher['name']}, {teacher['parameters'] / 1e6:.0f} M), on sentiment alone",
                "figures": {"sentiment_tweets": round(main_figure(teacher["evaluation"]), 4)},
            }
        )
    if "sentiment_alone" in metrics:
        alone = round(main_figure(metrics["sentiment_alone"]), 4)
        row = {"sentiment_tweets": alone}
        steps.append({"step": "text encoder fine-tuned on sentiment alone", "figures": row})
    if "topic_cross_validated" in metrics["evaluations"]:
        alone = round(main_figure(metrics["evaluations"]["topic_cross_validated"]), 4)
        steps.append({"step": "text encoder fine-tuned on topics alone, 5-fold", "figures": {"topic": alone}})
    return [
        *steps,
        {"step": tuned, "figures": text},
        {
            "step": "image encoder's upper layers fine-tuned, logistic regression",
            "figures": {"mvsa_image": tuned_pictures},
        },
        {
            "step": "+ trained with the fusion on pairs and its own answers; fusion and heads anew (this bundle)",
            "figures": fused,
        },
    ]


def _regressed(seen: tuple[Tensor, Any], unseen: tuple[Tensor, Any], head: Head, inputs: str) -> float:
    model = make_pipeline(
        StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=1_000)
    )
    model.fit(seen[0].numpy(), seen[1])
    probability = np.zeros((len(unseen[1]), len(head.classes)))
    probability[:, model.classes_] = model.predict_proba(unseen[0].numpy())
    measured = classification_metrics(torch.from_numpy(probability), torch.tensor(unseen[1]), head)
    return round(main_figure({**measured, "head": head.name, "inputs": inputs}), 4)
