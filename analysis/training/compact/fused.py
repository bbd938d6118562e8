"""Stage 3 of the `compact` recipe: train text encoder, fusion and heads together.

Each pair of text and image is shown in three views, each with the label of that view. Tweets are shown as text alone:
labelled ones with their label, unlabelled ones with the predictions of stage 1 as targets (self-distillation:
Furlanello et al. 2018, "Born-Again Neural Networks"). The image encoder, which was fine-tuned in stage 2, is frozen,
so each image is encoded only once.
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
from analysis.training.compact.encodings import LONGEST_BLANK, encode_blank_image, make_blank_tokens
from analysis.training.compact.text import (
    SpaceData,
    TeacherPredictions,
    compute_task_weights,
    compute_validation_metrics,
    make_space_loss,
    make_token_collator,
    predict_texts,
    tokenize_training_texts,
)
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.examples import (
    VIEWS,
    Examples,
    concatenate_examples,
    make_examples,
    make_pair_examples,
    stack_training_encodings,
)
from analysis.training.core.loop import train_multitask
from analysis.training.core.losses import make_equal_weights, soften_labels

PAIR_REPEATS = 2
"""Times that each view of a pair is shown per epoch: there are fewer pairs than tweets."""
UNLABELLED, UNLABELLED_WEIGHT = 20_000, 0.3
"""Number and weight of unlabelled texts. Each has targets for all heads, a labelled text for one head only."""
BLANK_RATE = 0.5
"""Share of absent texts and images that are replaced by [MASK] tokens or a black image, the baselines of attribution.
If the model treats these like absent inputs, word and region attributions add up to their modality's value."""


@dataclass(frozen=True)
class TextPredictions:
    """Class probabilities predicted by the text model of stage 1, (texts, classes) by head.

    Attributes:
        unlabelled: For a sample of `UNLABELLED` unlabelled texts.
        pairs: For the texts of MVSA train.
        held_out: For the validation texts of each task, only of that task's head.
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
        bundle: The bundle with the tokenizer and the heads.
        labelled: The data.
        seed: Seed for sampling the unlabelled texts.
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
        bundle: Defines the new fusion and the new heads; its text encoder is trained in place.
        published: The text encoder before fine-tuning, which the shared space is kept close to.
        text: The model of stage 1. It shares the bundle's text encoder, and training of its space continues.
        predictions: Predictions of the model of stage 1.
        labelled: The data.
        training: Settings.
        folder: Folder for the checkpoint and the log.
        space: Data for the shared space.
        resume: Continue from the checkpoint in the folder.
        teacher: A teacher's predictions for labelled tweets, which are averaged with the labels.

    Returns:
        The trained model, with the bundle's image encoder.
    """
    torch.manual_seed(training.seed)  # the initial weights of fusion and heads are random
    dims = {modality: part.dim for modality, part in bundle.config.encoders.items()}
    trained = {"text": bundle.model.encoders["text"].requires_grad_(True), "image": nn.Identity()}
    fusion = build_fusion(dims, bundle.config.fusion)
    model = MultimodalModel({name: trained[name] for name in dims}, fusion, bundle.heads, text.space)
    collate = {"text": make_token_collator(bundle.tokenizer), "image": stack_training_encodings}
    teacher_targets = teacher.trained if teacher else {}
    tweets = [
        _make_tweet_examples(bundle, name, each.train, teacher_targets.get(name))
        for name, each in labelled.tweets.items()
    ]
    tokens = tokenize_training_texts(
        bundle.tokenizer, labelled.sample_unlabelled(UNLABELLED, training.seed).tolist()
    )
    unlabelled = make_examples(
        {"text": tokens, "image": None}, predictions.unlabelled, bundle.heads, UNLABELLED_WEIGHT
    )
    topics = {"topic": predictions.pairs["topic"]}  # MVSA has no topic labels
    pairs = _make_encoded_pair_examples(bundle, labelled.pairs.train, space.images, topics)
    examples = concatenate_examples(*tweets, unlabelled, *(list(pairs.values()) * PAIR_REPEATS))
    held_out = {
        name: _make_tweet_examples(bundle, name, splits.val) for name, splits in labelled.tweets.items()
    }
    dev = _make_encoded_pair_examples(bundle, labelled.pairs.val, space.images)
    held_out |= {f"mvsa_{view}": each for view, each in dev.items()}

    def validate(candidate: MultimodalModel) -> dict[str, float]:
        return compute_validation_metrics(candidate, held_out, bundle.heads, collate, training.bfloat16)

    train_multitask(
        model,
        _replace_absent_inputs(examples, bundle, training.seed),
        collate,
        bundle.heads,
        make_equal_weights(bundle.heads),
        training,
        folder,
        validate,
        make_space_loss(published, bundle.tokenizer, labelled, space),
        resume,
        "fused",
    )
    model.encoders["image"] = bundle.model.encoders["image"]
    return model


def _make_tweet_examples(
    bundle: Bundle, name: str, frame: pd.DataFrame, teacher: Tensor | None = None
) -> Examples:
    """Build examples of a text task, weighted by class."""
    head, label = bundle.heads[name], torch.tensor(frame["label"].to_numpy())
    tokens = tokenize_training_texts(bundle.tokenizer, frame["text"].tolist())
    target = {name: soften_labels(label, len(head.classes), teacher)}
    weight = compute_task_weights(name, label, head)[label]
    return make_examples({"text": tokens, "image": None}, target, bundle.heads, weight)


def _make_encoded_pair_examples(
    bundle: Bundle,
    frame: pd.DataFrame,
    images: Mapping[str, Tensor],
    targets: Mapping[str, Tensor] | None = None,
) -> dict[str, Examples]:
    """Build examples of pairs by view; image inputs are encodings."""
    tokens = tokenize_training_texts(bundle.tokenizer, frame["text"].tolist())
    encoded = [images[path] for path in frame["image_path"]]
    return {view: make_pair_examples(frame, view, tokens, encoded, bundle.heads, targets) for view in VIEWS}


def _replace_absent_inputs(examples: Examples, bundle: Bundle, seed: int) -> Examples:
    """Replace some absent inputs by blank ones."""
    black, generator = encode_blank_image(bundle)[0], torch.Generator().manual_seed(seed)
    texts, images = list(examples.inputs["text"]), list(examples.inputs["image"])
    chosen = (torch.rand(len(examples), generator=generator) < BLANK_RATE).tolist()
    masks = torch.randint(1, LONGEST_BLANK + 1, (len(examples),), generator=generator).tolist()
    for row, blank in enumerate(chosen):
        if blank and texts[row] is None:
            texts[row] = make_blank_tokens(bundle, masks[row])
        if blank and images[row] is None:
            images[row] = black
    return replace(examples, inputs={"text": texts, "image": images})
