"""The content of a bundle's config.json as dataclasses: encoders, fusion and heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.columns.options import ColumnOptions
from analysis.model.modalities import MODALITIES

SENTIMENTS = ("negative", "neutral", "positive")
BY_LANGUAGE = "by-language"
"""The kind of a text encoder that has a branch for each language."""
OTHER = "other"
"""The branch of a text encoder for texts of other languages, of several, or of an unknown one."""


@dataclass(frozen=True)
class EncoderConfig:
    """One encoder f_i.

    Attributes:
        kind: An encoder kind registered for the modality (`analysis.model.modalities`), such as "transformers".
        name: Name on the Hugging Face Hub or in the library, or a folder with a checkpoint.
        dim: Size of the encoding.
        pooling: Text only: "mean" over tokens, "cls", or "projection" (the network's own projection, as in CLIP).
        max_tokens: Text only: longer texts are truncated.
        side: Images only: side of the square input, in pixels.
        mean: Images only: channel means, subtracted from pixels in 0..1.
        std: Images only: channel standard deviations that pixels are divided by.
        explained_layer: Images only: the encoder module that attributions are computed on; its output has the shape
            (images, channels, height, width).
        weights: Images only: a .pth or .safetensors file to start training from instead of the published weights.
        architecture: The transformers configuration, stored so that the encoder can be built offline.
        branches: Text of kind "by-language" only: an encoder for each language, and `OTHER` for all other texts.
            `dim` is the sum of their sizes plus their number (`analysis.model.text_branches`).
        certainty: Text of kind "by-language" only: minimum probability of a language for its branch.
        share_rank: Text only: rank of the correction of the tokens' shares (`ShareCorrection`); 0 for none.
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
    branches: Mapping[str, EncoderConfig] = field(default_factory=dict)
    certainty: float = 0.95
    share_rank: int = 0


@dataclass(frozen=True)
class FusionConfig:
    """Fusion g: adds a term per modality, or projects each modality, combines the projections, and applies a layer.

    Attributes:
        kind: "additive", "concat", "gated" or "bilinear"; see `analysis.model.fusion`.
        width: Units that each modality is projected to; 0 for no projection. Not used by "additive".
        hidden: Units of the hidden layer; 0 for none, which makes linear heads additive. Not used by "additive".
        dropout: Dropout rate.
        rank: Rank of the products: of pairs for "additive" (0 for no pairs), of all modalities for "bilinear".
    """

    width: int = 0
    hidden: int = 0
    dropout: float = 0.0
    kind: str = "concat"
    rank: int = 4


@dataclass(frozen=True)
class SpaceConfig:
    """The embedding space that the modalities share.

    Attributes:
        dim: Size of the vectors.
        hidden: Hidden units by modality; a modality that is not listed is projected by one linear layer.
        dropout: Dropout rate.
        unrelated: Quantiles of the similarity of texts and images from different posts, ascending, -1..1.
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
        classes: Class names, as in the report's columns.
        titles: Display names of the classes.
        exclusive: True: softmax, exactly one class applies. False: sigmoid, classes are independent.
        temperature: Divides logits before they become probabilities (Guo et al. 2017).
        alone: Temperatures for posts with only one modality, in the order of the presence mask; empty if
            `temperature` applies to all posts.
        reads: The modalities that the head reads; empty for all. Other modalities are treated as absent.
        values: A number for each class, such as -1, 0, 1 for sentiment. Their expected value (the valence) is then
            also trained, with a squared error.
        needs: Modalities that a post must have to be assigned a class. Probabilities are always computed.
        column_options: How its classes are shown and filtered. They are not part of config.json: a bundle's head has
            those of the default head of its name (`analysis.model.presets`), if there is one.
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
    column_options: ColumnOptions = field(default_factory=ColumnOptions)

    @property
    def mark(self) -> str | None:
        """The positive class of a binary head, such as "irony" for not_irony and irony; None for other heads."""
        binary = self.exclusive and len(self.classes) == 2 and self.classes[0].startswith("not_")
        return self.classes[1] if binary else None

    def answers(self, present: Iterable[str]) -> bool:
        """Return whether the head reads any of these modalities."""
        return not self.reads or any(modality in self.reads for modality in present)

    def title(self, name: str) -> str:
        """Return the display name of a class, or `name` itself if it is not a class of this head."""
        return self.titles[self.classes.index(name)] if name in self.classes else name


@dataclass(frozen=True)
class ModelConfig:
    """A model: encoders by modality, fusion, heads by name.

    Attributes:
        name: The bundle's name.
        encoders: Encoders by modality; their order is the order of the presence mask.
        fusion: How the encodings are fused.
        heads: Heads by name.
        space: The shared embedding space; None if the model has none.
        languages: ISO 639-1 codes of the languages that the model was trained and tested on.
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
        """Convert the configuration to JSON values, without `Head.column_options`."""
        values = asdict(self)
        for head in values["heads"].values():
            del head["column_options"]
        return values

    @classmethod
    def from_json(cls, values: object) -> ModelConfig:
        """Parse the output of `to_json`.

        Raises:
            BundleError: A value is missing, unknown, of the wrong type or out of range.
        """
        from analysis.model.config_json import parse_config

        return parse_config(values)
