"""The interface of modalities: how content is decoded, encoded and explained."""

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
        inputs: Input of the encoder, one row, (1, ...).
        baseline: The input without content, such as [MASK] tokens or black pixels.
        part_of: Index of the part (word or region) that each element belongs to; broadcasts to `inputs[0]`. Elements
            with an index of `parts` or higher belong to no part and are never replaced.
        parts: Number of parts.
        rows: Batch size of the encoder.
        gradient_rows: Batch size where gradients are computed.
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
    def get_layer(self) -> nn.Module:
        """Return the layer on whose output attributions are computed.

        Raises:
            AttributionError: The encoder's configuration does not name a layer.
        """

    @abstractmethod
    def sum_by_part(self, values: Tensor) -> NDArray[np.float64]:
        """Sum the attributions on the layer's output by part: (parts,)."""

    @abstractmethod
    def encode_elements(self, encoders: Mapping[str, nn.Module]) -> Tensor:
        """Run the encoder of `build_part_encoders` that reads the input.

        Returns:
            The numbers of its tokens or positions, (elements, numbers).
        """

    @abstractmethod
    def sum_elements_by_part(self, values: Tensor) -> NDArray[np.float64]:
        """Sum the values of tokens or positions, (elements,), by part: (parts,)."""

    def encode_masked(self, inputs: Tensor) -> Tensor:
        """Encode the output of `keep_parts`, without gradients or hooks; unchanged input may be reused."""
        return self.encode(inputs)

    def encode_baseline(self) -> Tensor:
        """Encode the baseline: (1, dim)."""
        return self.encode(self.baseline)

    def keep_parts(self, shown: Tensor) -> Tensor:
        """Replace all parts but those shown by the baseline.

        Args:
            shown: The parts to keep, (rows, parts), bool.

        Returns:
            (rows, ...), like `inputs`.
        """
        always = shown.new_ones(len(shown), 1)
        by_element = torch.cat([shown, always], dim=1)[:, self.part_of.clamp(max=self.parts)]
        return torch.where(by_element, self.inputs, self.baseline)


class Modality(ABC):
    """One kind of content that a model reads, registered in `analysis.model.modalities`.

    Attributes:
        name: Name in config.json and in column names.
        explain_with_copy: Explain with a copy of the encoder, because explaining takes long and would otherwise hold
            the bundle's lock.
    """

    name: str
    explain_with_copy: bool = False

    @abstractmethod
    def build(self, config: EncoderConfig, pretrained: bool) -> nn.Module:
        """Build an encoder; see `analysis.model.builders.build_encoder`."""

    @abstractmethod
    def check(self, bundle: Bundle) -> Tensor:
        """Encode a sample, to find errors in a bundle when it is loaded: (1, dim).

        Raises:
            BundleError: The encoder or its preprocessing does not work.
        """

    @abstractmethod
    def read(self, posts: pd.DataFrame) -> Sequence[Any]:
        """Return the content of this modality for each post of the post table."""

    @abstractmethod
    def is_present(self, content: Any) -> bool:
        """Return whether a post with this content has the modality; None means no content."""

    @abstractmethod
    def decode(self, bundle: Bundle, content: Any) -> Any:
        """Prepare one post's content for the encoder and for explanations."""

    @abstractmethod
    def encode(self, bundle: Bundle, decoded: Any) -> Tensor:
        """Encode the result of `decode`: (1, dim)."""

    def example(self, config: EncoderConfig) -> Mapping[str, Tensor] | None:
        """Return example inputs for tracing the encoder with OpenVINO; None to run the encoder in PyTorch."""
        return None

    def explain(self, bundle: Bundle, decoded: Any, settings: Settings) -> ExplainableInput | None:
        """Prepare the result of `decode` for attribution to its parts; None if it has no parts."""
        return None
