"""What the model predicted for the posts of a batch, in the terms in which people label them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import query
from analysis.columns import columns_by_mark, summary_columns
from analysis.model.presets import HEADS
from analysis.query import Filters
from analysis.workspace import Batch, LabelValue

FIELDS = ("sentiment", "topics", "tone")
"""The fields that the model predicts."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of one field for the scored posts that match some filters.

    Attributes:
        positions: Positions of the posts in the batch, ascending.
        classes: For each class, whether it was predicted: (posts,) booleans.
    """

    positions: NDArray[np.int64]
    classes: Mapping[str, NDArray[np.bool_]]

    def rows_of(self, positions: Collection[int]) -> NDArray[np.int64]:
        """Return the rows of those of some positions that are among the posts, in ascending order."""
        wanted = np.array(sorted(positions), dtype=np.int64)
        rows = np.searchsorted(self.positions, wanted)
        found = rows < len(self.positions)
        found[found] = self.positions[rows[found]] == wanted[found]
        return rows[found]


def read_predictions(batch: Batch, filters: Filters, field: str) -> Predictions:
    """Read what the model predicted.

    Args:
        batch: The batch.
        filters: Which posts match; posts without scores are left out.
        field: One of `FIELDS`.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    scored = filters.replace(scored=True)
    if field == "tone":
        marks = {mark: column.name for mark, column in columns_by_mark(summary_columns(HEADS)).items()}
        found = query.read_arrays(batch, scored, ["position", *marks.values()])
        likely = batch.settings.likely_from
        classes = {mark: np.nan_to_num(found[name]) > likely for mark, name in marks.items()}
    else:
        column = {"sentiment": "sentiment", "topics": "topic"}[field]
        found = query.read_arrays(batch, scored, ["position", column])
        names = found[column].astype(str)
        classes = {str(name): names == name for name in np.unique(names)}
    order = np.argsort(found["position"])
    return Predictions(found["position"][order], {name: has[order] for name, has in classes.items()})


def has_class(value: LabelValue, name: str) -> bool:
    """Return whether a label names a class."""
    return name == value if isinstance(value, str) else name in value
