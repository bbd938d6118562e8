"""Computes query results with pandas, to compare with the results of `analysis.query`."""

from __future__ import annotations

import pandas as pd

from analysis import query
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.scored import scores_of


def ids(batch: Batch, filters: Filters = EVERY_POST, **how: object) -> list[str]:
    return list(query.read_page(batch, filters, **how)["post_id"])  # type: ignore[arg-type]


def table(batch: Batch) -> pd.DataFrame:
    """Return the joined table, computed with pandas."""
    return batch.posts().merge(scores_of(batch.posts()), on="post_id", how="left")


def top_words_of(
    batch: Batch, filters: Filters, sentiment: str, least: int = 2, most: int = 15
) -> pd.DataFrame:
    """Return the most influential words of one sentiment."""
    found = query.aggregate_top_words(batch, filters, least, most)
    return found[found["sentiment"] == sentiment].reset_index(drop=True)
