"""Stage 1 of the `compact` recipe: fine-tune the text encoder on all text tasks together, and on the shared space.

The texts of all tasks are mixed; each text trains the head of its own task (multi-task learning, Caruana 1997).
Unlabelled texts can be added, with a teacher's predictions as targets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from analysis.evaluation.metrics import compute_metrics
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig, FusionConfig, Head
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import compute_probabilities
from analysis.model.space import SharedSpace
from analysis.model.text import preprocess_texts
from analysis.training.compact.contrastive import SpaceLoss, SpaceTraining
from analysis.training.compact.cpu_speed import optimise_for_cpu_training
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.examples import Collate, Examples, concatenate_examples, make_examples
from analysis.training.core.loop import predict_examples, train_multitask
from analysis.training.core.losses import balance_classes, soften_labels

REPEAT = {"emotion": 2, "irony": 2, "topic": 2}
"""Small data sets are repeated in each epoch, so that the large ones do not dominate."""
SENTIMENT_WEIGHTS = (1.6, 0.8, 0.9)
"""Class weights: negative tweets are rare in the training data, and macro recall weights all classes equally."""
TRAINED_TOKENS = 96
"""Maximum number of tokens in training; one tweet in a thousand is longer."""
LINEAR = FusionConfig(dropout=0.1)
"""No projection and no hidden layer: each head is one linear layer on the text's encoding."""


@dataclass(frozen=True)
class SpaceData:
    """Data and settings for training the shared space together with the tasks.

    Attributes:
        images: Encodings of the images of captions and pairs, (dim,) by path.
        training: Settings.
    """

    images: Mapping[str, Tensor]
    training: SpaceTraining


@dataclass(frozen=True)
class TeacherPredictions:
    """A teacher's class probabilities for some heads, (texts, classes) by head.

    Attributes:
        texts: Unlabelled texts.
        unlabelled: Predictions for the unlabelled texts.
        trained: Predictions for the labelled training texts of each head.
    """

    texts: pd.Series
    unlabelled: Mapping[str, Tensor]
    trained: Mapping[str, Tensor]


def train_text(
    bundle: Bundle,
    labelled: LabelledData,
    training: TrainingConfig,
    folder: Path,
    resume: bool = False,
    space: SpaceData | None = None,
    teacher: TeacherPredictions | None = None,
    title: str = "text",
) -> MultimodalModel:
    """Fine-tune a text encoder on all text tasks, and on captions and posts with images for the shared space.

    Args:
        bundle: The bundle; its text encoder is trained in place, with new heads.
        labelled: The data.
        training: Settings.
        folder: Folder for the checkpoint and the log.
        resume: Continue from the checkpoint in the folder.
        space: Data for the shared space; None to train the tasks only.
        teacher: A teacher's predictions.
        title: Name of the checkpoint and the log.

    Returns:
        A text-only model with the bundle's heads, and with the shared space if it was trained.
    """
    torch.manual_seed(training.seed)  # the heads' initial weights are random
    config, heads, tokenizer = bundle.config.encoders["text"], bundle.heads, bundle.tokenizer
    encoder = bundle.model.encoders["text"].requires_grad_(True)
    optimise_for_cpu_training(encoder)
    shared = bundle.config.space if space else None
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    model = build_text_stage_model(encoder, config, heads, SharedSpace(dims, shared) if shared else None)
    collate = {"text": make_token_collator(tokenizer)}
    space_loss = make_space_loss(deepcopy(encoder), tokenizer, labelled, space) if space else None
    linear = {name: replace(head, exclusive=True) for name, head in heads.items()}  # each text has one label
    tweets = {name: labelled.tweets[name].train for name in heads}
    examples = make_text_examples(
        tokenizer,
        [(name, frame) for name, frame in tweets.items() for _ in range(REPEAT.get(name, 1))],
        heads,
        teacher.trained if teacher else {},
    )
    if teacher is not None:
        tokens = tokenize_training_texts(tokenizer, teacher.texts.tolist())
        examples = concatenate_examples(examples, make_examples({"text": tokens}, teacher.unlabelled, heads))
    weights = {
        name: compute_task_weights(name, torch.tensor(frame["label"].to_numpy()), heads[name])
        for name, frame in tweets.items()
    }
    held_out = {
        name: make_text_examples(tokenizer, [(name, labelled.tweets[name].val)], heads) for name in heads
    }

    def validate(trained: MultimodalModel) -> dict[str, float]:
        return compute_validation_metrics(trained, held_out, linear, collate, training.bfloat16)

    return train_multitask(
        model, examples, collate, linear, weights, training, folder, validate, space_loss, resume, title
    )


def compute_validation_metrics(
    model: MultimodalModel,
    held_out: Mapping[str, Examples],
    heads: Mapping[str, Head],
    collate: Mapping[str, Collate],
    bfloat16: bool,
) -> dict[str, float]:
    """Evaluate a model on held-out examples by task. Names that are not heads use the sentiment head.

    Returns:
        First "mean", weighted by the number of examples because small sets are noisy; then the macro recall of
        sentiment on tweets, the accuracy of sentiment on pairs, and the macro F1 of the other tasks.
    """
    figures = {}
    for name, examples in held_out.items():
        head = heads.get(name) or heads["sentiment"]
        found = compute_probabilities(heads, predict_examples(model, examples, collate, bfloat16))[head.name]
        measured = compute_metrics(found, examples.targets[head.name].argmax(1), head)
        other = "macro_f1" if name in heads else "accuracy"
        figures[name] = measured["macro_recall" if name == "sentiment" else other]
    total = sum(figures[name] * len(examples) for name, examples in held_out.items())
    mean = total / sum(len(examples) for examples in held_out.values())
    return {"mean": round(mean, 4), **figures}


