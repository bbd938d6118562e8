"""The ledger of an explanation: values that add up from the base to the score of one output of one post.

    base + phi[text] + phi[image] = total                  (exact: Shapley efficiency)
    phi[text]  = sum(words)   + text_remainder             (the remainder is shown, never hidden)
    phi[image] = sum(regions) + image_remainder

With further modalities, the sum over phi has more terms; their values are not divided into parts. All values are
logits: a sentiment class minus the mean over the classes, the valence positive minus negative, a topic unchanged.
The base is the score of an empty post, or, in an additive model, of the average post with the same modalities.
`target` defines outputs, `modality` computes phi, and subclasses of `AttributionMethod` the values of words and
regions; `explain` fills these classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.columns import SHARE_FROM
from analysis.model.config import Head
from analysis.wording import title_from_name

VALENCE = "valence"
"""The output that is the mean of a head's values, such as positive minus negative."""
INTEGRATED_GRADIENTS = "integrated_gradients"
"""Name of the method that leads back to the input, for any model; it is complete: parts add up."""
CLASS_ACTIVATION = "class_activation"
"""Name of the method that divides the scores of an additive model, exactly and at once."""
GRADIENT_X_INPUT = "gradient_x_input"
"""Name of the method that integrated gradients are compared with."""


@dataclass(frozen=True)
class Output:
    """One output of the model: a class of a head, such as ("sentiment", "positive"), or its valence."""

    head: str
    name: str


def list_explainable_outputs(heads: Mapping[str, Head], present: Iterable[str]) -> list[Output]:
    """List every output that can be explained for a post with these modalities."""
    answering = [head for head in heads.values() if head.answers(present)]
    return [
        Output(head.name, name)
        for head in answering
        for name in (*head.classes, *((VALENCE,) if head.values else ()))
    ]


@dataclass(frozen=True)
class Completeness:
    """How far an attribution's sum is from the difference that it explains.

    Attributes:
        difference: F(input) - F(baseline), in logits.
        total: Sum of the attributions, in logits.
        steps: Integration steps of the run that is shown.
        verdict: "ok", "rough" or "failed", by `Settings.completeness_ok` and `completeness_refused`.
    """

    difference: float
    total: float
    steps: int
    verdict: str

    @property
    def refused(self) -> bool:
        """Whether the sum is too far off to show the attribution."""
        return self.verdict == "failed"

    @property
    def error(self) -> float:
        """Relative error: |total - difference| / max(|difference|, 0.05 logits)."""
        return abs(self.total - self.difference) / max(abs(self.difference), 0.05)


@dataclass(frozen=True)
class WordValue:
    """A word of the post as written, its character offsets, and its value in logits."""

    text: str
    start: int
    end: int
    value: float


@dataclass(frozen=True)
class ImageValue:
    """One image of the post and the value of each of its regions.

    Attributes:
        media_id: Which image.
        value: Sum over its regions, in logits.
        regions: Superpixel number of each pixel, (height, width) of the encoder's input.
        region_values: Value of each superpixel in logits, (regions,).
        cells: Value of each cell of the encoder's feature map in logits, (rows, columns), which sum to `value`; None
            for a method without them. A superpixel has the values of its cells by area.
    """

    media_id: str
    value: float
    regions: NDArray[np.int64]
    region_values: NDArray[np.float64]
    cells: NDArray[np.float64] | None = None

    def heat(self) -> NDArray[np.float64]:
        """Spread each region's value evenly over its pixels: (height, width), sums to `value`."""
        sizes = np.bincount(self.regions.ravel(), minlength=len(self.region_values))
        return (self.region_values / np.maximum(sizes, 1))[self.regions]


@dataclass(frozen=True)
class Ledger:
    """The explanation of one output of one post. A modality that the post lacks has value exactly 0.

    Attributes:
        output: The explained output.
        base: Logit with no input at all; of the average post with the same modalities if `base_is_average`.
        total: Logit with everything the post has.
        phi: Shapley value of each modality, in logits.
        interaction: What the modalities add together beyond their sum, in logits; `phi` already includes it, of two
            modalities half each.
        present: Which modalities the post has.
        words: Values of the words, in text order; empty without text.
        text_remainder: phi["text"] minus the words' sum.
        word_check: Completeness of the word attribution; None without text, or for a method that is not checked.
        images: Values of each image's regions; empty without images.
        image_remainder: phi["image"] minus the images' sum.
        pixel_check: Completeness of the pixel attribution; None without images, or likewise.
        titles: Titles of the modalities by name; needed for those other than text and image.
        base_is_average: Whether `base` is the score of an average post, because the model is additive.
        methods: Name of the method that divided each modality's value, such as `CLASS_ACTIVATION`.
    """

    output: Output
    base: float
    total: float
    phi: Mapping[str, float]
    interaction: float
    present: Mapping[str, bool]
    words: tuple[WordValue, ...] = ()
    text_remainder: float = 0.0
    word_check: Completeness | None = None
    images: tuple[ImageValue, ...] = ()
    image_remainder: float = 0.0
    pixel_check: Completeness | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    base_is_average: bool = False
    methods: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_shares(self) -> bool:
        """Whether words or regions have shares of a sum (`CLASS_ACTIVATION`); integrated gradients verify them."""
        return CLASS_ACTIVATION in self.methods.values()

    def title(self, modality: str) -> str:
        """Return the display name of a modality, such as "Image"."""
        return title_from_name(modality, self.titles)

    def share(self, modality: str) -> float | None:
        """|phi| of one modality over the sum of all, or None if that sum is under `SHARE_FROM`."""
        return compute_modality_share(self.phi, modality)


def find_leading_modality(phi: Mapping[str, float]) -> str:
    """Return the modality with the largest absolute value."""
    return max(phi, key=lambda modality: abs(phi[modality]))


def compute_modality_share(phi: Mapping[str, float], modality: str) -> float | None:
    """Return one modality's share of the sum of absolute values, or None if the sum is under `SHARE_FROM`."""
    total = sum(abs(value) for value in phi.values())
    return abs(phi[modality]) / total if total >= SHARE_FROM else None


def split_cells(cells: Sequence[float] | NDArray[np.floating], images: int) -> list[NDArray[np.float64]]:
    """Split the values of the cells of a post's images, such as the column `image_map`: (rows, columns) each.

    Args:
        cells: The values, row by row and one image after the other; the images are square.
        images: Number of images.
    """
    side = math.isqrt(len(cells) // images)
    return list(np.asarray(cells, dtype=np.float64).reshape(images, side, side))
