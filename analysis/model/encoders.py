"""The encoders h_i = f_i(x_i): text by transformers, images by timm or torchvision, both by a CLIP pair.

Each modality (`analysis.model.modalities`) chooses from the builders of its kinds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from analysis.errors import BundleError, PostLensError
from analysis.model.bundle_files import first_line
from analysis.model.config import EncoderConfig
from analysis.model.modalities import modality_of_kind

TEXT_NETWORKS = frozenset(
    {
        "albert", "bert", "big_bird", "camembert", "convbert", "data2vec-text", "deberta", "deberta-v2",
        "distilbert", "electra", "ernie", "eurobert", "flaubert", "gte", "ibert", "jina_embeddings_v3", "longformer",
        "luke", "megatron-bert", "mobilebert", "modernbert", "mpnet", "mra", "nomic_bert", "nystromformer",
        "rembert", "roberta", "roberta-prelayernorm", "roc_bert", "roformer", "squeezebert", "xlm",
        "xlm-roberta", "xlm-roberta-xl", "xmod", "yoso",
    }
)  # fmt: skip
"""Values of `model_type` that a bundle may name: text encoders that read ids and a mask. Others in transformers load
further networks, some of them from the hub."""
_LIBRARY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_CHOICES = ("attn_implementation", "experts_implementation", "dtype", "torch_dtype")
"""A bundle may not choose how a network runs: an attention implementation can name a repository to load."""


class TextEncoder(nn.Module):
    """A transformers encoder whose token states are pooled to one vector.

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
        """The layer that integrated gradients over words start from."""
        embeddings: nn.Module = self.network.get_input_embeddings()  # type: ignore[operator]
        return embeddings

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Encode tokens: (posts, tokens) and its 0/1 mask to (posts, dim)."""
        output = self.network(input_ids=input_ids, attention_mask=attention_mask)
        if self.pooling == "projection":
            projected: Tensor = output.text_embeds  # (posts, dim)
            return projected
        states = output.last_hidden_state
        if self.pooling == "cls":
            return states[:, 0]  # (posts, dim)
        kept = attention_mask.unsqueeze(-1).to(states.dtype)  # (posts, tokens, 1)
        return (states * kept).sum(1) / kept.sum(1).clamp(min=1e-6)  # (posts, dim)


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
        # Convolutions on a CPU are faster in this memory format.
        laid_out = pixels.contiguous(memory_format=torch.channels_last)
        encoded: Tensor = self.network(laid_out)
        return encoded


class ClipImages(nn.Module):
    """CLIP's image network, with the interface of the other image networks.

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
    """Build the encoder that a configuration names.

    Args:
        config: What to build.
        pretrained: Load published weights from the hub, a folder, or the library's cache, without running code that
            comes with them. Otherwise the weights are undefined until a bundle fills them, and neither network
            nor files are read.

    Returns:
        The encoder, in evaluation mode.

    Raises:
        BundleError: The kind or the name is unknown, or the weights cannot be reached.
    """
    modality = modality_of_kind(config.kind)
    try:
        return modality.build(config, pretrained).eval()
    except PostLensError:
        raise
    except Exception as error:  # the libraries raise errors of many types
        fact = "cannot be loaded" if pretrained else "cannot be built"
        raise BundleError(
            f"Encoder {config.name!r} of {config.kind}",
            f"{fact} ({first_line(error)})",
            "Check the name; published weights need the network or a folder that holds them.",
        ) from error


def _transformers(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from transformers import AutoConfig, AutoModel
    from transformers.initialization import no_init_weights

    if pretrained:
        network = AutoModel.from_pretrained(config.name, trust_remote_code=False)
    else:
        values = _architecture(config)
        if values.get("model_type") not in TEXT_NETWORKS:
            raise ValueError(f"{str(values.get('model_type'))[:40]!r} is no text encoder that PostLens knows")
        with no_init_weights():  # a bundle fills the weights; initialising 22 M random numbers takes a second
            network = AutoModel.from_config(
                AutoConfig.for_model(**values), dtype=torch.float32, trust_remote_code=False
            )
    return TextEncoder(network, config.pooling)


def _timm(config: EncoderConfig, pretrained: bool) -> nn.Module:
    import timm

    if not pretrained:
        _check_library_name(config.name, timm.is_model(config.name))
    published = pretrained and not config.weights
    network = timm.create_model(config.name, pretrained=published, num_classes=0)
    return ImageEncoder(_with_weights(network, config) if pretrained else network)


def _torchvision(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from torchvision import models

    if not pretrained:  # detectors load the weights of their backbone regardless
        _check_library_name(config.name, config.name in models.list_models(module=models))
    published = pretrained and not config.weights
    # RegNet finds its sizes by arithmetic on tensors, which the device "meta" cannot do.
    with torch.device("cpu") if config.name.startswith("regnet") else nullcontext():
        network: Any = models.get_model(config.name, weights="DEFAULT" if published else None)
    if pretrained:
        network = _with_weights(network, config)
    for classifier in ("fc", "classifier", "heads", "head"):
        if hasattr(network, classifier):
            setattr(network, classifier, nn.Identity())
            return ImageEncoder(network)
    raise ValueError("its classifier has a name that is not known")


def _with_weights(network: Any, config: EncoderConfig) -> Any:
    """Load the file of weights that the configuration names, if any; its classifier is ignored."""
    if config.weights:
        from timm.models import load_state_dict

        network.load_state_dict(load_state_dict(config.weights), strict=False)
    return network


def _clip_text(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    network = (
        CLIPTextModelWithProjection.from_pretrained(config.name, trust_remote_code=False)
        if pretrained
        else CLIPTextModelWithProjection(CLIPTextConfig(**_architecture(config)))
    )
    return TextEncoder(network, "projection")


def _clip_image(config: EncoderConfig, pretrained: bool) -> nn.Module:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    network = (
        CLIPVisionModelWithProjection.from_pretrained(config.name, trust_remote_code=False)
        if pretrained
        else CLIPVisionModelWithProjection(CLIPVisionConfig(**_architecture(config)))
    )
    return ImageEncoder(ClipImages(network))


def _check_library_name(name: str, known: bool) -> None:
    """Reject names other than those of the library's networks: "hf-hub:..." would be downloaded."""
    if not known or not _LIBRARY_NAME.fullmatch(name):
        raise ValueError("it is not the name of a network that the library has")


def _architecture(config: EncoderConfig) -> dict[str, Any]:
    """Return the values of a transformers configuration, without those that choose code or how to run it."""
    values = dict(config.architecture)
    for name in ("auto_map", "quantization_config"):
        if name in values:
            raise ValueError(f"its architecture holds {name}, which a bundle must not")
    return {
        name: value for name, value in values.items() if not name.startswith("_") and name not in _CHOICES
    }


Builder = Callable[[EncoderConfig, bool], nn.Module]
TEXT_BUILDERS: Mapping[str, Builder] = {"transformers": _transformers, "clip-text": _clip_text}
IMAGE_BUILDERS: Mapping[str, Builder] = {
    "timm": _timm,
    "torchvision": _torchvision,
    "clip-image": _clip_image,
}
"""How to build an encoder of each kind; `pretrained` is explained at `build_encoder`."""