def build_text_stage_model(
    encoder: nn.Module,
    config: EncoderConfig,
    heads: Mapping[str, Head],
    space: SharedSpace | None = None,
) -> MultimodalModel:
    """Build a text-only model: an encoder, linear heads, and an optional shared space."""
    return MultimodalModel(
        {"text": encoder},
        build_fusion({"text": config.dim}, LINEAR),
        {name: replace(head, reads=()) for name, head in heads.items()},
        space,
    )


def compute_task_weights(task: str, labels: Tensor, head: Head) -> Tensor:
    """Compute the class weights of a text task, (classes,), from the training labels, (texts,)."""
    if task == "sentiment":
        return torch.tensor(SENTIMENT_WEIGHTS)
    return balance_classes(labels, len(head.classes), 0.5)


def make_token_collator(tokenizer: PreTrainedTokenizerBase) -> Collate:
    """Return a collate function that pads token lists: input_ids and attention_mask, (texts, tokens)."""

    def collate(tokens: Sequence[Sequence[int]]) -> dict[str, Tensor]:
        ids = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(each) for each in tokens],
            batch_first=True,
            padding_value=tokenizer.pad_token_id,
        )
        lengths = torch.tensor([len(each) for each in tokens]).unsqueeze(1)
        return {"input_ids": ids, "attention_mask": (torch.arange(ids.shape[1]) < lengths).long()}

    return collate


def tokenize_training_texts(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_tokens: int = TRAINED_TOKENS
) -> list[list[int]]:
    """Clean texts and convert them to token ids."""
    encoded: list[list[int]] = tokenizer(preprocess_texts(texts), truncation=True, max_length=max_tokens)[
        "input_ids"
    ]
    return encoded


def make_text_examples(
    tokenizer: PreTrainedTokenizerBase,
    frames: Sequence[tuple[str, pd.DataFrame]],
    heads: Mapping[str, Head],
    teacher: Mapping[str, Tensor] | None = None,
) -> Examples:
    """Build examples of several tasks; each example has a label for the head of its own task only.

    Args:
        tokenizer: The text encoder's tokenizer.
        frames: Tasks with their texts and labels.
        heads: The heads by name.
        teacher: A teacher's predictions for all texts of some tasks, (texts, classes) by head; averaged with labels.
    """
    parts = []
    for task, frame in frames:
        labels = torch.tensor(frame["label"].to_numpy())
        target = soften_labels(labels, len(heads[task].classes), (teacher or {}).get(task))
        tokens = tokenize_training_texts(tokenizer, frame["text"].tolist())
        parts.append(make_examples({"text": tokens}, {task: target}, heads))
    return concatenate_examples(*parts)


def predict_texts(
    model: MultimodalModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: pd.Series,
    heads: Mapping[str, Head],
    bfloat16: bool = False,
) -> dict[str, Tensor]:
    """Predict texts with a trained text model: class probabilities by head, (texts, classes).

    Args:
        model: Result of `train_text`.
        tokenizer: The encoder's tokenizer.
        texts: Original texts.
        heads: The heads by name; all are treated as exclusive, as in training.
        bfloat16: Compute in bfloat16.
    """
    linear = {name: replace(head, exclusive=True) for name, head in heads.items()}
    examples = make_examples({"text": tokenize_training_texts(tokenizer, texts.tolist())}, {}, {})
    return compute_probabilities(
        linear, predict_examples(model, examples, {"text": make_token_collator(tokenizer)}, bfloat16)
    )


def make_space_loss(
    published: nn.Module, tokenizer: PreTrainedTokenizerBase, labelled: LabelledData, space: SpaceData
) -> SpaceLoss:
    """Create the loss of the shared space, which is trained together with the tasks.

    Args:
        published: The text encoder before fine-tuning.
        tokenizer: The encoder's tokenizer.
        labelled: The data.
        space: Encoded images and settings.
    """
    captions, posts = labelled.captions.train, labelled.pairs.train
    return SpaceLoss(
        published,
        make_token_collator(tokenizer),
        tokenize_training_texts(tokenizer, captions["caption"].tolist(), 40),
        [(space.images[path], rows) for path, rows in group_training_rows(captions["image_path"]).items()],
        (
            tokenize_training_texts(tokenizer, posts["text"].tolist(), 64),
            torch.stack([space.images[path] for path in posts["image_path"]]),
        ),
        tokenize_training_texts(tokenizer, labelled.unlabelled["text"].tolist(), 48),
        space.training,
    )


def group_training_rows(values: pd.Series) -> dict[str, list[int]]:
    """Group row indices by value."""
    rows: dict[str, list[int]] = {}
    for number, value in enumerate(values):
        rows.setdefault(value, []).append(number)
    return rows
