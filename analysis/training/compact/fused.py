"""Third stage of the `compact` recipe: text encoder, fusion and heads learn together what the bundle is to say.

A pair of text and picture is shown whole, as text alone and as picture alone, each time with the label that people
gave to just that; a tweet as text alone, with its label, or without one and with the answers of the first stage
(self-distillation: Furlanello et al. 2018, "Born-Again Neural Networks"). The image encoder has learned
before (`pictures`), so that its encodings, made once, stand for the pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from analysis.evaluation.metrics import classification_metrics
from analysis.model.bundle import Bundle
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.training.compact.encodings import LONGEST_BLANK, blank_picture
from analysis.training.compact.text import (
    Taught,
    TaughtSpace,
    answers,
    beside_tasks,
    collate_tokens,
    task_weights,
    tokens_of,
    with_mean,
)
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.examples import LABEL_OF_VIEW, VIEWS
from analysis.training.core.loop import JointConfig, LabelledPosts, fit_jointly, join_posts, predict_posts
from analysis.training.core.losses import one_hot, softened

PAIRS_SEEN = 2
"""Times that each view of a pair is shown in an epoch: pairs are few beside the tweets."""
UNLABELLED, ANSWER_WEIGHT = 20_000, 0.3
"""Texts without labels that are learned from; each has an answer for every head, a labelled one a single label."""
BLANK_RATE = 0.5
"""Part of absent texts and pictures shown as [MASK] tokens and as a black picture, the baselines of attribution: a
model that has learned that these say no more than nothing lets words and regions add up to their modality's value."""


@dataclass(frozen=True)
class TextAnswers:
    """What the text model of the first stage says: class probabilities by head, (texts, classes).

    Attributes:
        unlabelled: Of `UNLABELLED` texts that the seed chooses.
        pairs: Of the texts of MVSA train.
        held_out: Of each task's validation texts, for its own head.
    """

    unlabelled: Mapping[str, Tensor]
    pairs: Mapping[str, Tensor]
    held_out: Mapping[str, Tensor]


def text_answers(
    text: MultimodalModel, bundle: Bundle, labelled: LabelledData, seed: int, bfloat16: bool = False
) -> TextAnswers:
    """Ask the text model all that the second stage and the ablation need to know.

    Args:
        text: The model of the first stage.
        bundle: Its tokenizer and heads.
        labelled: The data.
        seed: Of the choice of unlabelled texts.
        bfloat16: Compute in bfloat16.
    """

    def ask(texts: pd.Series) -> dict[str, Tensor]:
        return answers(text, bundle.tokenizer, texts, bundle.heads, bfloat16)

    return TextAnswers(
        unlabelled=ask(labelled.some_unlabelled(UNLABELLED, seed)),
        pairs=ask(labelled.pairs.train["text"]),
        held_out={name: ask(splits.val["text"])[name] for name, splits in labelled.tweets.items()},
    )


def train_fused(
    bundle: Bundle,
    before: nn.Module,
    text: MultimodalModel,
    said: TextAnswers,
    labelled: LabelledData,
    training: JointConfig,
    folder: Path,
    space: TaughtSpace,
    resume: bool = False,
    taught: Taught | None = None,
) -> MultimodalModel:
    """Train the fused model; the text encoder goes on from the first stage.

    Args:
        bundle: Its fusion's and heads' configurations are trained; its text encoder is trained in place.
        before: The base text encoder, whose meanings the space keeps.
        text: The model of the first stage; its encoder is the bundle's, its space goes on too.
        said: Its answers.
        labelled: The data.
        training: How.
        folder: Gets checkpoint and log.
        space: The shared space is learned beside.
        resume: Carry on from the folder's checkpoint.
        taught: A teacher's answers to labelled tweets, which their labels meet halfway.

    Returns:
        The bundle's model, with the image encoder that it had.
    """
    torch.manual_seed(training.seed)  # fusion and heads start from chance
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    encoder = bundle.model.encoders["text"].requires_grad_(True)
    seen = {"text": encoder, "image": nn.Identity()}
    fusion = build_fusion(dims, bundle.config.fusion)
    model = MultimodalModel({modality: seen[modality] for modality in dims}, fusion, bundle.heads, text.space)
    tokenizer = bundle.tokenizer
    collate = {"text": collate_tokens(tokenizer), "image": _stacked}
    wise = taught.trained if taught else {}
    tweets = [_task(bundle, name, splits.train, wise.get(name)) for name, splits in labelled.tweets.items()]
    unlabelled = _unlabelled(bundle, labelled.some_unlabelled(UNLABELLED, training.seed), said)
    pairs = [_pairs(bundle, labelled.pairs.train, view, space.pictures, said.pairs) for view in VIEWS]
    posts = _with_blanks(join_posts(*tweets, unlabelled, *(pairs * PAIRS_SEEN)), bundle, training.seed)
    held_out = {name: _task(bundle, name, splits.val) for name, splits in labelled.tweets.items()}
    held_out |= {
        f"mvsa_{view}": _pairs(bundle, labelled.pairs.val, view, space.pictures, {}) for view in VIEWS
    }

    def validate(trained: MultimodalModel) -> dict[str, float]:
        figures = {}
        for name, posts in held_out.items():
            head = bundle.heads.get(name) or bundle.heads["sentiment"]
            found = probabilities(bundle.heads, predict_posts(trained, posts, collate, training.bfloat16))[
                head.name
            ]
            measured = classification_metrics(found, posts.targets[head.name].argmax(1), head)
            figure = "accuracy" if name.startswith("mvsa") else "macro_f1"
            figures[name] = measured["macro_recall" if name == "sentiment" else figure]
        return with_mean(figures, held_out)

    fit_jointly(
        model,
        posts,
        collate,
        bundle.heads,
        {name: torch.ones(len(head.classes)) for name, head in bundle.heads.items()},
        training,
        folder,
        validate,
        beside_tasks(before, tokenizer, labelled, space),
        resume,
        "fused",
    )
    model.encoders["image"] = bundle.model.encoders["image"]
    return model


