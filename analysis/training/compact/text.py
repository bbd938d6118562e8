"""First stage of the `compact` recipe: the text encoder learns every text task at once, and keeps the shared space.

All texts are dealt from one pool; each teaches the head of its own task (multi-task learning, Caruana 1997). Texts
without labels can be added with the answers of a teacher.
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

from analysis.evaluation.metrics import classification_metrics
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig, FusionConfig, Head
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.model.space import SharedSpace
from analysis.model.text import clean_texts
from analysis.training.compact.contrastive import Beside, SpaceTraining
from analysis.training.compact.cpu_speed import lighten
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.loop import (
    Collate,
    JointConfig,
    LabelledPosts,
    fit_jointly,
    join_posts,
    predict_posts,
)
from analysis.training.core.losses import balance, softened

REPEAT = {"emotion": 2, "irony": 2, "topic": 2}
"""Data sets of few thousand texts are seen twice in an epoch, so that they are not drowned by the large ones."""
SENTIMENT_WEIGHTS = (1.6, 0.8, 0.9)
"""Negative tweets are few in train; macro recall counts the classes alike."""
TRAINED_TOKENS = 96
"""Texts are cut here in training: one tweet in a thousand is longer."""
LINEAR = FusionConfig(dropout=0.1)
"""One linear layer a head on the text's encoding: the plainest g."""


@dataclass(frozen=True)
class TaughtSpace:
    """What the shared space is learned from beside the tasks, and how.

    Attributes:
        pictures: Encodings of the pictures of captions and pairs, (dim,) by path; made before.
        training: How.
    """

    pictures: Mapping[str, Tensor]
    training: SpaceTraining


@dataclass(frozen=True)
class Taught:
    """What a teacher says: class probabilities for some heads, (texts, classes) by head.

    Attributes:
        texts: Texts without labels.
        answers: To these.
        trained: To the labelled training texts of each head.
    """

    texts: pd.Series
    answers: Mapping[str, Tensor]
    trained: Mapping[str, Tensor]


def train_text(
    bundle: Bundle,
    labelled: LabelledData,
    training: JointConfig,
    folder: Path,
    resume: bool = False,
    space: TaughtSpace | None = None,
    taught: Taught | None = None,
    title: str = "text",
) -> MultimodalModel:
    """Fine-tune a text encoder on every text task, and beside it on captions and posts with pictures.

    Args:
        bundle: Its text encoder is trained in place; its heads are learned.
        labelled: The data.
        training: How.
        folder: Gets checkpoint and log.
        resume: Carry on from the folder's checkpoint.
        space: The shared space is learned beside; None for texts alone.
        taught: Texts that a teacher has answered.
        title: Names checkpoint and log.

    Returns:
        A model of the text alone, with the bundle's heads, and its space where that was learned.
    """
    torch.manual_seed(training.seed)  # the heads start from chance
    config, heads, tokenizer = bundle.config.encoders["text"], bundle.heads, bundle.tokenizer
    encoder = bundle.model.encoders["text"].requires_grad_(True)
    lighten(encoder)
    shared = bundle.config.space if space else None
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    model = text_model(encoder, config, heads, SharedSpace(dims, shared) if shared else None)
    collate = collate_tokens(tokenizer)
    beside = beside_tasks(deepcopy(encoder), tokenizer, labelled, space) if space else None
    linear = {name: replace(head, exclusive=True) for name, head in heads.items()}  # one label a text
    tweets = {name: labelled.tweets[name].train for name in heads}
    posts = labelled_texts(
        tokenizer,
        [(name, frame) for name, frame in tweets.items() for _ in range(REPEAT.get(name, 1))],
        heads,
        taught.trained if taught else {},
    )
    if taught is not None:
        posts = join_posts(posts, _taught(tokenizer, taught, heads))
    weights = {
        name: task_weights(name, torch.tensor(frame["label"].to_numpy()), heads[name])
        for name, frame in tweets.items()
    }
    held_out = {name: labelled_texts(tokenizer, [(name, labelled.tweets[name].val)], heads) for name in heads}

    def validate(trained: MultimodalModel) -> dict[str, float]:
        figures = {}
        for name, val in held_out.items():
            found = probabilities(linear, predict_posts(trained, val, {"text": collate}, training.bfloat16))[
                name
            ]
            measured = classification_metrics(found, val.targets[name].argmax(1), heads[name])
            figures[name] = measured["macro_recall" if name == "sentiment" else "macro_f1"]
        return with_mean(figures, held_out)

    return fit_jointly(
        model, posts, {"text": collate}, linear, weights, training, folder, validate, beside, resume, title
    )


def text_model(
    encoder: nn.Module,
    config: EncoderConfig,
    heads: Mapping[str, Head],
    space: SharedSpace | None = None,
) -> MultimodalModel:
    """Build a model of the text alone: an encoder, linear heads, and the shared space where there is one."""
    return MultimodalModel(
        {"text": encoder},
        build_fusion({"text": config.dim}, LINEAR),
        {name: replace(head, reads=()) for name, head in heads.items()},
        space,
    )


