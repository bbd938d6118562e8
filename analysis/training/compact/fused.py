"""Stage 3 of the `compact` recipe: train text encoder, fusion and heads together.

A pair of text and image is shown in three views, each with the label that annotators gave to exactly that view. A
tweet is shown as text alone, with its label, or without one and with the predictions of stage 1 as targets
(self-distillation: Furlanello et al. 2018, "Born-Again Neural Networks"). The image encoder is frozen: stage 2 has
fine-tuned it, so each image is encoded only once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn

from analysis.model.bundle import Bundle
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.training.compact.encodings import LONGEST_BLANK, blank_image, mask_tokens
from analysis.training.compact.text import (
    SpaceData,
    TeacherPredictions,
    make_space_loss,
    predict_texts,
    task_weights,
    token_collator,
    tokenize,
    validate_tasks,
)
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.examples import (
    VIEWS,
    Examples,
    concatenate,
    make_examples,
    pair_examples,
    stack_encodings,
)
from analysis.training.core.loop import TrainingConfig, fit
from analysis.training.core.losses import equal_weights, soften_labels

PAIR_REPEATS = 2
"""Times that each view of a pair is shown per epoch: there are few pairs compared with tweets."""
UNLABELLED, UNLABELLED_WEIGHT = 20_000, 0.3
"""Number and weight of unlabelled texts; each has targets for every head, a labelled text for one head only."""
BLANK_RATE = 0.5
"""Share of absent texts and images shown as [MASK] tokens and as a black image, the baselines of attribution. A
model that treats these like absent inputs lets word and region attributions add up to their modality's value."""


@dataclass(frozen=True)
class TextPredictions:
    """Class probabilities by the text model of stage 1, (texts, classes) by head.

    Attributes:
        unlabelled: Of `UNLABELLED` texts that the seed chooses.
        pairs: Of the texts of MVSA train.
        held_out: Of each task's validation texts, for its own head.
    """

    unlabelled: Mapping[str, Tensor]
    pairs: Mapping[str, Tensor]
    held_out: Mapping[str, Tensor]


def predict_with_text_model(
    text: MultimodalModel, bundle: Bundle, labelled: LabelledData, seed: int, bfloat16: bool = False
) -> TextPredictions:
    """Compute the text model's predictions that this stage and the ablation need.

    Args:
        text: The model of stage 1.
        bundle: Its tokenizer and heads.
        labelled: The data.
        seed: Chooses the unlabelled texts.
        bfloat16: Compute in bfloat16.
    """

    def predict(texts: pd.Series) -> dict[str, Tensor]:
        return predict_texts(text, bundle.tokenizer, texts, bundle.heads, bfloat16)

    return TextPredictions(
        unlabelled=predict(labelled.sample_unlabelled(UNLABELLED, seed)),
        pairs=predict(labelled.pairs.train["text"]),
        held_out={name: predict(splits.val["text"])[name] for name, splits in labelled.tweets.items()},
    )


def train_fused(
    bundle: Bundle,
    published: nn.Module,
    text: MultimodalModel,
    predictions: TextPredictions,
    labelled: LabelledData,
    training: TrainingConfig,
    folder: Path,
    space: SpaceData,
    resume: bool = False,
    teacher: TeacherPredictions | None = None,
) -> MultimodalModel:
    """Train the fused model; the text encoder continues from stage 1.

    Args:
        bundle: A new fusion and new heads of its configuration are trained; its text encoder is trained in place.
        published: The text encoder before fine-tuning, which the space stays close to.
        text: The model of stage 1; its encoder is the bundle's, and its space is trained further.
        predictions: Of that model.
        labelled: The data.
        training: Settings.
        folder: Where checkpoint and log are written.
        space: Data for the shared space.
        resume: Continue from the folder's checkpoint.
        teacher: A teacher's predictions for labelled tweets, averaged with their labels.

    Returns:
        The bundle's model, with its own image encoder.
    """
    torch.manual_seed(training.seed)  # the initial weights of fusion and heads are random
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    trained = {"text": bundle.model.encoders["text"].requires_grad_(True), "image": nn.Identity()}
    fusion = build_fusion(dims, bundle.config.fusion)
    model = MultimodalModel({name: trained[name] for name in dims}, fusion, bundle.heads, text.space)
    collate = {"text": token_collator(bundle.tokenizer), "image": stack_encodings}
    taught = teacher.trained if teacher else {}
    tweets = [_tweets(bundle, name, each.train, taught.get(name)) for name, each in labelled.tweets.items()]
    tokens = tokenize(bundle.tokenizer, labelled.sample_unlabelled(UNLABELLED, training.seed).tolist())
    unlabelled = make_examples(
        {"text": tokens, "image": None}, predictions.unlabelled, bundle.heads, UNLABELLED_WEIGHT
    )
    topics = {"topic": predictions.pairs["topic"]}  # MVSA has no topic labels
    pairs = _pairs(bundle, labelled.pairs.train, space.images, topics)
    examples = concatenate(*tweets, unlabelled, *(list(pairs.values()) * PAIR_REPEATS))
    held_out = {name: _tweets(bundle, name, splits.val) for name, splits in labelled.tweets.items()}
    dev = _pairs(bundle, labelled.pairs.val, space.images)
    held_out |= {f"mvsa_{view}": each for view, each in dev.items()}

    def validate(candidate: MultimodalModel) -> dict[str, float]:
        return validate_tasks(candidate, held_out, bundle.heads, collate, training.bfloat16)

    fit(
        model,
        _with_blanks(examples, bundle, training.seed),
        collate,
        bundle.heads,
        equal_weights(bundle.heads),
        training,
        folder,
        validate,
        make_space_loss(published, bundle.tokenizer, labelled, space),
        resume,
        "fused",
    )
    model.encoders["image"] = bundle.model.encoders["image"]
    return model


def _tweets(bundle: Bundle, name: str, frame: pd.DataFrame, teacher: Tensor | None = None) -> Examples:
    """Build examples of a text task; texts of rare classes weigh more."""
    head, label = bundle.heads[name], torch.tensor(frame["label"].to_numpy())
    tokens = tokenize(bundle.tokenizer, frame["text"].tolist())
    target = {name: soften_labels(label, len(head.classes), teacher)}
    weight = task_weights(name, label, head)[label]
    return make_examples({"text": tokens, "image": None}, target, bundle.heads, weight)


def _pairs(
    bundle: Bundle,
    frame: pd.DataFrame,
    images: Mapping[str, Tensor],
    targets: Mapping[str, Tensor] | None = None,
) -> dict[str, Examples]:
    """Build examples of pairs by view."""
    tokens = tokenize(bundle.tokenizer, frame["text"].tolist())
    encoded = [images[path] for path in frame["image_path"]]
    return {view: pair_examples(frame, view, tokens, encoded, bundle.heads, targets) for view in VIEWS}


def _with_blanks(examples: Examples, bundle: Bundle, seed: int) -> Examples:
    """Replace some absent inputs by blank ones."""
    black, generator = blank_image(bundle)[0], torch.Generator().manual_seed(seed)
    texts, images = list(examples.inputs["text"]), list(examples.inputs["image"])
    chosen = (torch.rand(len(examples), generator=generator) < BLANK_RATE).tolist()
    masks = torch.randint(1, LONGEST_BLANK + 1, (len(examples),), generator=generator).tolist()
    for row, blank in enumerate(chosen):
        if blank and texts[row] is None:
            texts[row] = mask_tokens(bundle, masks[row])
        if blank and images[row] is None:
            images[row] = black
    return replace(examples, inputs={"text": texts, "image": images})
