"""What a bundle's config.json says: encoders, fusion, heads. Plain data, read and written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.errors import BundleError

SENTIMENTS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class EncoderConfig:
    """One encoder f_i.

    Attributes:
        kind: "transformers" (text), "timm" or "torchvision" (pictures).
        name: Name on the hub or in the library, or a folder with a checkpoint.
        dim: Size of the encoding.
        pooling: Text only: "mean" over tokens or "cls".
        max_tokens: Text only: longer texts are cut.
        side: Pictures only: side of the square input, in pixels.
        mean: Pictures only: channel means taken off pixels in 0..1.
        std: Pictures only: channel deviations that pixels are divided by.
        explained_layer: Pictures only: the module of the encoder whose output, (pictures, channels,
            height, width), attributions are made over.
        architecture: Text only: the transformers configuration, so that no network is needed to rebuild it.
    """

    kind: str
    name: str
    dim: int
    pooling: str = "mean"
    max_tokens: int = 128
    side: int = 224
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    explained_layer: str = ""
    architecture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FusionConfig:
    """Fusion g: each modality projected to `width` (0: taken as it is), joined, then one layer of `hidden` units.

    Attributes:
        width: Units that each modality is projected to; 0 for no projection.
        hidden: Units of the layer after joining; 0 for none, which makes linear heads additive.
        dropout: Part of the units dropped in training.
    """

    width: int = 0
    hidden: int = 0
    dropout: float = 0.0


@dataclass(frozen=True)
class Head:
    """One named output layer.

    Attributes:
        name: "sentiment", "topic", ...
        classes: Names of its outputs, as they stand in the report's columns.
        titles: The same for people.
        exclusive: True: softmax, one class holds; False: sigmoid, each class by itself.
        temperature: What logits are divided by before they become probabilities (Guo et al. 2017).
    """

    name: str
    classes: tuple[str, ...]
    titles: tuple[str, ...]
    exclusive: bool = True
    temperature: float = 1.0

    def title(self, name: str) -> str:
        """Say a class's name for people; a name that is not one of the classes comes back as it is."""
        return self.titles[self.classes.index(name)] if name in self.classes else name


@dataclass(frozen=True)
class ModelConfig:
    """A whole model: encoders by modality, fusion, heads by name."""

    name: str
    encoders: Mapping[str, EncoderConfig]
    fusion: FusionConfig
    heads: Mapping[str, Head]

    def to_json(self) -> dict[str, Any]:
        """Give the configuration as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ModelConfig:
        """Read what `to_json` gave.

        Raises:
            BundleError: A part is missing or unknown.
        """
        try:
            return cls(
                name=values["name"],
                encoders={
                    modality: EncoderConfig(
                        **{**part, "mean": tuple(part["mean"]), "std": tuple(part["std"])}
                    )
                    for modality, part in values["encoders"].items()
                },
                fusion=FusionConfig(**values["fusion"]),
                heads={
                    name: Head(**{**part, "classes": tuple(part["classes"]), "titles": tuple(part["titles"])})
                    for name, part in values["heads"].items()
                },
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BundleError(
                "config.json",
                f"does not describe a model ({error})",
                "Use a bundle written by `postlens train`.",
            ) from error
