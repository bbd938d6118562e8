"""What a modality implements: how its content is decoded, encoded and explained."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.model.config import EncoderConfig
from analysis.settings import Settings

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle


class ExplainableInput(ABC):
    """One modality of one post, in the form that attribution methods need.

    Attributes:
        inputs: What the encoder reads, with one row, (1, ...).
        baseline: The same without any content, such as [MASK] tokens or black pixels.
        part_of: The part (word, region) that each element belongs to; broadcasts to `inputs[0]`. Elements numbered
            `parts` or higher belong to none and always stay.
        parts: How many parts there are.
        rows: Rows encoded at once.
        gradient_rows: The same where gradients are computed.
    """

    inputs: Tensor
    baseline: Tensor
    part_of: Tensor
    parts: int
    rows: int
    gradient_rows: int

    @abstractmethod
    def encode(self, inputs: Tensor) -> Tensor:
        """Encode rows like `inputs`: (rows, ...) to (rows, dim)."""

    @abstractmethod
    def layer(self) -> nn.Module:
        """Return the layer over whose output gradients are attributed.

        Raises:
            AttributionError: The encoder's configuration names none.
        """

    @abstractmethod
    def group(self, values: Tensor) -> NDArray[np.float64]:
        """Add attributions over the layer's output up to the parts: (parts,)."""

    def encode_masked(self, inputs: Tensor) -> Tensor:
        """Encode rows from `keep_parts`, without gradients or hooks; may reuse encodings of what is unchanged."""
        return self.encode(inputs)

    def encode_baseline(self) -> Tensor:
        """Encode the baseline: (1, dim)."""
        return self.encode(self.baseline)

    def keep_parts(self, shown: Tensor) -> Tensor:
        """Replace parts by the baseline.

        Args:
            shown: Which parts stay, (rows, parts), bool.

        Returns:
            (rows, ...), like `inputs`.
        """
        always = shown.new_ones(len(shown), 1)
        by_element = torch.cat([shown, always], dim=1)[:, self.part_of.clamp(max=self.parts)]
        return torch.where(by_element, self.inputs, self.baseline)


class Modality(ABC):
    """One kind of content that a model reads; `analysis.model.modalities` registers them.

    Attributes:
        name: As config.json and column names have it.
        own_encoder: Whether it is explained with a copy of its encoder, because that takes long and other work would
            wait for the bundle's lock meanwhile.
    """

    name: str
    own_encoder: bool = False

    @abstractmethod
    def build(self, config: EncoderConfig, pretrained: bool) -> nn.Module:
        """Build an encoder; see `analysis.model.encoders.build_encoder`."""

    @abstractmethod
    def check(self, bundle: Bundle) -> Tensor:
        """Encode a sample, to find mistakes in a bundle when it is loaded: (1, dim).

        Raises:
            BundleError: The encoder, or what prepares its input, does not work.
        """

    @abstractmethod
    def read(self, posts: pd.DataFrame) -> Sequence[Any]:
        """Take this modality's content from the post table, one a post."""

    @abstractmethod
    def is_present(self, content: Any) -> bool:
        """Return whether a post with this content has the modality; None is no content."""

    @abstractmethod
    def decode(self, bundle: Bundle, content: Any) -> Any:
        """Prepare one post's content for the encoder and for explanations."""

    @abstractmethod
    def encode(self, bundle: Bundle, decoded: Any) -> Tensor:
        """Encode what `decode` returned: (1, dim)."""

    def example(self, config: EncoderConfig) -> Mapping[str, Tensor] | None:
        """Return inputs to trace the encoder with for OpenVINO; None leaves the encoder to PyTorch."""
        return None

    def explain(self, bundle: Bundle, decoded: Any, settings: Settings) -> ExplainableInput | None:
        """Prepare what `decode` returned for attribution to its parts; None if it has no parts."""
        return None
