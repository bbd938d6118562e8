"""A larger text encoder, fine-tuned on sentiment first; the small one learns from its answers too (distillation).

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
from analysis.training.compact.text import answers, train_text
from analysis.training.core.checkpoints import base_bundle
from analysis.training.core.data_sets import HEADS, LabelledData
from analysis.training.core.loop import JointConfig

TAUGHT = 30_000
"""Texts without labels that a teacher answers; they cost as much as the labelled ones."""


def teacher_config(name: str) -> EncoderConfig:
    """Describe a text encoder of the hub, or in a folder, pooled by its mean.

    Raises:
        BundleError: It cannot be reached.
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


def ask_teacher(
    teacher: EncoderConfig,
    base: Bundle,
    labelled: LabelledData,
    texts: pd.Series,
    training: JointConfig,
    work: Path,
    resume: bool,
) -> dict[str, Any]:
    """Train the teacher on sentiment; let it answer texts without labels, and those of sentiment's splits."""
    wise, model = on_sentiment_alone(teacher, base, labelled, training, work, resume, "teacher")
    tweets = labelled.tweets["sentiment"]
    answered, trained, held_out = (
        answers(model, wise.tokenizer, each, wise.heads, training.bfloat16)
        for each in (texts, tweets.train["text"], tweets.val["text"])
    )
    parameters = sum(each.numel() for each in model.encoders.parameters())
    return {"answers": answered, "trained": trained, "held_out": held_out, "parameters": parameters}


def on_sentiment_alone(
    text: EncoderConfig,
    base: Bundle,
    labelled: LabelledData,
    training: JointConfig,
    work: Path,
    resume: bool,
    title: str,
) -> tuple[Bundle, MultimodalModel]:
    """Fine-tune a text encoder, as it was published, on sentiment and nothing else.

    Args:
        text: The encoder.
        base: Gives all else of the configuration.
        labelled: The data.
        training: How.
        work: Gets checkpoint and log.
        resume: Carry on from its checkpoint.
        title: Names checkpoint and log.

    Returns:
        A bundle with the encoder, and the model of the text alone.
    """
    config = replace(
        base.config,
        encoders={**base.config.encoders, "text": text},
        heads={"sentiment": base.heads["sentiment"]},
    )
    tuned = base_bundle(base.folder, config)
    return tuned, train_text(tuned, labelled, training, work, resume, title=title)


def sentiment_alone(
    base: Bundle, labelled: LabelledData, training: JointConfig, work: Path, resume: bool
) -> dict[str, Any]:
    """Evaluate what the small encoder reaches on sentiment without the other tasks: a row of the ablation."""
    tuned, model = on_sentiment_alone(
        base.config.encoders["text"], base, labelled, training, work, resume, "sentiment alone"
    )
    tweets = labelled.tweets["sentiment"].val
    found = answers(model, tuned.tokenizer, tweets["text"], tuned.heads, training.bfloat16)["sentiment"]
    truth, head = torch.tensor(tweets["label"].to_numpy()), tuned.heads["sentiment"]
    return evaluation_of(found, truth, head, None, "Sentiment of tweets, fine-tuned on it alone", "text")


def teacher_figures(
    teacher: EncoderConfig, wise: Mapping[str, Any], labelled: LabelledData
) -> dict[str, Any]:
    """Say who the teacher was, what it answered, and how good it is itself."""
    truth = torch.tensor(labelled.tweets["sentiment"].val["label"].to_numpy())
    title = "Sentiment of tweets, the teacher (TweetEval validation)"
    return {
        "name": Path(teacher.name).name,  # where a checkpoint lay is nobody's business
        "parameters": wise["parameters"],
        "texts": len(wise["answers"]["sentiment"]),
        "evaluation": evaluation_of(
            wise["held_out"]["sentiment"], truth, HEADS["sentiment"], None, title, "text"
        ),
    }
