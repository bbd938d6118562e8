"""The recipe of the `compact` bundle, stage by stage; `--resume` continues after the last finished stage.

1. Fine-tune the text encoder on every text task, and on captions and pairs for the shared space (`text`).
2. Fine-tune the upper layers of the image encoder on images of posts and on captioned images (`images`).
3. Train the fused model: text encoder, fusion and heads together, on pairs in every view and on tweets, with labels
   or with the predictions of stage 1 (`fused`).
4. Encode every text and image once with the final encoders, rounded as in the bundle (`encodings`).
5. On these encodings retrain the space's projections in large batches (`contrastive`), retrain fusion and heads in
   several passes, and compare kinds of fusion (`fusions`).
6. Fit temperatures, and measure everything on dev and validation splits (`measures`, `card`).
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

from analysis.evaluation.explanations import explanation_evidence
from analysis.model.bundle import Bundle, load_model, save_bundle
from analysis.model.config import EncoderConfig, ModelConfig, SpaceConfig
from analysis.model.network import MultimodalModel
from analysis.model.presets import COMPACT, HEADS
from analysis.model.space import SharedSpace
from analysis.training.compact.ablation import ablation_steps, evaluate_frozen_encoders, probe_images
from analysis.training.compact.card import model_card
from analysis.training.compact.contrastive import SpaceTraining, fit_space
from analysis.training.compact.cpu_speed import fast_bfloat16
from analysis.training.compact.cross_validation import cross_validate
from analysis.training.compact.encodings import Encodings, encode_all_images, encode_data, load_or_compute
from analysis.training.compact.fused import TextPredictions, predict_with_text_model, train_fused
from analysis.training.compact.fusions import RETRAINING, Fusions
from analysis.training.compact.images import encode_maps, encode_paired_texts, feature_maps, train_images
from analysis.training.compact.measures import Measures, measure_everything
from analysis.training.compact.teacher import (
    TEACHER_TEXTS,
    evaluate_sentiment_alone,
    predict_with_teacher,
    teacher_figures,
)
from analysis.training.compact.text import SpaceData, TeacherPredictions, train_text
from analysis.training.core.checkpoints import base_bundle
from analysis.training.core.data_sets import LabelledData, distinct_images, read_data
from analysis.training.core.examples import LABEL_OF_VIEW
from analysis.training.core.loop import TrainingConfig


@dataclass(frozen=True)
class CompactTraining:
    """Settings of each stage; `seed` overrides theirs."""

    teacher: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=1, learning_rate=4e-5, checks=2, bfloat16=fast_bfloat16()
        )
    )
    text: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=2, checks=2, patience=4, averaged=2, bfloat16=fast_bfloat16()
        )
    )
    images: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=3, learning_rate=2e-4, weight_decay=0.05, patience=3, averaged=2
        )
    )
    fused: TrainingConfig = field(
        default_factory=lambda: TrainingConfig(
            epochs=0.5,
            learning_rate=5e-5,
            squared_error=0.5,
            checks=4,
            patience=4,
            averaged=2,
            bfloat16=fast_bfloat16(),
        )
    )
    space: SpaceTraining = field(default_factory=SpaceTraining)
    fusion: TrainingConfig = RETRAINING
    seed: int = 0

    def seeded(self) -> CompactTraining:
        """Set the seed of every stage."""
        return CompactTraining(
            replace(self.teacher, seed=self.seed),
            replace(self.text, seed=self.seed),
            replace(self.images, seed=self.seed),
            replace(self.fused, seed=self.seed),
            replace(self.space, seed=self.seed),
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
) -> dict[str, Any]:
    """Train, compare, calibrate, measure, and write the bundle.

    Args:
        data: Folder of the labelled data; see `read_data`.
        out: The bundle's folder; checkpoints, logs and encodings are written to `<out>.training` next to it.
        training: Settings.
        model: Configuration to train.
        resume: Continue where an earlier run stopped.
        teacher: A text encoder, usually a larger one, that is fine-tuned on sentiment first. Its predictions are
            targets for unlabelled texts, and are averaged with the labels (distillation, Hinton et al. 2015).
        cross_validated: Also cross-validate the topics, whose validation split is small, and fine-tune on sentiment
            alone, to measure tasks without the others. Takes as long as three more passes.

    Returns:
        The contents of metrics.json.

    Raises:
        TrainingError: The data or a checkpoint cannot be used.
        BundleError: Published weights cannot be loaded, or the folder cannot be written.
    """
    training = training.seeded()
    work = out.with_name(f"{out.name}.training")
    space = model.space or SpaceConfig(model.encoders["text"].dim)
    model = replace(model, space=space)
    labelled = read_data(data)
    published, base = base_bundle(out, model), base_bundle(out, model)

    def load(name: str, compute: Callable[[], Any]) -> Any:
        return load_or_compute(work / f"{name}.pt", compute, resume)

    untuned = load("images", lambda: encode_all_images(published, _paths(labelled)))
    maps = load("maps", lambda: feature_maps(published, _paths(labelled)))
    taught = taught_figures = None
    if teacher is not None:
        some = labelled.sample_unlabelled(TEACHER_TEXTS, training.seed)
        found = load(
            "teacher",
            lambda: predict_with_teacher(teacher, base, labelled, some, training.teacher, work, resume),
        )
        taught = TeacherPredictions(some, found["unlabelled"], found["trained"])
        taught_figures = teacher_figures(teacher, found, labelled)

    text = train_text(base, labelled, training.text, work, resume, SpaceData(untuned, training.space), taught)
    paired = load("paired_texts", lambda: encode_paired_texts(base, labelled))
    train_images(base, text, labelled, paired, maps, training.images, work, resume)
    base.model.encoders["image"].half().float()  # rounded as in the bundle
    images = encode_maps(base, maps)
    bfloat16 = training.text.bfloat16
    predictions = TextPredictions(
        **load(
            "text_predictions",
            lambda: vars(predict_with_text_model(text, base, labelled, training.seed, bfloat16)),
        )
    )
    joint = train_fused(
        base,
        published.model.encoders["text"],
        text,
        predictions,
        labelled,
        training.fused,
        work,
        SpaceData(images, training.space),
        resume,
        taught,
    )
    joint.half().float().requires_grad_(False)  # rounded as in the bundle

    encodings = Encodings(
        **load("encodings", lambda: vars(encode_data(base, published, labelled, images, training.seed)))
    )
    fusions = Fusions(base, joint, labelled, encodings, training.fusion)
    trained = fusions.train(base.config.fusion, training.seed).half().float().requires_grad_(False)
    trained.space = retrain_space(trained, space, labelled, encodings, images, training.space)

    measured, heads, unrelated = measure_everything(
        Measures(base, trained, labelled, encodings, images, predictions.held_out)
    )
    frozen = load("frozen", lambda: evaluate_frozen_encoders(published, labelled, untuned, training.seed))
    before, after = (probe_images(labelled, each, base.heads["sentiment"]) for each in (untuned, images))
    if cross_validated:
        measured["evaluations"]["topic_cross_validated"] = load(
            "cross_validated",
            lambda: cross_validate(lambda: base_bundle(out, model), "topic", labelled.tweets["topic"], work),
        )
        measured["sentiment_alone"] = load(
            "sentiment_alone",
            lambda: evaluate_sentiment_alone(base_bundle(out, model), labelled, training.text, work, resume),
        )
    if taught_figures is not None:
        measured["teacher"] = taught_figures
    metrics = {
        "seed": training.seed,
        **measured,
        "ablation": ablation_steps({**frozen, "mvsa_image": before}, after, measured),
        "fusions": load("fusions", fusions.compare),
    }
    config = replace(base.config, heads=heads, space=replace(space, unrelated=unrelated))
    _save(out, config, trained, base, metrics)
    metrics["explanations"] = load(
        "explanations", lambda: explanation_evidence(load_model(out), _dev_posts(labelled))
    )
    _save(out, config, trained, base, metrics)
    return metrics


def retrain_space(
    model: MultimodalModel,
    config: SpaceConfig,
    labelled: LabelledData,
    encodings: Encodings,
    images: Mapping[str, Tensor],
    training: SpaceTraining,
) -> SharedSpace:
    """Train new projections on the final encodings."""
    paths, owner = distinct_images(labelled.captions.train)
    torch.manual_seed(training.seed)
    return fit_space(
        SharedSpace(model.fusion.dims, config),
        encodings.captions["train"],
        torch.stack([images[path] for path in paths]),
        owner,
        encodings.pairs["train"],
        encodings.unlabelled,
        training,
    )


def _save(
    out: Path, config: ModelConfig, model: MultimodalModel, base: Bundle, metrics: Mapping[str, Any]
) -> None:
    save_bundle(out, config, model, base.tokenizer, metrics, model_card(config, metrics))


def _dev_posts(labelled: LabelledData) -> pd.DataFrame:
    """Return the posts of MVSA dev in the form that `explanation_evidence` reads."""
    classes = np.array(HEADS["sentiment"].classes)
    dev = labelled.pairs.val
    return pd.DataFrame(
        {
            "text": dev["text"],
            "images": [[path] for path in dev["image_path"]],
            **{column: classes[dev[column]] for column in LABEL_OF_VIEW.values()},
        }
    )


def _paths(labelled: LabelledData) -> list[str]:
    return [
        path
        for splits in (labelled.captions, labelled.pairs)
        for frame in (splits.train, splits.val)
        for path in frame["image_path"]
    ]
