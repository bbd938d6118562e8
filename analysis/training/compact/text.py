"""Stage 1 of the `compact` recipe: fine-tune the text encoder on all text tasks together, and on the shared space.

The texts of all tasks are mixed; each text trains the head of its own task (multi-task learning, Caruana 1997).
Unlabelled texts can be added, with a teacher's predictions as targets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from analysis.evaluation.metrics import compute_metrics
from analysis.model.bundle import Bundle
from analysis.model.config import EncoderConfig, FusionConfig, Head, SpaceConfig
from analysis.model.encoders import TextEncoder
from analysis.model.fusion import build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import compute_probabilities
from analysis.model.space import SharedSpace
from analysis.model.text import preprocess_texts
from analysis.model.text_branches import BranchedTextEncoder, TextBranch
from analysis.training.compact.contrastive import SpaceLoss, SpaceTraining
from analysis.training.compact.cpu_speed import optimise_for_cpu_training
from analysis.training.core.config import TrainingConfig
from analysis.training.core.data_sets import LabelledData, find_labelled_classes
from analysis.training.core.examples import Collate, Examples, concatenate_examples, make_examples
from analysis.training.core.loop import predict_examples, train_multitask
from analysis.training.core.losses import make_equal_weights

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
class TextTask:
    """Training texts of one head.

    Attributes:
        head: Name of the head.
        texts: Original texts.
        target: Class probabilities, (texts, classes); see `FurtherTexts`.
        weight: Weight of each text in the loss, (texts,).
    """

    head: str
    texts: pd.Series
    target: Tensor
    weight: Tensor


def train_text(
    bundle: Bundle,
    branch: str,
    tasks: Sequence[TextTask],
    held_out: Mapping[str, Examples],
    training: TrainingConfig,
    folder: Path,
    resume: bool = False,
    space: SpaceLoss | None = None,
    frozen_layers: int = 0,
) -> MultimodalModel:
    """Fine-tune a branch of the text encoder on all text tasks, and on texts with images for the shared space.

    Args:
        bundle: The bundle; the branch is trained in place, with new heads.
        branch: The branch; "" for an encoder without branches.
        tasks: Training texts of each task.
        held_out: Validation texts, see `compute_validation_metrics`.
        training: Settings.
        folder: Folder for the checkpoint and the log.
        resume: Continue from the checkpoint in the folder.
        space: The loss of the shared space; None to train the tasks only.
        frozen_layers: Number of lower layers that do not change; if not 0, embeddings do not change either.

    Returns:
        A text-only model with the bundle's heads, and with the shared space if it was trained.
    """
    torch.manual_seed(training.seed)  # the heads' initial weights are random
    heads, tokenizer = bundle.heads, bundle.tokenizers[branch]
    encoder = bundle.text_encoder(branch).requires_grad_(True)
    _freeze_lower_layers(encoder, frozen_layers)
    optimise_for_cpu_training(encoder)
    shared = build_space(bundle) if space else None
    model = build_text_stage_model(encoder, bundle.config.encoders["text"], heads, shared)
    collate = {"text": make_token_collator(tokenizer)}
    examples = concatenate_examples(
        *(
            make_examples(
                {"text": tokenize_training_texts(tokenizer, task.texts.tolist())},
                {task.head: task.target},
                heads,
                task.weight,
            )
            for task in tasks
        )
    )
    linear = list_text_stage_heads(heads)
    bfloat16 = training.bfloat16

    def validate(trained: MultimodalModel) -> dict[str, float]:
        return compute_validation_metrics(trained, held_out, linear, collate, bfloat16)

    title = f"text_{branch}" if branch else "text"
    weights = make_equal_weights(heads)
    trained = train_multitask(
        model, examples, collate, linear, weights, training, folder, validate, space, resume, title
    )
    encoder.requires_grad_(False)
    return trained


def list_text_stage_heads(heads: Mapping[str, Head]) -> dict[str, Head]:
    """Return the heads as they are trained on texts: topics are exclusive, because each text has one label."""
    return {name: replace(head, exclusive=True) if name == "topic" else head for name, head in heads.items()}


def build_space(bundle: Bundle) -> SharedSpace:
    """Build an untrained shared space; texts keep their own space, as far as their branches have its size."""
    config = bundle.config.space or SpaceConfig(bundle.config.encoders["text"].dim)
    space = SharedSpace({name: part.dim for name, part in bundle.config.encoders.items()}, config)
    project, encoder = space.project["text"], bundle.model.encoders["text"]
    if isinstance(encoder, BranchedTextEncoder) and isinstance(project, nn.Linear):
        with torch.no_grad():
            project.weight.zero_()
            project.bias.zero_()
            for part in encoder.branches.values():
                if isinstance(part, TextBranch) and len(part.mean) == config.dim:
                    project.weight[:, part.columns] = torch.eye(config.dim)
    return space


def _freeze_lower_layers(encoder: nn.Module, layers: int) -> None:
    if not layers:
        return
    network: Any = next(part for part in encoder.modules() if hasattr(part, "embeddings"))
    for part in (network.embeddings, *network.encoder.layer[:layers]):
        part.requires_grad_(False)


def compute_validation_metrics(
    model: MultimodalModel,
    held_out: Mapping[str, Examples],
    heads: Mapping[str, Head],
    collate: Mapping[str, Collate],
    bfloat16: bool,
) -> dict[str, float]:
    """Evaluate a model on held-out examples by task. Names that are not heads are languages of the sentiment head.

    Returns:
        First "mean", weighted by the number of examples because small sets are noisy; then the macro recall of
        sentiment on tweets, and the macro F1 of the other tasks and of each language.
    """
    figures = {}
    for name, examples in held_out.items():
        head = heads.get(name) or heads["sentiment"]
        found = compute_probabilities(heads, predict_examples(model, examples, collate, bfloat16))[head.name]
        labelled = find_labelled_classes(head)
        truth = examples.targets[head.name][:, labelled].argmax(1)
        measured = compute_metrics(found[:, labelled], truth, keep_classes(head, labelled))
        figures[name] = measured["macro_recall" if name == "sentiment" else "macro_f1"]
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


def keep_classes(head: Head, kept: Tensor) -> Head:
    """Return a head with some of its classes, (classes,) bool."""
    numbers = [number for number, each in enumerate(kept.tolist()) if each]
    return replace(
        head,
        classes=tuple(head.classes[number] for number in numbers),
        titles=tuple(head.titles[number] for number in numbers),
        values=tuple(head.values[number] for number in numbers) if head.values else (),
    )


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
        heads: The heads by name; see `list_text_stage_heads`.
        bfloat16: Compute in bfloat16.
    """
    linear = list_text_stage_heads(heads)
    examples = make_examples({"text": tokenize_training_texts(tokenizer, texts.tolist())}, {}, {})
    return compute_probabilities(
        linear, predict_examples(model, examples, {"text": make_token_collator(tokenizer)}, bfloat16)
    )


def make_space_loss(bundle: Bundle, branch: str, labelled: LabelledData, space: SpaceData) -> SpaceLoss:
    """Create the loss of the shared space, which is trained together with the tasks.

    Args:
        bundle: The bundle, before fine-tuning.
        branch: The branch of the text encoder; "" for an encoder without branches.
        labelled: The data.
        space: Encoded images and settings.
    """
    captions, posts, tokenizer = labelled.captions.train, labelled.pairs.train, bundle.tokenizers[branch]
    published = deepcopy(get_branch_encoder(bundle, branch))
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


def get_branch_encoder(bundle: Bundle, branch: str) -> TextEncoder:
    """Return the encoder inside a branch of the text encoder; "" for an encoder without branches."""
    encoder = bundle.text_encoder(branch)
    found = encoder.encoder if isinstance(encoder, TextBranch) else encoder
    assert isinstance(found, TextEncoder)  # noqa: S101 (for the type checker)
    return found


def group_training_rows(values: pd.Series) -> dict[str, list[int]]:
    """Group row indices by value."""
    rows: dict[str, list[int]] = {}
    for number, value in enumerate(values):
        rows.setdefault(value, []).append(number)
    return rows
