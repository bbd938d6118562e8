"""The recipe of the `compact` bundle, stage by stage; `--resume` carries on after the last stage that was done.

1. The text encoder is fine-tuned on every text task, and on captions and pairs for the shared space (`text`).
   The image encoder stays as it was trained on ImageNet.
2. Every text and picture is encoded once by the final encoders, rounded as the bundle keeps them (`encodings`).
3. The space's projections are learned anew in large batches (`contrastive`).
4. The fusion and all heads learn: sentiment from MVSA in every view; every head from the text model's answers to
   tweets, most of them unlabelled (distillation). Kinds of fusion are compared on the same encodings.
5. Temperatures are fitted, and everything is measured on dev and validation splits (`measures`, `card`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoTokenizer

from analysis.errors import BundleError
from analysis.model.bundle import Bundle, build_model, save_bundle
from analysis.model.config import EncoderConfig, FusionConfig, ModelConfig, SpaceConfig
from analysis.model.fusion import FUSIONS, build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.model.space import SharedSpace
from analysis.training.ablation import ablation, frozen_encoders
from analysis.training.card import model_card
from analysis.training.checkpoints import LITE0, MINILM, base_encoders, tokenizer_source
from analysis.training.contrastive import SpaceTraining, fit_space
from analysis.training.cross_validation import cross_validate
from analysis.training.data import HEADS, LabelledData, read_data
from analysis.training.encodings import Encodings, encode_all_pictures, encode_data, kept
from analysis.training.examples import LABEL_OF_VIEW, VIEWS, Examples, join, make_examples
from analysis.training.joint import JointConfig
from analysis.training.loop import TrainingConfig, fit
from analysis.training.measures import Measures, measure_everything
from analysis.training.text import TaughtSpace, answers, train_text

VIEW_WEIGHT = {"both": 1.0, "text": 0.5, "image": 0.5}
"""Each pair is one post, shown three times."""

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

    text: JointConfig = field(default_factory=lambda: JointConfig(checks=2, patience=4, averaged=2))
    space: SpaceTraining = field(default_factory=SpaceTraining)
    fusion: TrainingConfig = field(default_factory=TrainingConfig)
    seed: int = 0

    def seeded(self) -> CompactTraining:
        """Hand the seed to every stage."""
        return CompactTraining(
            replace(self.text, seed=self.seed),
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
        teacher: A text encoder, as a rule a larger one, that is fine-tuned on the tasks before; its answers to the
            unlabelled texts are learned too (distillation, Hinton et al. 2015).
        cross_validated: Also cross-validate the topics, whose validation split is small; as long again as a pass.

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
    pictures = kept(work / "pictures.pt", lambda: encode_all_pictures(first, _paths(labelled)), resume)
    base = base_bundle(out, model)
    taught = None
    if teacher is not None:
        taught = kept(
            work / "taught.pt", lambda: _taught(teacher, base, labelled, training, work, resume), resume
        )
    text = train_text(
        base, labelled, training.text, work, resume, TaughtSpace(pictures, training.space), taught
    )
    text.half().float().requires_grad_(False)  # as the bundle will keep it
    made = kept(
        work / "encodings.pt",
        lambda: vars(encode_data(base, first, labelled, pictures, training.seed)),
        resume,
    )
    encodings = Encodings(**made)
    base.model.space = learned_space(text, space, labelled, encodings, pictures, training.space)
    recipe = Recipe(base, text, labelled, encodings, training)
    trained = recipe.fit(base.config.fusion, training.seed)
    measured, heads, unrelated_pairs = measure_everything(
        Measures(base, trained, labelled, encodings, pictures, text)
    )
    frozen = kept(
        work / "frozen.pt", lambda: frozen_encoders(first, labelled, pictures, training.seed), resume
    )
    if cross_validated:
        measured["evaluations"]["topic_cross_validated"] = cross_validate(
            lambda: base_bundle(out, model), "topic", labelled.tweets["topic"], work
        )
    metrics = {
        "seed": training.seed,
        **measured,
        "ablation": ablation(frozen, measured),
        "fusions": recipe.compare_fusions(),
    }
    config = replace(base.config, heads=heads, space=replace(space, unrelated=unrelated_pairs))
    save_bundle(out, config, trained, base.tokenizer, metrics, model_card(config, metrics))
    return metrics


@dataclass(frozen=True)
class Recipe:
    """The fourth stage: what the fusion and the heads learn from."""

    base: Bundle
    text: MultimodalModel
    labelled: LabelledData
    encodings: Encodings
    training: CompactTraining

    def fit(self, fusion: FusionConfig, seed: int) -> MultimodalModel:
        """Train a new fusion and new heads on the final encoders."""
        model = self._network(fusion)
        equal = {name: torch.ones(len(head.classes)) for name, head in self.base.heads.items()}
        config = replace(self.training.fusion, seed=seed)
        return fit(
            model,
            self.examples,
            self.base.heads,
            self.encodings.blanks,
            equal,
            config,
            f"{fusion.kind} fusion",
        )

    @cached_property
    def examples(self) -> Examples:
        """MVSA in every view, tweets as text alone; the same for every fusion."""
        pairs = (self.pairs(view) for view in VIEWS)
        tweets = self._make("text", self.encodings.taught, None, self.taught(self.encodings.taught))
        return join(tweets, *pairs)

    def pairs(self, view: str) -> Examples:
        """MVSA train in one view: the sentiment that people saw in just that view; the rest is taught."""
        frame, encoded = self.labelled.pairs.train, self.encodings.pairs["train"]
        targets = self.taught(encoded["text"])
        targets["sentiment"] = torch.tensor(frame[LABEL_OF_VIEW[view]].to_numpy())
        return self._make(view, encoded["text"], encoded["image"], targets)

    def taught(self, text: Tensor) -> dict[str, Tensor]:
        """Ask the text model: class probabilities by head, (texts, classes)."""
        heads = {name: replace(head, exclusive=True) for name, head in self.base.heads.items()}
        with torch.inference_mode():
            return probabilities(heads, self.text.predict({"text": text}, torch.ones(len(text), 1)))

    def compare_fusions(self, seeds: int = 3) -> list[dict[str, Any]]:
        """Train every kind of fusion with several seeds, and measure it on MVSA dev."""
        compared = []
        for kind in FUSIONS:
            fusion = replace(self.base.config.fusion, kind=kind)
            compared.append(self._compare(fusion, kind, seeds))
        return compared

    def _compare(self, fusion: FusionConfig, kind: str, seeds: int) -> dict[str, Any]:
        dev, encoded = self.labelled.pairs.val, self.encodings.pairs["dev"]
        truth = torch.tensor(dev["label"].to_numpy())
        right = []
        for seed in range(seeds):
            model = self.fit(fusion, self.training.seed + seed)
            with torch.inference_mode():
                logits = model.predict(encoded, torch.ones(len(dev), 2))["sentiment"]
            right.append(float((logits.argmax(1) == truth).float().mean()))
        own = sum(parameter.numel() for parameter in model.fusion.parameters())
        return {
            "fusion": kind,
            "parameters": own,
            "accuracy": [round(value, 4) for value in right],
            "mean": round(sum(right) / seeds, 4),
        }

    def _network(self, fusion: FusionConfig) -> MultimodalModel:
        model, dims = self.base.model, self.base.model.fusion.dims
        return MultimodalModel(
            dict(model.encoders.items()), build_fusion(dims, fusion), self.base.heads, model.space
        )

    def _make(self, view: str, text: Tensor, image: Tensor | None, targets: Mapping[str, Tensor]) -> Examples:
        return make_examples(
            text,
            image,
            view,
            targets,
            self.base.model.fusion.dims,
            {name: len(head.classes) for name, head in self.base.heads.items()},
            VIEW_WEIGHT[view] if image is not None else 1.0,
        )


def learned_space(
    text: MultimodalModel,
    config: SpaceConfig,
    labelled: LabelledData,
    encodings: Encodings,
    pictures: Mapping[str, Tensor],
    training: SpaceTraining,
) -> SharedSpace:
    """Learn the projections anew on the final encodings."""
    train = labelled.captions.train
    paths = list(dict.fromkeys(train["picture"]))
    number = {path: index for index, path in enumerate(paths)}
    image = torch.stack([pictures[path] for path in paths])
    torch.manual_seed(training.seed)
    space = SharedSpace({"text": text.fusion.dims["text"], "image": image.shape[1]}, config)
    return fit_space(
        space,
        encodings.captions["train"],
        image,
        torch.tensor([number[path] for path in train["picture"]]),
        encodings.pairs["train"],
        encodings.meaning,
        training,
    )


def teacher_config(name: str) -> EncoderConfig:
    """Describe a text encoder of the hub, or in a folder, pooled by its mean.

    Raises:
        BundleError: It cannot be reached.
    """
    from transformers import AutoConfig

    try:
        size = AutoConfig.from_pretrained(name).hidden_size
    except (OSError, ValueError) as error:
        raise BundleError(
            f"Teacher {name!r}",
            "cannot be loaded",
            "Check the name; published weights need the network or a folder that holds them.",
        ) from error
    return EncoderConfig("transformers", name, dim=size)


def _taught(
    teacher: EncoderConfig,
    base: Bundle,
    labelled: LabelledData,
    training: CompactTraining,
    work: Path,
    resume: bool,
) -> dict[str, Tensor]:
    """Train the teacher, and let it answer the unlabelled texts."""
    config = replace(base.config, encoders={**base.config.encoders, "text": teacher})
    wise = base_bundle(base.folder, config)
    model = train_text(wise, labelled, training.text, work, resume, title="teacher")
    return answers(model, wise.tokenizer, labelled.unlabelled["text"], wise.heads)


def base_bundle(out: Path, model: ModelConfig) -> Bundle:
    """Load the published encoders, frozen, with a fusion and heads yet to be trained."""
    encoders = base_encoders(model)
    architecture = encoders["text"].network.config.to_dict()  # type: ignore[union-attr, operator]
    architecture.pop("_name_or_path")  # where the checkpoint lay on this machine is nobody's business
    text = replace(model.encoders["text"], architecture=architecture)
    config = replace(model, encoders={**model.encoders, "text": text})
    network = build_model(config)
    for modality, encoder in encoders.items():
        network.encoders[modality] = encoder
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_source(model.encoders["text"]))
    return Bundle(out, config, network, tokenizer, "")


def _paths(labelled: LabelledData) -> list[str]:
    return [
        path
        for splits in (labelled.captions, labelled.pairs)
        for frame in (splits.train, splits.val)
        for path in frame["picture"]
    ]
