"""The results of a model from which the stored columns of scores are computed.

`Column.compute` takes a `Scored` and returns a column. `analysis.scoring.scores` fills it with a model's results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.columns.options import ColumnOptions
from analysis.settings import Settings

Values = NDArray[Any] | pd.Series | Sequence[Any]
"""The values of one column, one per post."""


class HeadLike(Protocol):
    """The properties of a head that the catalogue uses (`analysis.model.config.Head`)."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of its classes."""

    @property
    def exclusive(self) -> bool:
        """Whether exactly one class applies."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Modalities that a post needs to be assigned a class."""

    @property
    def mark(self) -> str | None:
        """The mark ("irony") of a head with two classes such as not_irony and irony; None for other heads."""

    @property
    def column_options(self) -> ColumnOptions:
        """How its classes are shown and filtered."""

    def answers(self, present: Iterable[str], /) -> bool:
        """Return whether it reads any of these modalities."""

    def title(self, name: str, /) -> str:
        """A class's title."""


@dataclass(frozen=True)
class Scored:
    """Scored posts before their columns are computed. Arrays have one row per post.

    Attributes:
        model: The bundle's id, such as "compact@1a2b3c4d".
        heads: The bundle's heads by name.
        settings: The thresholds.
        has: Whether each post has a modality, (posts,) bool by modality, in the model's order.
        probabilities: From all modalities of a post, (posts, classes) by head, 0 to 1.
        alone: From one modality alone, by modality and head; meaningless if a post lacks the modality.
        phi: The modalities' values for the most likely class in logits, (posts,) by head ("sentiment" and "topic")
            and modality.
        interaction: What the modalities add together beyond each alone in logits, (posts,) by the same heads.
        match: How well text and image match, (posts,), 0 to 1; NaN for a model without a shared space.
        columns: The columns computed so far, by name: those before this one in the order of a report.
    """

    model: str
    heads: Mapping[str, HeadLike]
    settings: Settings
    has: Mapping[str, NDArray[np.bool_]]
    probabilities: Mapping[str, NDArray[np.float64]]
    alone: Mapping[str, Mapping[str, NDArray[np.float64]]]
    phi: Mapping[str, Mapping[str, NDArray[np.float64]]]
    interaction: Mapping[str, NDArray[np.float64]]
    match: NDArray[np.float64]
    columns: dict[str, Values] = field(default_factory=dict)

    def answered(self, head: str) -> NDArray[np.bool_]:
        """Return whether each post has a modality that a head reads: (posts,)."""
        read = [has for modality, has in self.has.items() if self.heads[head].answers((modality,))]
        answered: NDArray[np.bool_] = np.any(read, axis=0)
        return answered

    def most_likely(self, head: str, modality: str | None = None) -> list[str]:
        """Name each post's most likely class of a head, from everything or from one modality alone."""
        classes = self.heads[head].classes
        return [classes[number] for number in self._of(head, modality).argmax(1)]

    def probability(self, head: str, name: str, modality: str | None = None) -> NDArray[np.float64]:
        """Return the probability of one class, (posts,), from everything or from one modality alone."""
        return self._of(head, modality)[:, self.heads[head].classes.index(name)]

    def valence(self, modality: str | None = None) -> NDArray[np.float64]:
        """Return P(positive) minus P(negative), (posts,), from everything or from one modality alone."""
        positive, negative = (
            self.probability("sentiment", name, modality) for name in ("positive", "negative")
        )
        return positive - negative

    def _of(self, head: str, modality: str | None) -> NDArray[np.float64]:
        return (self.probabilities if modality is None else self.alone[modality])[head]
