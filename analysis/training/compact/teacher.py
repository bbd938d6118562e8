"""Distillation: a larger text encoder is fine-tuned on sentiment, and the small one learns its predictions too.

The same fine-tuning of the small encoder is a row of the ablation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from analysis.errors import BundleError
from analysis.evaluation.evaluate import evaluation_of
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.network import MultimodalModel
from analysis.model.presets import HEADS
from analysis.training.compact.text import predict_texts, train_text
from analysis.training.core.checkpoints import base_bundle
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.loop import TrainingConfig

TEACHER_TEXTS = 30_000
"""Unlabelled texts that a teacher predicts; they take as long as the labelled ones."""


def teacher_config(name: str) -> EncoderConfig:
    """Describe a text encoder on the hub or in a folder, with mean pooling.

    Raises:
        BundleError: It cannot be loaded.
    """
    from transformers import AutoConfig

    try:
        size = AutoConfig.from_pretrained(name, trust_remote_code=False).hidden_size
    except (OSError, ValueError) as error:
        raise BundleError(
            f"Teacher {name!r}",
            "cannot be loaded",
            "Check the name; published weights need the network or a folder that holds them.",
        ) from error
    return EncoderConfig("transformers", name, dim=size)


def predict_with_teacher(
    teacher: EncoderConfig,
    base: Bundle,
    labelled: LabelledData,
    texts: pd.Series,
    training: TrainingConfig,
    work: Path,
    resume: bool,
) -> dict[str, Any]:
    """Train the teacher on sentiment; predict unlabelled texts and both splits of the sentiment data."""
    tuned, model = fine_tune_on_sentiment(teacher, base, labelled, training, work, resume, "teacher")
    tweets = labelled.tweets["sentiment"]
    unlabelled, trained, held_out = (
        predict_texts(model, tuned.tokenizer, each, tuned.heads, training.bfloat16)
        for each in (texts, tweets.train["text"], tweets.val["text"])
    )
    parameters = sum(each.numel() for each in model.encoders.parameters())
    return {"unlabelled": unlabelled, "trained": trained, "held_out": held_out, "parameters": parameters}


def fine_tune_on_sentiment(
    text: EncoderConfig,
    base: Bundle,
    labelled: LabelledData,
    training: TrainingConfig,
    work: Path,
    resume: bool,
    title: str,
) -> tuple[Bundle, MultimodalModel]:
    """Fine-tune a published text encoder on sentiment only.

    Args:
        text: The encoder.
        base: The rest of the configuration.
        labelled: The data.
        training: Settings.
        work: Where checkpoint and log are written.
        resume: Continue from the checkpoint.
        title: Names checkpoint and log.

    Returns:
        A bundle with the encoder, and the text-only model.
    """
    config = replace(
        base.config,
        encoders={**base.config.encoders, "text": text},
        heads={"sentiment": base.heads["sentiment"]},
    )
    tuned = base_bundle(base.folder, config)
    return tuned, train_text(tuned, labelled, training, work, resume, title=title)


def evaluate_sentiment_alone(
    base: Bundle, labelled: LabelledData, training: TrainingConfig, work: Path, resume: bool
) -> dict[str, Any]:
    """Evaluate the small encoder fine-tuned on sentiment without the other tasks: a row of the ablation."""
    tuned, model = fine_tune_on_sentiment(
        base.config.encoders["text"], base, labelled, training, work, resume, "sentiment alone"
    )
    tweets = labelled.tweets["sentiment"].val
    found = predict_texts(model, tuned.tokenizer, tweets["text"], tuned.heads, training.bfloat16)["sentiment"]
    truth, head = torch.tensor(tweets["label"].to_numpy()), tuned.heads["sentiment"]
    return evaluation_of(found, truth, head, None, "Sentiment of tweets, fine-tuned on it alone", "text")


def teacher_figures(
    teacher: EncoderConfig, predictions: Mapping[str, Any], labelled: LabelledData
) -> dict[str, Any]:
    """Return the teacher's name and size, the number of texts it predicted, and its own evaluation."""
    truth = torch.tensor(labelled.tweets["sentiment"].val["label"].to_numpy())
    title = "Sentiment of tweets, the teacher (TweetEval validation)"
    return {
        "name": Path(teacher.name).name,  # without the local folder
        "parameters": predictions["parameters"],
        "texts": len(predictions["unlabelled"]["sentiment"]),
        "evaluation": evaluation_of(
            predictions["held_out"]["sentiment"], truth, HEADS["sentiment"], None, title, "text"
        ),
    }
