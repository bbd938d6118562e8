"""The recipe of the `compact` bundle, stage by stage; `--resume` carries on after the last stage that was done.

1. The text encoder is fine-tuned on every text task, and on captions and pairs for the shared space (`text`).
2. The upper layers of the image encoder are fine-tuned on pictures of posts and on captioned ones (`pictures`).
3. The fused model learns: text encoder, fusion and heads together, from pairs in every view and from tweets,
   labelled or with the first stage's answers (`fused`).
4. Every text and picture is encoded once by the final encoders, rounded as the bundle keeps them (`encodings`).
5. On these encodings the space's projections are learned anew in large batches (`contrastive`), fusion and heads are
   trained anew in several passes, and kinds of fusion are compared (`fusions`).
6. Temperatures are fitted, and everything is measured on dev and validation splits (`measures`, `card`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from analysis.evaluation.explanations import explanation_evidence
from analysis.model.bundle import load_model, save_bundle
from analysis.model.config import EncoderConfig, FusionConfig, ModelConfig, SpaceConfig
from analysis.model.space import SharedSpace
from analysis.training.compact.ablation import ablation, frozen_encoders, probe_pictures
from analysis.training.compact.card import model_card
from analysis.training.compact.contrastive import SpaceTraining, fit_space
from analysis.training.compact.cpu_speed import fast_bfloat16
from analysis.training.compact.cross_validation import cross_validate
from analysis.training.compact.encodings import Encodings, encode_all_pictures, encode_data, kept
from analysis.training.compact.fused import TextAnswers, text_answers, train_fused
from analysis.training.compact.fusions import Fusions
from analysis.training.compact.measures import Measures, measure_everything
from analysis.training.compact.pictures import encode_maps, feature_maps, texts_beside, train_pictures
from analysis.training.compact.teacher import TAUGHT, ask_teacher, sentiment_alone, teacher_figures
from analysis.training.compact.text import Taught, TaughtSpace, train_text
from analysis.training.core.checkpoints import LITE0, MINILM, base_bundle
from analysis.training.core.data_sets import HEADS, LabelledData, distinct_pictures, read_data
from analysis.training.core.encoded_loop import TrainingConfig
from analysis.training.core.examples import LABEL_OF_VIEW
from analysis.training.core.loop import JointConfig

COMPACT = ModelConfig(
    name="compact",
    encoders={
        "text": EncoderConfig("transformers", MINILM, dim=384),
        "image": EncoderConfig("timm", LITE0, dim=1280, explained_layer="network.blocks.4"),
    },
    fusion=FusionConfig(width=256, hidden=256, dropout=0.3),
    heads=HEADS,
    space=SpaceConfig(dim=384, hidden={"image": 768}, dropout=0.2),
)


@dataclass(frozen=True)
class CompactTraining:
    """How each stage is trained; `seed` overrides theirs."""

    teacher: JointConfig = field(
        default_factory=lambda: JointConfig(epochs=1, learning_rate=4e-5, checks=2, bfloat16=fast_bfloat16())
    )
    text: JointConfig = field(
        default_factory=lambda: JointConfig(
            epochs=2, checks=2, patience=4, averaged=2, bfloat16=fast_bfloat16()
        )
    )
    pictures: JointConfig = field(
        default_factory=lambda: JointConfig(
            epochs=3, learning_rate=2e-4, weight_decay=0.05, patience=3, averaged=2
        )
    )
    fused: JointConfig = field(
        default_factory=lambda: JointConfig(
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
    fusion: TrainingConfig = field(default_factory=lambda: TrainingConfig(epochs=6))
    seed: int = 0

    def seeded(self) -> CompactTraining:
        """Hand the seed to every stage."""
        return CompactTraining(
            replace(self.teacher, seed=self.seed),
            replace(self.text, seed=self.seed),
            replace(self.pictures, seed=self.seed),
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
        out: The bundle's folder; checkpoints, log and encodings stand beside it in `<out>.training`.
        training: How.
        model: What is trained.
        resume: Carry on where an earlier run stopped.
        teacher: A text encoder, as a rule a larger one, that is fine-tuned on sentiment before; its answers to
            texts without labels are learned too, and labels meet its answers halfway (distillation, Hinton et al.
            2015).
        cross_validated: Also cross-validate the topics, whose validation split is small, and fine-tune on sentiment
            alone: what tasks reach without the others, as long again as three passes.

    Returns:
        The figures that metrics.json holds.

    Raises:
        TrainingError: The data or a checkpoint cannot be used.
        BundleError: Base weights cannot be reached, or the folder cannot be written.
    """
    training = training.seeded()
    work = out.with_name(f"{out.name}.training")
    space = model.space or SpaceConfig(model.encoders["text"].dim)
    model = replace(model, space=space)
    labelled = read_data(data)
    first = base_bundle(out, model)
    published = kept(work / "pictures.pt", lambda: encode_all_pictures(first, _paths(labelled)), resume)
    maps = kept(work / "maps.pt", lambda: feature_maps(first, _paths(labelled)), resume)
    base = base_bundle(out, model)
    taught = wise = None
    if teacher is not None:
        some = labelled.some_unlabelled(TAUGHT, training.seed)
        wise = kept(
            work / "taught.pt",
            lambda: ask_teacher(teacher, base, labelled, some, training.teacher, work, resume),
            resume,
        )
        taught = Taught(some, wise["answers"], wise["trained"])
    text = train_text(
        base, labelled, training.text, work, resume, TaughtSpace(published, training.space), taught
    )
    texts = kept(work / "texts_beside.pt", lambda: texts_beside(base, labelled), resume)
    train_pictures(base, text, labelled, texts, maps, training.pictures, work, resume)
    base.model.encoders["image"].half().float()  # as the bundle will keep it
    pictures = encode_maps(base, maps)
    said = TextAnswers(
        **kept(
            work / "answers.pt",
            lambda: vars(text_answers(text, base, labelled, training.seed, training.text.bfloat16)),
            resume,
        )
    )
    before = first.model.encoders["text"]
    joint = train_fused(
        base,
        before,
        text,
        said,
        labelled,
        training.fused,
        work,
        TaughtSpace(pictures, training.space),
        resume,
        taught,
    )
    joint.half().float().requires_grad_(False)  # as the bundle will keep it
    made = kept(
        work / "encodings.pt",
        lambda: vars(encode_data(base, first, labelled, pictures, training.seed)),
        resume,
    )
    encodings = Encodings(**made)
    fusions = Fusions(base, joint, labelled, encodings, training.fusion)
    trained = fusions.train(base.config.fusion, training.seed).half().float().requires_grad_(False)
    trained.space = learned_space(trained.fusion.dims, space, labelled, encodings, pictures, training.space)
    measured, heads, unrelated_pairs = measure_everything(
        Measures(base, trained, labelled, encodings, pictures, said.held_out)
    )
    frozen = kept(
        work / "frozen.pt", lambda: frozen_encoders(first, labelled, published, training.seed), resume
    )
    untuned, tuned = (
        probe_pictures(labelled, each, base.heads["sentiment"]) for each in (published, pictures)
    )
    if cross_validated:
        measured["evaluations"]["topic_cross_validated"] = kept(
            work / "cross_validated.pt",
            lambda: cross_validate(lambda: base_bundle(out, model), "topic", labelled.tweets["topic"], work),
            resume,
        )
        measured["sentiment_alone"] = kept(
            work / "sentiment_alone.pt",
            lambda: sentiment_alone(base_bundle(out, model), labelled, training.text, work, resume),
            resume,
        )
    if teacher is not None and wise is not None:
        measured["teacher"] = teacher_figures(teacher, wise, labelled)
    metrics = {
        "seed": training.seed,
        **measured,
        "ablation": ablation({**frozen, "mvsa_image": untuned}, tuned, measured),
        "fusions": kept(work / "fusions.pt", fusions.compare, resume),
    }
    config = replace(base.config, heads=heads, space=replace(space, unrelated=unrelated_pairs))
    save_bundle(out, config, trained, base.tokenizer, metrics, model_card(config, metrics))
    metrics["explanations"] = kept(
        work / "explanations.pt", lambda: explanation_evidence(load_model(out), _dev_posts(labelled)), resume
    )
    save_bundle(out, config, trained, base.tokenizer, metrics, model_card(config, metrics))
    return metrics


