"""Stage 5 of the `compact` recipe: retrain fusion and heads on the final encodings, and compare kinds of fusion.

Stage 3 shows each view of a pair only a few times, which is enough for the encoder but not for the fusion. Retraining
for several epochs improves accuracy on MVSA dev from 0.596 to 0.624 for images alone and from 0.693 to 0.707 for
texts alone; for both it remains 0.722.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig, Head
from analysis.model.fusion import FUSIONS, AdditiveFusion, build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import compute_probabilities
from analysis.training.compact.additive import fit_additive
from analysis.training.compact.encodings import Encodings
from analysis.training.compact.fused import BLANK_RATE
from analysis.training.compact.measures import count_parameters
from analysis.training.core.config import ExamplesConfig
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.examples import (
    VIEWS,
    Examples,
    concatenate_examples,
    fill_absent_with_blanks,
    make_examples,
    make_pair_examples,
    stack_training_encodings,
)
from analysis.training.core.loop import compute_example_loss, fit_one_cycle
from analysis.training.core.losses import make_equal_weights

SEEDS = 3
VIEW_WEIGHT = {"both": 1.0, "text": 0.5, "image": 0.5}
"""Weights of the three views of a pair."""
RETRAINING = ExamplesConfig(
    epochs=6, batch=256, learning_rate=1e-3, weight_decay=0.1, label_smoothing=0.05, squared_error=0.5
)
ADDITIVE = FusionConfig(kind="additive", rank=0)
"""Without pairs, the best weights are found directly; see `fit_additive`."""


@dataclass(frozen=True)
class FusionTrainer:
    """Trains each kind of fusion on the same examples: pairs with labels, and tweets with the model's predictions.

    Attributes:
        base: Defines the heads and the fusion's configuration.
        trained: The model of stage 3; its predictions are used as targets where labels are missing.
        labelled: The data.
        encodings: The encoded data.
        training: Settings.
    """

    base: Bundle
    trained: MultimodalModel
    labelled: LabelledData
    encodings: Encodings
    training: ExamplesConfig

    def compare(self) -> list[dict[str, Any]]:
        """Train and evaluate each kind of fusion: name, parameters, accuracy by seed, and mean accuracy."""
        configs = [replace(self.base.config.fusion, kind=kind) for kind in FUSIONS if kind != "additive"]
        return [self._measure(config) for config in (ADDITIVE, *configs)]

    def train(self, fusion: FusionConfig, seed: int) -> MultimodalModel:
        """Train a new fusion and new heads; the encoders do not change.

        Args:
            fusion: Kind and sizes.
            seed: Seed of all random numbers.

        Returns:
            A model with the encoders of `base`, without a shared space, in evaluation mode.
        """
        encoders, heads = dict(self.base.model.encoders.items()), self.base.heads
        model = MultimodalModel(
            {modality: nn.Identity() for modality in encoders},
            build_fusion(self.trained.fusion.dims, fusion),
            heads,
        )
        title, config = f"{fusion.kind} fusion", replace(self.training, seed=seed)
        if isinstance(model.fusion, AdditiveFusion):
            fit_additive(model, self._examples, heads, config.label_smoothing)
        else:
            fit_on_encodings(model, self._examples, heads, self.encodings.blanks, config, title)
        for modality, encoder in encoders.items():
            model.encoders[modality] = encoder
        return model

    def _measure(self, fusion: FusionConfig) -> dict[str, Any]:
        dev, encoded = self.labelled.pairs.val, self.encodings.pairs["dev"]
        truth = torch.tensor(dev["label"].to_numpy())
        correct = []
        for seed in range(SEEDS):
            model = self.train(fusion, self.training.seed + seed)
            with torch.inference_mode():
                logits = model.predict(encoded, torch.ones(len(dev), 2))["sentiment"]
            correct.append(float((logits.argmax(1) == truth).float().mean()))
        return {
            "fusion": fusion.kind,
            "parameters": count_parameters(model.fusion, model.heads),
            "accuracy": [round(value, 4) for value in correct],
            "mean": round(sum(correct) / SEEDS, 4),
        }

    @cached_property
    def _examples(self) -> Examples:
        """Unlabelled tweets as text alone, and pairs in each view."""
        tweets, heads = self.encodings.unlabelled[0], self.base.heads
        frame, encoded = self.labelled.pairs.train, self.encodings.pairs["train"]
        text, image, targets = list(encoded["text"]), list(encoded["image"]), self._predict(encoded["text"])
        return concatenate_examples(
            make_examples({"text": list(tweets), "image": None}, self._predict(tweets), heads),
            *(
                make_pair_examples(frame, view, text, image, heads, targets, VIEW_WEIGHT[view])
                for view in VIEWS
            ),
        )

    def _predict(self, text: Tensor) -> dict[str, Tensor]:
        """Predict texts without images: class probabilities by head, (texts, classes)."""
        absent = torch.zeros(len(text), self.trained.fusion.dims["image"])
        shown = torch.tensor([VIEWS["text"]]).expand(len(text), -1)
        with torch.inference_mode():
            logits = self.trained.predict({"text": text, "image": absent}, shown)
        return compute_probabilities(self.base.heads, logits)


def fit_on_encodings(
    model: MultimodalModel,
    examples: Examples,
    heads: Mapping[str, Head],
    blanks: Mapping[str, Tensor],
    config: ExamplesConfig,
    title: str = "fusion",
    blank_rate: float = BLANK_RATE,
) -> MultimodalModel:
    """Train fusion and heads from scratch on encodings.

    Args:
        model: A model with `nn.Identity` encoders; fusion and heads are reset with the seed, then trained in place.
        examples: Examples whose inputs are encodings.
        heads: The heads by name.
        blanks: Encodings of blank inputs, (blanks, dim) by modality.
        config: Settings.
        title: Label of the progress bar.
        blank_rate: Share of absent modalities replaced by blank inputs; see `fill_absent_with_blanks`.

    Returns:
        The same model, in evaluation mode.
    """
    torch.manual_seed(config.seed)
    generator = torch.Generator().manual_seed(config.seed)
    learned = nn.ModuleList([model.fusion, model.heads])
    learned.apply(_reset_parameters)
    collate = dict.fromkeys(model.modalities, stack_training_encodings)
    weights = make_equal_weights(heads)

    def compute_loss(rows: Tensor) -> Tensor:
        batch = fill_absent_with_blanks(examples.take(rows), blanks, blank_rate, generator)
        return compute_example_loss(model, batch, collate, heads, weights, config, generator)

    model.train()
    fit_one_cycle(learned.parameters(), len(examples), compute_loss, generator, config, title)
    return model.eval()


def _reset_parameters(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.LayerNorm):
        module.reset_parameters()
    elif isinstance(module, nn.ParameterDict):
        for parameter in module.values():
            nn.init.zeros_(parameter)
