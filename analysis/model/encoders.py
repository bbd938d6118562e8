"""The encoders h_i = f_i(x_i): transformers for text, timm or torchvision for images, CLIP pairs for both.

Each modality (`analysis.model.modalities`) selects a builder by `EncoderConfig.kind`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from analysis.errors import BundleError, PostLensError
from analysis.model.bundle_files import first_line_of_error
from analysis.model.config import EncoderConfig
from analysis.model.modalities import find_modality

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


class TextEncoder(nn.Module):
    """A transformers encoder with pooling of the token states to one vector.

    Args:
        network: Any encoder that returns `last_hidden_state`.
        pooling: "mean" over the attended tokens (Reimers & Gurevych 2019), "cls", or "projection": the network's own
            `text_embeds`, as CLIP's (Radford et al. 2021).
    """

    def __init__(self, network: nn.Module, pooling: str = "mean") -> None:
        super().__init__()
        self.network = network
        self.pooling = pooling

    @property
    def word_embeddings(self) -> nn.Module:
        """The embedding layer, on which word attributions are computed."""
        embeddings: nn.Module = self.network.get_input_embeddings()  # type: ignore[operator]
        return embeddings

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Encode tokens: (posts, tokens) and its 0/1 mask to (posts, dim)."""
        output = self.network(input_ids=input_ids, attention_mask=attention_mask)
        if self.pooling == "projection":
            projected: Tensor = output.text_embeds  # (posts, dim)
            return projected
        states = output.last_hidden_state
        return states[:, 0] if self.pooling == "cls" else (states * _mean_weights(attention_mask)).sum(1)

    def with_parts(self, weights: Tensor, mean: Tensor) -> nn.Module | None:
        """Return an encoder that also outputs a few numbers per token; None if the encoding is no mean over tokens.

        Args:
            weights: (numbers, dim).
            mean: Subtracted from each token's state, (dim,).

        Returns:
            Its outputs are the encodings, (posts, dim), and the numbers, (posts, tokens, numbers): the product of the
            weights and each state, divided by the number of tokens. So they add up to the product of the weights and
            the encoding minus `mean`.
        """
        return _TextEncoderWithParts(self, weights, mean) if self.pooling == "mean" else None


class ImageEncoder(nn.Module):
    """A convolutional or transformer image network without its classifier.

    Args:
        network: Maps (images, 3, side, side) to (images, dim).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        """Encode normalised pixels: (images, 3, side, side) to (images, dim)."""
        encoded: Tensor = self.network(_to_channels_last(pixels))
        return encoded

    def with_parts(self, weights: Tensor, mean: Tensor) -> nn.Module | None:
        """Return an encoder that also outputs a few numbers per position; see `TextEncoder.with_parts`.

        Its encodings can differ from those of this encoder, if the network's output is no mean over positions.
        """
        features = _find_feature_map(self.network)
        return None if features is None else _ImageEncoderWithParts(features, weights, mean)


class _TextEncoderWithParts(nn.Module):
    """A text encoder that also outputs the product of weights and each token's state, divided by their number."""

    def __init__(self, encoder: TextEncoder, weights: Tensor, mean: Tensor) -> None:
        super().__init__()
        self.network = encoder.network
        self.numbers = _build_number_layer(weights, mean)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Encode tokens: (posts, tokens) to (posts, dim) and (posts, tokens, numbers)."""
        states = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        shares = _mean_weights(attention_mask)  # (posts, tokens, 1)
        return (states * shares).sum(1), self.numbers(states) * shares


class _ImageEncoderWithParts(nn.Module):
    """An image encoder that also outputs the product of weights and the features of each position, likewise."""

    def __init__(self, features: Callable[[Tensor], Tensor], weights: Tensor, mean: Tensor) -> None:
        super().__init__()
        self.features = features
        self.numbers = _build_number_layer(weights, mean)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pixels: (images, 3, side, side) to (images, dim) and (images, positions, numbers)."""
        states = (
            self.features(_to_channels_last(pixels)).flatten(2).transpose(1, 2)
        )  # (images, positions, dim)
        return states.mean(1), self.numbers(states) / states.shape[1]


def _build_number_layer(weights: Tensor, mean: Tensor) -> nn.Linear:
    """Build the layer that computes the product of weights and a state minus the mean."""
    layer = nn.Linear(weights.shape[1], weights.shape[0], device=weights.device)
    with torch.no_grad():
        layer.weight.copy_(weights)
        layer.bias.copy_(-weights @ mean)
    return layer.requires_grad_(False)


def _mean_weights(attention_mask: Tensor) -> Tensor:
    """Return the weight of each token in the mean, (posts, tokens, 1)."""
    kept = attention_mask.unsqueeze(-1).float()
    return kept / kept.sum(1, keepdim=True).clamp(min=1e-6)


def _to_channels_last(pixels: Tensor) -> Tensor:
    """Change the memory format: convolutions on the CPU are faster in this one."""
    return pixels.contiguous(memory_format=torch.channels_last)


def _find_feature_map(network: nn.Module) -> Callable[[Tensor], Tensor] | None:
    """Find the function that may compute the feature map whose mean over positions is a network's output.

    timm's networks have one. In torchvision's, it is the layers before `avgpool`.
    """
    names = [name for name, _ in network.named_children()]
    if "avgpool" in names:
        return nn.Sequential(*list(network.children())[: names.index("avgpool")])
    found: Callable[[Tensor], Tensor] | None = getattr(network, "forward_features", None)
    return found


class ClipImageNetwork(nn.Module):
    """Adapts CLIP's image network to the interface of the other image networks.

    Args:
        network: A transformers `CLIPVisionModelWithProjection`.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.clip = network

    def forward(self, pixels: Tensor) -> Tensor:
        """Encode normalised pixels: (images, 3, side, side) to (images, dim)."""
        encoded: Tensor = self.clip(pixel_values=pixels).image_embeds
        return encoded


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


def _build_transformers(config: EncoderConfig, pretrained: bool) -> nn.Module:
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
    return TextEncoder(network, config.pooling)


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
TEXT_BUILDERS: Mapping[str, Builder] = {"transformers": _build_transformers, "clip-text": _build_clip_text}
IMAGE_BUILDERS: Mapping[str, Builder] = {
    "timm": _build_timm,
    "torchvision": _build_torchvision,
    "clip-image": _build_clip_image,
}
"""Builders by encoder kind; the second argument is `pretrained`, see `build_encoder`."""
