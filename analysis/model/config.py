"""The configuration in a bundle's config.json: encoders, fusion and heads, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.model.modalities import MODALITIES

SENTIMENTS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class EncoderConfig:
    """One encoder f_i.

    Attributes:
        kind: One of the kinds of its modality (`analysis.model.modalities`), such as "transformers".
        name: Name on the hub or in the library, or a folder with a checkpoint.
        dim: Size of the encoding.
        pooling: Text only: "mean" over tokens, "cls", or "projection" as CLIP's.
        max_tokens: Text only: longer texts are cut.
        side: Images only: side of the square input, in pixels.
        mean: Images only: channel means taken off pixels in 0..1.
        std: Images only: channel deviations that pixels are divided by.
        explained_layer: Images only: the module of the encoder whose output, (images, channels,
            height, width), attributions are made over.
        weights: Images only: a .pth or .safetensors file to start training from, in place of the published weights.
        architecture: The transformers configuration, so that no network is needed to rebuild it.
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
    weights: str = ""
    architecture: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FusionConfig:
    """Fusion g: projects each modality to `width` (0: no projection), combines them, adds a layer of `hidden` units.

    Attributes:
        kind: How the parts are combined: "concat", "gated" or "bilinear"; see `analysis.model.fusion`.
        width: Units that each modality is projected to; 0 for no projection.
        hidden: Units of the layer after joining; 0 for none, which makes linear heads additive.
        dropout: Part of the units dropped in training.
        rank: Bilinear only: in how many ways the parts are multiplied.
    """

    width: int = 0
    hidden: int = 0
    dropout: float = 0.0
    kind: str = "concat"
    rank: int = 4


@dataclass(frozen=True)
class SpaceConfig:
    """The space that the modalities share.

    Attributes:
        dim: Size of its vectors.
        hidden: Units of a modality's hidden layer; a modality left out is projected by one linear layer.
        dropout: Part of the units dropped in training.
        unrelated: Ascending quantiles of the similarity of texts and images of different posts, -1..1.
    """

    dim: int
    hidden: Mapping[str, int] = field(default_factory=dict)
    dropout: float = 0.0
    unrelated: tuple[float, ...] = ()


@dataclass(frozen=True)
class Head:
    """One named output layer.

    Attributes:
        name: "sentiment", "topic", ...
        classes: Names of its outputs, as in the report's columns.
        titles: The same for people.
        exclusive: True: softmax, exactly one class applies; False: sigmoid, classes are independent.
        temperature: Divides logits before they become probabilities (Guo et al. 2017).
        alone: The same for posts with just one modality, in the order of the presence mask; empty if `temperature`
            applies to all.
        reads: The modalities that it reads; empty for all. It treats the others as absent.
        values: A number for each class, such as -1, 0, 1 for sentiment. Their mean under the probabilities (the
            valence) is then also trained, by squared error.
        needs: Modalities that a post must have to be assigned a class; probabilities are computed regardless.
    """

    name: str
    classes: tuple[str, ...]
    titles: tuple[str, ...]
    exclusive: bool = True
    temperature: float = 1.0
    alone: tuple[float, ...] = ()
    reads: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def mark(self) -> str | None:
        """The class that a yes-or-no head detects: "irony" for not_irony and irony; None for other heads."""
        two = self.exclusive and len(self.classes) == 2 and self.classes[0].startswith("not_")
        return self.classes[1] if two else None

    def answers(self, present: Iterable[str]) -> bool:
        """Return whether it reads any of these modalities."""
        return not self.reads or any(modality in self.reads for modality in present)

    def title(self, name: str) -> str:
        """Return a class's title; a name that is not one of the classes is returned unchanged."""
        return self.titles[self.classes.index(name)] if name in self.classes else name


@dataclass(frozen=True)
class ModelConfig:
    """A model: encoders by modality, fusion, heads by name.

    Attributes:
        name: The bundle's name.
        encoders: By modality; their order is the order of the presence mask.
        fusion: How encodings are fused.
        heads: By name.
        space: The space that the modalities share; None if it has none.
        languages: ISO 639-1 codes of the languages that it was trained and tested on.
    """

    name: str
    encoders: Mapping[str, EncoderConfig]
    fusion: FusionConfig
    heads: Mapping[str, Head]
    space: SpaceConfig | None = None
    languages: tuple[str, ...] = ("en",)

    @property
    def modalities(self) -> dict[str, str]:
        """Titles of its modalities by name, in the order of the presence mask."""
        return {name: MODALITIES[name].label for name in self.encoders}

    def to_json(self) -> dict[str, Any]:
        """Convert the configuration to JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> ModelConfig:
        """Read what `to_json` returned; any other values are rejected.

        Raises:
            BundleError: A value is missing, unknown, of the wrong type or out of range.
        """
        from analysis.model.config_json import parse_config

        return parse_config(values)
