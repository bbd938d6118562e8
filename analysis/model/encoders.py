"""The encoders h_i = f_i(x_i): transformers for text, timm or torchvision for images, CLIP pairs for both.

`analysis.model.builders` builds them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from analysis.model.share_correction import PartNumbers, ShareCorrection


class TextEncoder(nn.Module):
    """A transformers encoder with pooling of the token states to one vector.

    Args:
        network: Any encoder that returns `last_hidden_state`.
        pooling: "mean" over the attended tokens (Reimers & Gurevych 2019), "cls", or "projection": the network's own
            `text_embeds`, as CLIP's (Radford et al. 2021).
        correction: How the shares of tokens are corrected; None for no correction.
    """

    def __init__(
        self, network: nn.Module, pooling: str = "mean", correction: ShareCorrection | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.pooling = pooling
        self.correction = correction

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

    def with_parts(self, weights: Tensor, bias: Tensor) -> nn.Module | None:
        """Return an encoder that also outputs a few numbers per token; None if the encoding is no mean over tokens.

        Args:
            weights: (numbers, dim).
            bias: (numbers,).

        Returns:
            Its outputs are the encodings, (posts, dim), and the numbers, (posts, tokens, numbers): the product of the
            weights and each state, plus the bias, divided by the number of tokens, and corrected
            (`ShareCorrection`). They add up to the product of the weights and the encoding, plus the bias.
        """
        if self.pooling != "mean":
            return None
        return _TextEncoderWithParts(self.network, PartNumbers(weights, bias, self.correction))


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

    def with_parts(self, weights: Tensor, bias: Tensor) -> nn.Module | None:
        """Return an encoder that also outputs a few numbers per position; see `TextEncoder.with_parts`.

        Its encodings can differ from those of this encoder, if the network's output is no mean over positions.
        """
        features = _find_feature_map(self.network)
        if features is None:
            return None
        return _ImageEncoderWithParts(features, PartNumbers(weights, bias))


class _TextEncoderWithParts(nn.Module):
    """A text encoder that also outputs numbers for each token."""

    def __init__(self, network: nn.Module, numbers: PartNumbers) -> None:
        super().__init__()
        self.network, self.numbers = network, numbers

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Encode tokens: (posts, tokens) to (posts, dim) and (posts, tokens, numbers)."""
        states = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        shares = _mean_weights(attention_mask)  # (posts, tokens, 1)
        mean = (states * shares).sum(1)
        return mean, self.numbers(states, mean, shares)


class _ImageEncoderWithParts(nn.Module):
    """An image encoder that also outputs numbers for each position."""

    def __init__(self, features: Callable[[Tensor], Tensor], numbers: PartNumbers) -> None:
        super().__init__()
        self.features, self.numbers = features, numbers

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pixels: (images, 3, side, side) to (images, dim) and (images, positions, numbers)."""
        states = (
            self.features(_to_channels_last(pixels)).flatten(2).transpose(1, 2)
        )  # (images, positions, dim)
        mean = states.mean(1)
        return mean, self.numbers(states, mean, 1 / states.shape[1])


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
