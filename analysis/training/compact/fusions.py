"""Fusion and heads trained anew on the final encodings; kinds of fusion compared on MVSA dev, with several seeds.

Joint training shows each view of a pair once, which is enough for the encoder and too little for the fusion: trained
anew in several passes, it is right about pictures alone in 0.624 of MVSA dev (0.596 before), texts alone in 0.707
(0.693), and both in 0.722 as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from analysis.model.bundle import Bundle
from analysis.model.config import FusionConfig
from analysis.model.fusion import FUSIONS, build_fusion
from analysis.model.network import MultimodalModel
from analysis.model.outputs import probabilities
from analysis.training.compact.encodings import Encodings
from analysis.training.core.data_sets import LabelledData
from analysis.training.core.encoded_loop import TrainingConfig, fit
from analysis.training.core.examples import LABEL_OF_VIEW, VIEWS, Examples, join, make_examples

SEEDS = 3
VIEW_WEIGHT = {"both": 1.0, "text": 0.5, "image": 0.5}
"""Each pair is one post, shown three times."""


@dataclass(frozen=True)
class Fusions:
    """What every kind learns from: pairs with their labels, tweets with the trained model's answers.

    Attributes:
        base: Heads and the fusion's configuration.
        trained: The model that was trained; answers what pairs have no label for.
        labelled: The data.
        encodings: The data, encoded.
        training: How.
    """

    base: Bundle
    trained: MultimodalModel
    labelled: LabelledData
    encodings: Encodings
    training: TrainingConfig

    def compare(self) -> list[dict[str, Any]]:
        """Train and measure every kind: its name, parameters, accuracy by seed, and their mean."""
        return [self._compare(replace(self.base.config.fusion, kind=kind)) for kind in FUSIONS]

    def _compare(self, fusion: FusionConfig) -> dict[str, Any]:
        dev, encoded = self.labelled.pairs.val, self.encodings.pairs["dev"]
        truth = torch.tensor(dev["label"].to_numpy())
        right = []
        for seed in range(SEEDS):
            model = self.train(fusion, self.training.seed + seed)
            with torch.inference_mode():
                logits = model.predict(encoded, torch.ones(len(dev), 2))["sentiment"]
            right.append(float((logits.argmax(1) == truth).float().mean()))
        return {
            "fusion": fusion.kind,
            "parameters": sum(parameter.numel() for parameter in model.fusion.parameters()),
            "accuracy": [round(value, 4) for value in right],
            "mean": round(sum(right) / SEEDS, 4),
        }

    def train(self, fusion: FusionConfig, seed: int) -> MultimodalModel:
        """Train a new fusion and new heads; encoders stay as they are.

        Args:
            fusion: Kind and sizes.
            seed: Of everything that is left to chance.

        Returns:
            A model with the base's encoders, in evaluation mode, without a shared space.
        """
        encoders, heads = dict(self.base.model.encoders.items()), self.base.heads
        return fit(
            MultimodalModel(encoders, build_fusion(self.trained.fusion.dims, fusion), heads),
            self._examples,
            heads,
            self.encodings.blanks,
            {name: torch.ones(len(head.classes)) for name, head in heads.items()},
            replace(self.training, seed=seed),
            f"{fusion.kind} fusion",
        )

    @cached_property
    def _examples(self) -> Examples:
        """Pairs in every view, unlabelled tweets as text alone; the same for every kind."""
        tweets = self.encodings.meaning[0]
        return join(
            self._make("text", tweets, None, self._said(tweets)), *(self._pairs(view) for view in VIEWS)
        )

    def _pairs(self, view: str) -> Examples:
        frame, encoded = self.labelled.pairs.train, self.encodings.pairs["train"]
        targets = self._said(encoded["text"])
        targets["sentiment"] = torch.tensor(frame[LABEL_OF_VIEW[view]].to_numpy())
        return self._make(view, encoded["text"], encoded["image"], targets)

    def _said(self, text: Tensor) -> dict[str, Tensor]:
        """Ask the trained model about texts alone: class probabilities by head, (texts, classes)."""
        absent = torch.zeros(len(text), self.trained.fusion.dims["image"])
        shown = torch.tensor([VIEWS["text"]]).expand(len(text), -1)
        with torch.inference_mode():
            logits = self.trained.predict({"text": text, "image": absent}, shown)
        return probabilities(self.base.heads, logits)

    def _make(self, view: str, text: Tensor, image: Tensor | None, targets: Mapping[str, Tensor]) -> Examples:
        return make_examples(
            text,
            image,
            view,
            targets,
            self.trained.fusion.dims,
            {name: len(head.classes) for name, head in self.base.heads.items()},
            VIEW_WEIGHT[view] if image is not None else 1.0,
        )
