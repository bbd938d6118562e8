"""Builds the encoders that a configuration describes: with published weights, or with those of a bundle to come.

Each modality (`analysis.model.modalities`) selects a builder by `EncoderConfig.kind`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from analysis.errors import BundleError, PostLensError
from analysis.model.bundle_files import first_line_of_error
from analysis.model.config import BY_LANGUAGE, EncoderConfig
from analysis.model.encoders import ClipImageNetwork, ImageEncoder, TextEncoder
from analysis.model.modalities import find_modality
from analysis.model.share_correction import ShareCorrection
from analysis.model.text_branches import BranchedTextEncoder

TEXT_NETWORKS = frozenset(
    {
        "albert", "bert", "big_bird", "camembert", "convbert", "data2vec-text", "deberta", "deberta-v2",
        "distilbert", "electra", "ernie", "eurobert", "flaubert", "gte", "ibert", "jina_embeddings_v3", "longformer",
        "luke", "megatron-bert", "mobilebert", "modernbert", "mpnet", "mra", "nomic_bert", "nystromformer",
        "rembert", "roberta", "roberta-prelayernorm", "roc_bert", "roformer", "squeezebert", "xlm",
        "xlm-roberta", "xlm-roberta-xl", "xmod", "yoso",
    }
)  # fmt: skip
"""Allowed values of `model_type`: text encoders that read token ids and a mask. Other networks in transformers load
additional networks, some of them from the hub."""
_LIBRARY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_no_init_lock = threading.Lock()
"""`no_init_weights` replaces PyTorch's functions; two threads at once would not restore them."""
_RUNTIME_OPTIONS = ("attn_implementation", "experts_implementation", "dtype", "torch_dtype")
"""Options that are removed from configurations: an attention implementation can name a repository to load."""


def build_encoder(config: EncoderConfig, pretrained: bool = False) -> nn.Module:
    """Build the encoder that a configuration describes.

    Args:
        config: The encoder's configuration.
        pretrained: Load published weights from the hub, a folder or the library's cache, without running remote code.
            Otherwise the weights are uninitialised until a bundle's weights are loaded, and neither network nor
            disk is accessed.

    Returns:
        The encoder, in evaluation mode.

    Raises:
        BundleError: The kind or name is unknown, or the weights cannot be loaded.
    """
    modality = find_modality(config.kind)
    try:
        return modality.build(config, pretrained).eval()
    except PostLensError:
        raise
    except Exception as error:  # the libraries raise errors of many types
        fact = "cannot be loaded" if pretrained else "cannot be built"
        raise BundleError(
            f"Encoder {config.name!r} of {config.kind}",
            f"{fact} ({first_line_of_error(error)})",
            "Check the name. Published weights require network access or a local folder.",
        ) from error


def _build_transformers(config: EncoderConfig, pretrained: bool) -> TextEncoder:
    from transformers import AutoConfig, AutoModel
    from transformers.initialization import no_init_weights

    if pretrained:
        network = AutoModel.from_pretrained(config.name, trust_remote_code=False)
    else:
        values = _read_architecture(config)
        if values.get("model_type") not in TEXT_NETWORKS:
            raise ValueError(f"{str(values.get('model_type'))[:40]!r} is not a supported text encoder")
        # The bundle's weights follow; random initialisation of 22 M weights takes a second.
        with _no_init_lock, no_init_weights():
            network = AutoModel.from_config(
                AutoConfig.for_model(**values), dtype=torch.float32, trust_remote_code=False
            )
    correction = ShareCorrection(config.dim, config.share_rank) if config.share_rank else None
    return TextEncoder(network, config.pooling, correction)


def _build_by_language(config: EncoderConfig, pretrained: bool) -> nn.Module:
    branches = config.branches
    encoders = {name: _build_transformers(branch, pretrained) for name, branch in branches.items()}
    return BranchedTextEncoder(encoders, {name: branch.dim for name, branch in branches.items()})


def _build_timm(config: EncoderConfig, pretrained: bool) -> nn.Module:
    import timm

    if not pretrained:
        _check_library_name(config.name, timm.is_model(config.name))
    published = pretrained and not config.weights
    network = timm.create_model(config.name, pretrained=published, num_classes=0)
    return ImageEncoder(_load_weights_file(network, config) if pretrained else network)


def _build_torchvision(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from torchvision import models

    if not pretrained:  # detection models always load the weights of their backbone
        _check_library_name(config.name, config.name in models.list_models(module=models))
    published = pretrained and not config.weights
    # RegNet computes its layer sizes with tensors, which the "meta" device does not support.
    with torch.device("cpu") if config.name.startswith("regnet") else nullcontext():
        network: Any = models.get_model(config.name, weights="DEFAULT" if published else None)
    if pretrained:
        network = _load_weights_file(network, config)
    for classifier in ("fc", "classifier", "heads", "head"):
        if hasattr(network, classifier):
            setattr(network, classifier, nn.Identity())
            return ImageEncoder(network)
    raise ValueError("its classifier layer has an unknown name")


def _load_weights_file(network: Any, config: EncoderConfig) -> Any:
    """Load the weights file in the configuration, if any, without the classifier."""
    if config.weights:
        from timm.models import load_state_dict

        network.load_state_dict(load_state_dict(config.weights), strict=False)
    return network


def _build_clip_text(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    network = (
        CLIPTextModelWithProjection.from_pretrained(config.name, trust_remote_code=False)
        if pretrained
        else CLIPTextModelWithProjection(CLIPTextConfig(**_read_architecture(config)))
    )
    return TextEncoder(network, "projection")


def _build_clip_image(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    network = (
        CLIPVisionModelWithProjection.from_pretrained(config.name, trust_remote_code=False)
        if pretrained
        else CLIPVisionModelWithProjection(CLIPVisionConfig(**_read_architecture(config)))
    )
    return ImageEncoder(ClipImageNetwork(network))


def _check_library_name(name: str, known: bool) -> None:
    """Reject names that are not networks of the library, such as "hf-hub:...", which would be downloaded."""
    if not known or not _LIBRARY_NAME.fullmatch(name):
        raise ValueError("it is not the name of a network in the library")


def _read_architecture(config: EncoderConfig) -> dict[str, Any]:
    """Return the values of a transformers configuration, without those that select code to run or how to run it."""
    values = dict(config.architecture)
    for name in ("auto_map", "quantization_config"):
        if name in values:
            raise ValueError(f"its architecture contains {name}, which is not allowed in a bundle")
    return {
        name: value
        for name, value in values.items()
        if not name.startswith("_") and name not in _RUNTIME_OPTIONS
    }


Builder = Callable[[EncoderConfig, bool], nn.Module]
TEXT_BUILDERS: Mapping[str, Builder] = {
    "transformers": _build_transformers,
    "clip-text": _build_clip_text,
    BY_LANGUAGE: _build_by_language,
}
IMAGE_BUILDERS: Mapping[str, Builder] = {
    "timm": _build_timm,
    "torchvision": _build_torchvision,
    "clip-image": _build_clip_image,
}
"""Builders by encoder kind; the second argument is `pretrained`, see `build_encoder`."""
