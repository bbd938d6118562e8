"""A modality that only tests have: a list of numbers in a post's further values, and a tiny bundle that reads it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from analysis.model.bundle import Bundle, build_model, load_model
from analysis.model.config import EncoderConfig, FusionConfig, ModelConfig
from analysis.model.modalities import MODALITIES, Registration
from analysis.model.modalities.base import Modality
from analysis.model.saving import save_bundle
from tests.tiny import write_tiny_bundle

VECTOR = [0.5, -1.0, 2.0, 0.0]


class Linear(nn.Module):
    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.layer = nn.Linear(size, dim)

    def forward(self, numbers: Tensor) -> Tensor:
        return self.layer(numbers)


class VectorModality(Modality):
    """A list of numbers in the column `extra`, which contains other values of a post."""

    name = "vector"

    def build(self, config: EncoderConfig, pretrained: bool) -> nn.Module:
        return Linear(4, config.dim)

    def check(self, bundle: Bundle) -> Tensor:
        return bundle.model.encode("vector", numbers=torch.zeros(1, 4))

    def read(self, posts: pd.DataFrame) -> Sequence[list[float] | None]:
        values = [json.loads(extra).get("vector") for extra in posts["extra"]]
        return [
            json.loads(value) if isinstance(value, str) else value for value in values
        ]  # a table's are text

    def is_present(self, content: Sequence[float] | None) -> bool:
        return bool(content)

    def decode(self, bundle: Bundle, content: Sequence[float]) -> Tensor:
        return torch.tensor([content])

    def encode(self, bundle: Bundle, decoded: Tensor) -> Tensor:
        return bundle.model.encode("vector", numbers=decoded)


def register_vector(patch: pytest.MonkeyPatch) -> None:
    """Register the modality until the patch is undone."""
    patch.setitem(MODALITIES, "vector", Registration("Sensor", ("linear",), VectorModality))


def write_vector_bundle(folder: Path) -> Path:
    """Write a bundle of three modalities, in another order than text and image; the modality must be registered."""
    two = load_model(write_tiny_bundle(folder / "two", FusionConfig(8, 8)))
    encoders = {
        "vector": EncoderConfig("linear", "any", dim=3),
        "image": two.config.encoders["image"],
        "text": two.config.encoders["text"],
    }
    heads = {name: replace(head, alone=()) for name, head in two.heads.items()}
    config = ModelConfig("three", encoders, FusionConfig(8, 8), heads, two.config.space)
    torch.manual_seed(1)
    model = build_model(config)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 or "absent" in name:
            nn.init.normal_(parameter, std=0.3)
    for name in ("text", "image"):
        model.encoders[name].load_state_dict(two.model.encoders[name].state_dict())
    save_bundle(folder / "three", config, model, two.tokenizers, {}, "# three\n")
    return folder / "three"
