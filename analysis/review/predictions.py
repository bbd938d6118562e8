"""What the model predicted for the posts of a batch, in the terms in which people label them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import columns_by_mark, summary_columns
from analysis.model.presets import HEADS
from analysis.query import Filters
from analysis.query.conditions import quote_name
from analysis.query.sql import fetch_query_rows, run_query
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
        columns = {mark: column.name for mark, column in columns_by_mark(summary_columns(HEADS)).items()}
        conditions = {
            mark: f"coalesce({quote_name(name)}, 0) > $likely_from" for mark, name in columns.items()
        }
        given: dict[str, Any] = {"likely_from": batch.settings.likely_from}
    else:
        column = {"sentiment": "sentiment", "topics": "topic"}[field]
        columns = {column: column}
        found = fetch_query_rows(batch, scored, f"SELECT DISTINCT {column} AS name FROM selected", [column])  # noqa: S608
        names = sorted(row["name"] for row in found)
        conditions = {name: f"{column} = $class_{number}" for number, name in enumerate(names)}
        given = {f"class_{number}": name for number, name in enumerate(names)}
    flags = "".join(f", {sql} AS flag_{number}" for number, sql in enumerate(conditions.values()))
    sql = f"SELECT position{flags} FROM selected"  # noqa: S608 (conditions from above)
    with run_query(batch, scored, sql, list(columns.values()), **given) as result:
        arrays = result.fetchnumpy()
    order = np.argsort(arrays["position"])
    classes = {name: arrays[f"flag_{number}"][order] for number, name in enumerate(conditions)}
    return Predictions(arrays["position"][order], classes)


def has_class(value: LabelValue, name: str) -> bool:
    """Return whether a label names a class."""
    return name == value if isinstance(value, str) else name in value
