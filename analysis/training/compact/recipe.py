"""The training recipe of the `compact` bundle in five stages; `--resume` continues after the last finished stage.

1. Fine-tune each branch of the text encoder on all text tasks (`tasks`, `text`): first the one of other languages,
   whose predictions the English one learns from too, then the English one, also on captions and pairs for the shared
   space.
2. Fine-tune the upper layers of the image encoder on images of posts and on captioned images (`images`).
3. Fit how the shares of words are corrected (`share_corrections`), and encode all texts and images once with the
   final encoders, rounded as in the bundle (`encodings`).
4. On these encodings, train the projections of the shared space (`contrastive`), and fusion and heads (`fusions`).
   The text's term starts from the weights of stage 1.
5. Fit temperatures, and evaluate on dev and validation splits (`measures`, `card`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from analysis.evaluation.explanations import evaluate_explanations
from analysis.model.bundle import Bundle, load_model
from analysis.model.compression import choose_weight_bits, round_weights
from analysis.model.config import OTHER, EncoderConfig, ModelConfig, SpaceConfig
from analysis.model.network import MultimodalModel
from analysis.model.presets import COMPACT, HEADS
from analysis.model.saving import save_bundle
from analysis.model.space import SharedSpace
from analysis.training.compact.ablation import evaluate_frozen_encoders, list_ablation_steps, probe_images
from analysis.training.compact.branches import train_branches
from analysis.training.compact.card import write_model_card
from analysis.training.compact.contrastive import SpaceTraining, fit_space
from analysis.training.compact.cpu_speed import has_fast_bfloat16
from analysis.training.compact.cross_validation import cross_validate
from analysis.training.compact.encodings import (
    Encodings,
    encode_all_images,
    encode_training_data,
    load_or_compute_stage,
)
from analysis.training.compact.fusions import RETRAINING, FusionTrainer
from analysis.training.compact.hard_posts import measure_hard_posts, read_hard_posts
from analysis.training.compact.images import (
    compute_feature_maps,
    encode_maps,
    encode_paired_texts,
    train_images,
)
from analysis.training.compact.measures import MeasuredModel, list_tested_languages, measure_trained_model
from analysis.training.compact.share_corrections import (
    TEXTS,
    Corrections,
    apply_share_corrections,
    fit_share_corrections,
)
from analysis.training.compact.teacher import (
    TEACHER_TEXTS,
    evaluate_sentiment_alone,
    evaluate_teacher,
    predict_with_teacher,
)
from analysis.training.compact.text import (
    SpaceData,
    build_space,
)
from analysis.training.core.checkpoints import VOCABULARY, Vocabulary, load_base_bundle
from analysis.training.core.config import ExamplesConfig, TrainingConfig
from analysis.training.core.data_sets import LabelledData, list_distinct_images, read_training_data
from analysis.training.core.examples import LABEL_OF_VIEW


@dataclass(frozen=True)
class CompactTraining:
    """Settings of each stage; `seed` overrides the seeds of the stages."""

    teacher: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=1, learning_rate=4e-5, checks=2, bfloat16=has_fast_bfloat16()
        )
    )
    text: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=2, checks=2, patience=4, averaged=2, bfloat16=has_fast_bfloat16()
        )
    )
    other: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=2, learning_rate=8e-5, checks=2, patience=4, averaged=2, bfloat16=has_fast_bfloat16()
        )
    )
    images: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=3, learning_rate=2e-4, weight_decay=0.05, patience=3, averaged=2
        )
    )
    space: SpaceTraining = field(default_factory=SpaceTraining)
    fusion: ExamplesConfig = RETRAINING
    seed: int = 0

    def with_seed(self) -> CompactTraining:
        """Return the settings with the seed set in every stage."""
        return CompactTraining(
            replace(self.teacher, seed=self.seed),
            replace(self.text, seed=self.seed),
            replace(self.other, seed=self.seed),
            replace(self.images, seed=self.seed),
            replace(self.space, projections=replace(self.space.projections, seed=self.seed)),
            replace(self.fusion, seed=self.seed),
            self.seed,
        )


def train_compact(
    data: Path,
    out: Path,
    training: CompactTraining,
    model: ModelConfig = COMPACT,
    resume: bool = False,
    teacher: EncoderConfig | None = None,
    cross_validated: bool = False,
    hard_posts: Path | None = None,
    wheels: Path | None = None,
) -> dict[str, Any]:
    """Train, calibrate and evaluate a model, and write the bundle.

    Args:
        data: Folder of the labelled data; see `read_training_data`.
        out: The bundle's folder; checkpoints, logs and encodings are written to `<out>.training` next to it.
        training: Settings.
        model: Configuration to train.
        resume: Continue where an earlier run stopped.
        teacher: A text encoder, usually a larger one, that is fine-tuned on sentiment first. Its predictions are used
            as targets for unlabelled texts, and averaged with the labels of others (distillation, Hinton et al.
            2015).
        cross_validated: Also cross-validate the topics, whose validation split is small, and fine-tune on sentiment
            alone, to measure these tasks on their own. Takes as long as three more epochs.
        hard_posts: Table of difficult posts for the model card; see `read_hard_posts`.
        wheels: Folder with the wheels of the encoder of other languages, see `load_packed_encoder`; None to load it
            from the hub.

    Returns:
        The content of metrics.json.

    Raises:
        TrainingError: The data or a checkpoint cannot be used.
        EvaluationError: The difficult posts cannot be used.
        BundleError: Published weights cannot be loaded, or the folder cannot be written.
    """
    training = training.with_seed()
    work = out.with_name(f"{out.name}.training")
    space = model.space or SpaceConfig(model.encoders["text"].dim)
    model = replace(model, space=space)
    labelled = read_training_data(data)
    difficult = read_hard_posts(hard_posts) if hard_posts else None
    vocabulary = Vocabulary(wheels, labelled.list_texts(), VOCABULARY)
    published, base = (load_base_bundle(out, model, vocabulary) for _ in range(2))

    def load(name: str, compute: Callable[[], Any]) -> Any:
        return load_or_compute_stage(work / f"{name}.pt", compute, resume)

    published_images = load("images", lambda: encode_all_images(published, _list_image_paths(labelled)))
    maps = load("maps", lambda: compute_feature_maps(published, _list_image_paths(labelled)))
    taught = None
    if teacher is not None:
        some = labelled.sample_unlabelled(TEACHER_TEXTS, training.seed)
        taught = load(
            "teacher",
            lambda: predict_with_teacher(teacher, base, labelled, some, training.teacher, work, resume),
        )

    text = train_branches(
        base,
        labelled,
        training.text,
        training.other,
        work,
        SpaceData(published_images, training.space),
        taught,
        resume,
    )
    first = next(iter(text))
    paired = load("paired_texts", lambda: encode_paired_texts(base, labelled))
    train_images(base, text[first], labelled, paired, maps, training.images, work, resume)
    round_weights(base.model, choose_weight_bits(base.model))  # as in the bundle
    base = apply_share_corrections(
        base,
        load("share_corrections", lambda: _fit_share_corrections(base, labelled, training.seed)),
    )
    images = encode_maps(base, maps)

    encodings = Encodings(
        **load(
            "encodings", lambda: vars(encode_training_data(base, published, labelled, images, training.seed))
        )
    )
    fusions = FusionTrainer(base, text, labelled, encodings, training.fusion)
    trained = fusions.train(base.config.fusion, training.seed).requires_grad_(False)
    trained.space = retrain_space(base, labelled, encodings, images, training.space)
    round_weights(trained, choose_weight_bits(trained))

    measured, heads, unrelated = measure_trained_model(
        MeasuredModel(base, trained, labelled, encodings, images, fusions.predict_held_out())
    )
    frozen = load(
        "frozen", lambda: evaluate_frozen_encoders(published, labelled, published_images, training.seed)
    )
    before, after = (
        probe_images(labelled, each, base.heads["sentiment"]) for each in (published_images, images)
    )
    if cross_validated:
        measured["evaluations"]["topic_cross_validated"] = load(
            "cross_validated",
            lambda: cross_validate(
                lambda: load_base_bundle(out, model, vocabulary), "topic", labelled.tweets["topic"], work
            ),
        )
        measured["sentiment_alone"] = load(
            "sentiment_alone",
            lambda: evaluate_sentiment_alone(published, labelled, training.text, work, resume),
        )
    if teacher is not None and taught is not None:
        measured["teacher"] = evaluate_teacher(teacher, taught, labelled)
    metrics = {
        "seed": training.seed,
        **measured,
        "ablation": list_ablation_steps({**frozen, "mvsa_image": before}, after, measured),
        "fusions": load("fusions", fusions.compare),
    }
    config = replace(base.config, heads=heads, space=replace(space, unrelated=unrelated))
    config = replace(config, languages=list_tested_languages(measured["multilingual"]))
    _save_with_card(out, config, trained, base, metrics)
    if hard_posts and difficult is not None:
        metrics["hard_posts"] = measure_hard_posts(load_model(out), difficult, hard_posts.name)
    metrics["explanations"] = load(
        "explanations", lambda: evaluate_explanations(load_model(out), _make_dev_posts(labelled))
    )
    _save_with_card(out, config, trained, base, metrics)
    return metrics


def _fit_share_corrections(base: Bundle, labelled: LabelledData, seed: int) -> Corrections:
    unlabelled = labelled.sample_unlabelled(TEXTS, seed).tolist()
    texts = {
        branch: labelled.sample_other(TEXTS, seed)["text"].tolist() if branch == OTHER else unlabelled
        for branch in base.tokenizers
    }
    return fit_share_corrections(base, texts, seed)


def retrain_space(
    base: Bundle,
    labelled: LabelledData,
    encodings: Encodings,
    images: Mapping[str, Tensor],
    training: SpaceTraining,
) -> SharedSpace:
    """Train new projections of the shared space on the final encodings of all branches."""
    paths, owner = list_distinct_images(labelled.captions.train)
    torch.manual_seed(training.projections.seed)
    captions = [each["train"] for each in encodings.captions.values()]
    return fit_space(
        build_space(base),
        torch.cat(captions),
        torch.stack([images[path] for path in paths]),
        owner.repeat(len(captions)),
        encodings.pairs["train"],
        (torch.cat(list(encodings.unlabelled.values())), encodings.published.repeat(len(captions), 1)),
        training,
    )


def _save_with_card(
    out: Path, config: ModelConfig, model: MultimodalModel, base: Bundle, metrics: Mapping[str, Any]
) -> None:
    bits = choose_weight_bits(model)
    save_bundle(out, config, model, base.tokenizers, metrics, write_model_card(config, metrics), bits)


def _make_dev_posts(labelled: LabelledData) -> pd.DataFrame:
    """Return the posts of MVSA dev in the format of `evaluate_explanations`."""
    classes = np.array(HEADS["sentiment"].classes)
    dev = labelled.pairs.val
    return pd.DataFrame(
        {
            "text": dev["text"],
            "images": [[path] for path in dev["image_path"]],
            **{column: classes[dev[column]] for column in LABEL_OF_VIEW.values()},
        }
    )


def _list_image_paths(labelled: LabelledData) -> list[str]:
    return [
        path
        for splits in (labelled.captions, labelled.pairs)
        for frame in (splits.train, splits.val)
        for path in frame["image_path"]
    ]