def learned_space(
    dims: Mapping[str, int],
    config: SpaceConfig,
    labelled: LabelledData,
    encodings: Encodings,
    pictures: Mapping[str, Tensor],
    training: SpaceTraining,
) -> SharedSpace:
    """Learn the projections anew on the final encodings."""
    paths, owner = distinct_pictures(labelled.captions.train)
    image = torch.stack([pictures[path] for path in paths])
    torch.manual_seed(training.seed)
    space = SharedSpace(dims, config)
    return fit_space(
        space,
        encodings.captions["train"],
        image,
        owner,
        encodings.pairs["train"],
        encodings.meaning,
        training,
    )


def _dev_posts(labelled: LabelledData) -> pd.DataFrame:
    """Give the posts of MVSA dev as `explanation_evidence` reads them."""
    classes = np.array(HEADS["sentiment"].classes)
    dev = labelled.pairs.val
    return pd.DataFrame(
        {
            "text": dev["text"],
            "images": [[path] for path in dev["picture"]],
            **{column: classes[dev[column]] for column in LABEL_OF_VIEW.values()},
        }
    )


def _paths(labelled: LabelledData) -> list[str]:
    return [
        path
        for splits in (labelled.captions, labelled.pairs)
        for frame in (splits.train, splits.val)
        for path in frame["picture"]
    ]
