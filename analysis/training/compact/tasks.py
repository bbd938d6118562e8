"""The text tasks of stage 1 of the `compact` recipe: the texts that train and validate each branch of the encoder."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from analysis.model.config import OTHER, EncoderConfig, Head
from analysis.model.text_branches import choose_branches
from analysis.training.compact.text import TextTask, tokenize_training_texts
from analysis.training.core.data_sets import ENGLISH, FurtherTexts, LabelledData, make_label_targets
from analysis.training.core.examples import Examples, make_examples
from analysis.training.core.losses import balance_classes

REPEAT = {"emotion": 2, "irony": 2, "topic": 2}
"""Small data sets are repeated in each epoch, so that the large ones do not dominate."""
SENTIMENT_WEIGHTS = (1.6, 0.8, 0.9)
"""Class weights: negative tweets are rare in the training data, and macro recall weights all classes equally."""
LARGE, LANGUAGE_REPEATS = 5_000, 3
"""Texts of a language are repeated until there are about this many, but at most so many times."""
MISLABELLED = "hindi"
"""A language that is not trained on: fewer than half of its texts that are also in TweetEval have the same label."""
ENGLISH_ROWS = {"sentiment": 16_000, "offensive": 7_000, "hate": 5_000, "emotion": 6_000}
"""Most English texts per data set for the branch of other languages."""
REDDIT_ROWS = 12_000


def list_english_tasks(
    labelled: LabelledData, heads: Mapping[str, Head], teacher: Mapping[str, Tensor] | None = None
) -> list[TextTask]:
    """List the tasks of a text encoder that reads English.

    Args:
        labelled: The data.
        heads: The heads by name.
        teacher: A teacher's predictions for all `tweets` of some heads, (texts, classes); averaged with the labels.
    """
    tasks = []
    for name, splits in labelled.tweets.items():
        frame, head = splits.train, heads[name]
        target = make_label_targets(head, frame["label"])
        if teacher and name in teacher:
            target = (target + teacher[name]) / 2
        weight = _weigh_classes(name, frame["label"], head)
        tasks += [TextTask(name, frame["text"], target, weight)] * REPEAT.get(name, 1)
    return tasks + [
        _make_further_task(_sample(each, REDDIT_ROWS))
        for each in labelled.further
        if each.language == ENGLISH
    ]


def list_misread_tasks(
    labelled: LabelledData, config: EncoderConfig, heads: Mapping[str, Head]
) -> list[TextTask]:
    """List the tasks of texts that are not English, or only partly, but are read by the English branch.

    Args:
        labelled: The data.
        config: The text encoder's configuration; without branches there are no such texts.
        heads: The heads by name.
    """
    frame = labelled.languages.train
    if not config.branches:
        return []
    own = [branch != OTHER for branch in choose_branches(config, frame["text"].tolist())]
    frame = frame[own]
    target = make_label_targets(heads["sentiment"], frame["label"])
    return [TextTask("sentiment", frame["text"], target, torch.ones(len(frame)))] if len(frame) else []


def list_other_tasks(labelled: LabelledData, heads: Mapping[str, Head], seed: int) -> list[TextTask]:
    """List the tasks of a text encoder that reads other languages, texts in several of them, and some English."""
    tasks = []
    languages = labelled.languages.train
    for _, frame in languages[languages["lang"] != MISLABELLED].groupby("lang"):
        target = make_label_targets(heads["sentiment"], frame["label"])
        repeats = min(max(round(LARGE / len(frame)), 1), LANGUAGE_REPEATS)
        tasks += [TextTask("sentiment", frame["text"], target, torch.ones(len(frame)))] * repeats
    for name, splits in labelled.tweets.items():
        rows = min(ENGLISH_ROWS.get(name, len(splits.train)), len(splits.train))
        frame = splits.train.sample(rows, random_state=seed)
        target = make_label_targets(heads[name], frame["label"])
        tasks += [TextTask(name, frame["text"], target, torch.ones(rows))] * REPEAT.get(name, 1)
    return tasks + [_make_further_task(_sample(each, ENGLISH_ROWS["emotion"])) for each in labelled.further]


def make_predicted_tasks(texts: pd.Series, predictions: Mapping[str, Tensor]) -> list[TextTask]:
    """Make tasks of texts with predictions as targets, (texts, classes) by head."""
    return [TextTask(name, texts, target, torch.ones(len(texts))) for name, target in predictions.items()]


def list_validation_examples(
    labelled: LabelledData, tokenizer: PreTrainedTokenizerBase, heads: Mapping[str, Head], other: bool
) -> dict[str, Examples]:
    """Tokenize the validation texts of each task, and with `other` also those of each language but English."""
    found = {
        name: _tokenize(splits.val, tokenizer, heads[name], heads) for name, splits in labelled.tweets.items()
    }
    if other:
        frame = labelled.languages.val
        for language, part in frame[frame["lang"] != ENGLISH].groupby("lang"):
            found[str(language)] = _tokenize(part, tokenizer, heads["sentiment"], heads)
    return found


def _tokenize(
    frame: pd.DataFrame, tokenizer: PreTrainedTokenizerBase, head: Head, heads: Mapping[str, Head]
) -> Examples:
    tokens = tokenize_training_texts(tokenizer, frame["text"].tolist())
    return make_examples({"text": tokens}, {head.name: make_label_targets(head, frame["label"])}, heads)


def _weigh_classes(task: str, labels: pd.Series, head: Head) -> Tensor:
    """Return the weight of each text, (texts,), by its label."""
    number = torch.tensor(labels.to_numpy())
    if task == "sentiment":
        return torch.tensor(SENTIMENT_WEIGHTS)[number]
    return balance_classes(number, len(head.classes), 0.5)[number]


def _make_further_task(further: FurtherTexts) -> TextTask:
    return TextTask(further.head, further.texts, further.target, torch.ones(len(further.texts)))


def _sample(further: FurtherTexts, rows: int) -> FurtherTexts:
    """Keep at most so many texts, the first ones: their order in the files is random."""
    return FurtherTexts(further.head, further.language, further.texts[:rows], further.target[:rows])