def with_mean(figures: Mapping[str, float], held_out: Mapping[str, LabelledPosts]) -> dict[str, float]:
    """Put the mean of the tasks' figures before them, weighed by their posts: few posts tell little."""
    told = sum(figures[name] * len(posts) for name, posts in held_out.items())
    mean = told / sum(len(posts) for posts in held_out.values())
    return {"mean": round(mean, 4), **figures}


def task_weights(task: str, labels: Tensor, head: Head) -> Tensor:
    """Weigh the classes of a text task, (classes,), by its training labels, (texts,)."""
    if task == "sentiment":
        return torch.tensor(SENTIMENT_WEIGHTS)
    return balance(labels, len(head.classes), 0.5)


def collate_tokens(tokenizer: PreTrainedTokenizerBase) -> Collate:
    """Make the function that pads token lists to the longest: input_ids and attention_mask, (texts, tokens)."""

    def collate(tokens: Sequence[Sequence[int]]) -> dict[str, Tensor]:
        ids = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(each) for each in tokens],
            batch_first=True,
            padding_value=tokenizer.pad_token_id,
        )
        lengths = torch.tensor([len(each) for each in tokens]).unsqueeze(1)
        return {"input_ids": ids, "attention_mask": (torch.arange(ids.shape[1]) < lengths).long()}

    return collate


def tokens_of(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], longest: int = TRAINED_TOKENS
) -> list[list[int]]:
    """Clean texts and turn them into token ids."""
    encoded: list[list[int]] = tokenizer(clean_texts(texts), truncation=True, max_length=longest)["input_ids"]
    return encoded


def labelled_texts(
    tokenizer: PreTrainedTokenizerBase,
    frames: Sequence[tuple[str, pd.DataFrame]],
    heads: Mapping[str, Head],
    taught: Mapping[str, Tensor] | None = None,
) -> LabelledPosts:
    """Put texts of several tasks into one pool; each has a label for its own head only.

    Args:
        tokenizer: Of the text encoder.
        frames: The tasks, each with its texts and labels.
        heads: The heads by name.
        taught: A teacher's answers to all texts of some tasks, (texts, classes) by head; labels meet them halfway.
    """
    tokens: list[list[int]] = []
    targets: dict[str, list[Tensor]] = {name: [] for name in heads}
    for task, frame in frames:
        tokens += tokens_of(tokenizer, frame["text"].tolist())
        for name, head in heads.items():
            classes = len(head.classes)
            targets[name].append(
                softened(torch.tensor(frame["label"].to_numpy()), classes, (taught or {}).get(name))
                if name == task
                else torch.full((len(frame), classes), torch.nan)
            )
    return LabelledPosts(
        {"text": tokens},
        {name: torch.cat(parts) for name, parts in targets.items()},
        torch.ones(len(tokens)),
        [len(each) for each in tokens],
    )


def answers(
    model: MultimodalModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: pd.Series,
    heads: Mapping[str, Head],
    bfloat16: bool = False,
) -> dict[str, Tensor]:
    """Ask a trained text model: class probabilities by head, (texts, classes).

    Args:
        model: Of `train_text`.
        tokenizer: Its encoder's.
        texts: As written.
        heads: The heads, which are learned as exclusive: each text had one label.
        bfloat16: Compute in bfloat16.
    """
    linear = {name: replace(head, exclusive=True) for name, head in heads.items()}
    posts = _texts(tokenizer, texts, {})
    logits = predict_posts(model, posts, {"text": collate_tokens(tokenizer)}, bfloat16)
    return probabilities(linear, logits)


def _texts(
    tokenizer: PreTrainedTokenizerBase, texts: pd.Series, targets: Mapping[str, Tensor]
) -> LabelledPosts:
    tokens = tokens_of(tokenizer, texts.tolist())
    return LabelledPosts({"text": tokens}, targets, torch.ones(len(tokens)), [len(each) for each in tokens])


def _taught(tokenizer: PreTrainedTokenizerBase, taught: Taught, heads: Mapping[str, Head]) -> LabelledPosts:
    unknown = {
        name: torch.full((len(taught.texts), len(head.classes)), torch.nan) for name, head in heads.items()
    }
    return _texts(tokenizer, taught.texts, {**unknown, **taught.answers})


def beside_tasks(
    before: nn.Module, tokenizer: PreTrainedTokenizerBase, labelled: LabelledData, space: TaughtSpace
) -> Beside:
    """Prepare the steps that teach the shared space beside the tasks; `before` is the encoder as it was published."""
    captions, posts = labelled.captions.train, labelled.pairs.train
    return Beside(
        before,
        collate_tokens(tokenizer),
        tokens_of(tokenizer, captions["caption"].tolist(), 40),
        [(space.pictures[path], rows) for path, rows in numbers_by(captions["picture"]).items()],
        (
            tokens_of(tokenizer, posts["text"].tolist(), 64),
            torch.stack([space.pictures[path] for path in posts["picture"]]),
        ),
        tokens_of(tokenizer, labelled.unlabelled["text"].tolist(), 48),
        space.training,
    )


def numbers_by(values: pd.Series) -> dict[str, list[int]]:
    """List the row numbers of each value."""
    numbers: dict[str, list[int]] = {}
    for number, value in enumerate(values):
        numbers.setdefault(value, []).append(number)
    return numbers