def _task(bundle: Bundle, name: str, frame: pd.DataFrame, taught: Tensor | None = None) -> LabelledPosts:
    """Show the texts of a task alone, with their labels, softened if taught; texts of rare classes weigh more."""
    head, label = bundle.heads[name], torch.tensor(frame["label"].to_numpy())
    tokens = tokens_of(bundle.tokenizer, frame["text"].tolist())
    target = {name: softened(label, len(head.classes), taught)}
    return _shown(bundle, tokens, None, target, task_weights(name, label, head)[label])


def _unlabelled(bundle: Bundle, texts: pd.Series, said: TextAnswers) -> LabelledPosts:
    """Show unlabelled texts alone, with the text model's answers."""
    tokens = tokens_of(bundle.tokenizer, texts.tolist())
    return _shown(bundle, tokens, None, said.unlabelled, torch.full((len(tokens),), ANSWER_WEIGHT))


def _pairs(
    bundle: Bundle, frame: pd.DataFrame, view: str, pictures: Mapping[str, Tensor], said: Mapping[str, Tensor]
) -> LabelledPosts:
    """Show pairs in one view: the sentiment that people saw in just that view, the topic that the text has."""
    with_text, with_image = VIEWS[view]
    label = torch.tensor(frame[LABEL_OF_VIEW[view]].to_numpy())
    return _shown(
        bundle,
        tokens_of(bundle.tokenizer, frame["text"].tolist()) if with_text else None,
        [pictures[path] for path in frame["picture"]] if with_image else None,
        {**({"topic": said["topic"]} if said else {}), "sentiment": one_hot(label, 3)},
        torch.ones(len(frame)),
    )


def _shown(
    bundle: Bundle,
    tokens: Sequence[Any] | None,
    pictures: Sequence[Any] | None,
    targets: Mapping[str, Tensor],
    weight: Tensor,
) -> LabelledPosts:
    """Put posts together; heads without a target have none, and what is None is absent from every post."""
    count = len(weight)
    nothing: list[Any] = [None] * count
    unknown = {name: torch.full((count, len(head.classes)), torch.nan) for name, head in bundle.heads.items()}
    return LabelledPosts(
        {"text": tokens or nothing, "image": pictures or nothing},
        {**unknown, **targets},
        weight,
        [len(each) for each in tokens] if tokens else [0] * count,
    )


def _with_blanks(posts: LabelledPosts, bundle: Bundle, seed: int) -> LabelledPosts:
    """Put blank inputs in place of some absent ones."""
    tokenizer, black = bundle.tokenizer, blank_picture(bundle)[0]
    chance = torch.Generator().manual_seed(seed)
    texts, pictures = list(posts.inputs["text"]), list(posts.inputs["image"])
    length = list(posts.length)
    shown = (torch.rand(len(posts), generator=chance) < BLANK_RATE).tolist()
    masks = torch.randint(1, LONGEST_BLANK + 1, (len(posts),), generator=chance).tolist()
    for row, blank in enumerate(shown):
        if blank and texts[row] is None:
            texts[row] = [
                tokenizer.cls_token_id,
                *[tokenizer.mask_token_id] * masks[row],
                tokenizer.sep_token_id,
            ]
            length[row] = len(texts[row])
        if blank and pictures[row] is None:
            pictures[row] = black
    return replace(posts, inputs={"text": texts, "image": pictures}, length=length)


def _stacked(encodings: Sequence[Tensor]) -> dict[str, Tensor]:
    return {"input": torch.stack(list(encodings))}
