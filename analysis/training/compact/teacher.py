"""Distillation: a larger text encoder is fine-tuned on sentiment, and the small encoder learns from its predictions.

For the ablation, the small encoder is fine-tuned on sentiment in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from analysis.errors import BundleError
from analysis.evaluation.evaluate import evaluate_predictions
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig
from analysis.model.network import MultimodalModel
from analysis.model.presets import HEADS
from analysis.training.compact.tasks import list_english_tasks, list_validation_examples
from analysis.training.compact.text import predict_texts, train_text
from analysis.training.core.checkpoints import load_base_bundle
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import LabelledData

TEACHER_TEXTS = 88_000
"""Unlabelled texts that the teacher predicts, at most."""


def make_teacher_config(name: str) -> EncoderConfig:
    """Create the configuration of a text encoder on the hub or in a folder, with mean pooling.

    Raises:
        BundleError: The encoder cannot be loaded.
    """
    from transformers import AutoConfig

    try:
        size = AutoConfig.from_pretrained(name, trust_remote_code=False).hidden_size
    except (OSError, ValueError) as error:
        raise BundleError(
            f"Teacher {name!r}",
            "cannot be loaded",
            "Check the name. Published weights require network access or a local folder.",
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
    """Train the teacher on sentiment, then predict unlabelled texts and both splits of the sentiment data."""
    tuned, model = fine_tune_on_sentiment(teacher, base, labelled, training, work / "teacher", resume)
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
) -> tuple[Bundle, MultimodalModel]:
    """Fine-tune a published text encoder on sentiment only.

    Args:
        text: The encoder's configuration.
        base: A bundle with the rest of the configuration.
        labelled: The data.
        training: Settings.
        work: Folder for the checkpoint and the log.
        resume: Continue from the checkpoint.

    Returns:
        A bundle with the encoder, and the text-only model.
    """
    heads = {"sentiment": base.heads["sentiment"]}
    config = replace(base.config, encoders={**base.config.encoders, "text": text}, heads=heads, space=None)
    tuned = load_base_bundle(base.folder, config)
    alone = replace(labelled, tweets={"sentiment": labelled.tweets["sentiment"]}, further=())
    held_out = list_validation_examples(alone, tuned.tokenizer, heads, other=False)
    tasks = list_english_tasks(alone, heads)
    return tuned, train_text(tuned, "", tasks, held_out, training, work, resume)


def evaluate_sentiment_alone(
    base: Bundle, labelled: LabelledData, training: TrainingConfig, work: Path, resume: bool
) -> dict[str, Any]:
    """Fine-tune the English text encoder on sentiment alone and evaluate it, for the ablation."""
    english = base.text_config(next(iter(base.tokenizers)))
    tuned, model = fine_tune_on_sentiment(english, base, labelled, training, work / "sentiment_alone", resume)
    tweets = labelled.tweets["sentiment"].val
    found = predict_texts(model, tuned.tokenizer, tweets["text"], tuned.heads, training.bfloat16)["sentiment"]
    truth, head = torch.tensor(tweets["label"].to_numpy()), tuned.heads["sentiment"]
    return evaluate_predictions(
        found, truth, head, None, "Sentiment of tweets, fine-tuned on it alone", "text"
    )


def evaluate_teacher(
    teacher: EncoderConfig, predictions: Mapping[str, Any], labelled: LabelledData
) -> dict[str, Any]:
    """Return the name and size of the teacher, the number of predicted texts, and its evaluation."""
    truth = torch.tensor(labelled.tweets["sentiment"].val["label"].to_numpy())
    title = "Sentiment of tweets, the teacher (TweetEval validation)"
    return {
        "name": Path(teacher.name).name,  # without the path of a local folder
        "parameters": predictions["parameters"],
        "texts": len(predictions["unlabelled"]["sentiment"]),
        "evaluation": evaluate_predictions(
            predictions["held_out"]["sentiment"], truth, HEADS["sentiment"], None, title, "text"
        ),
    }
