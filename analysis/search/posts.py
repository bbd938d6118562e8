"""Ranks the posts of a batch by their similarity to a target, such as a text or a post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import query
from analysis.query import EVERY_POST, Filters
from analysis.search.index import Positions, open_index
from analysis.search.targets import Target
from analysis.search.vectors import Vectors, check_model
from analysis.workspace import Batch


def rank_posts(
    batch: Batch, target: Target, filters: Filters = EVERY_POST, limit: int | None = None
) -> pd.DataFrame:
    """Find the matching posts that are most similar to a target. The result is exact.

    Args:
        batch: A batch scored with the model of the target.
        target: From `make_text_target`, `make_image_target` or `make_example_target`.
        filters: Which posts match.
        limit: Maximum number of posts; None for `Settings.max_similar_posts`.

    Returns:
        post_id, position, similarity (-1..1), match (the modality that is similar), the most similar first; posts of
        equal similarity in the batch's order. Posts without embeddings are left out.

    Raises:
        ScoringError: The batch has no embeddings, or those of another model.
    """
    check_model(batch, target.bundle)
    index = open_index(batch)
    wanted = None if filters == EVERY_POST else query.find_positions(batch, filters)
    if len(target.vectors):
        similarity, which = index.compare(target.vectors, wanted)
    else:
        similarity, which = np.full(index.n_posts, np.nan, np.float32), np.zeros(index.n_posts, np.int8)
    similarity[[position for batch_id, position in target.excluded if batch_id == batch.id]] = np.nan
    best = _find_highest(similarity, batch.settings.max_similar_posts if limit is None else limit)
    names = np.array([*index.modalities, ""], dtype=object)
    return pd.DataFrame(
        {
            "post_id": query.read_posts_at(batch, best.tolist(), ["post_id"])["post_id"],
            "position": best,
            "similarity": similarity[best].astype(float),
            "match": names[which[best]],
        }
    )


@dataclass(frozen=True)
class NearPosts:
    """Positions of posts that show what a threshold separates.

    Attributes:
        highest: The most similar ones from the threshold on, the most similar first.
        above: The least similar ones from the threshold on, the least similar first.
        below: The most similar ones below it, the most similar first.
    """

    highest: Positions
    above: Positions
    below: Positions


def find_near_threshold(similarity: Vectors, threshold: float, limit: int) -> NearPosts:
    """Find the posts from a threshold on that are most similar, and those nearest to it on both sides.

    Args:
        similarity: (posts,); NaN for posts that are left out.
        threshold: The threshold.
        limit: Maximum number of posts of each kind.
    """
    with np.errstate(invalid="ignore"):
        is_above = similarity >= np.float32(threshold)
    return NearPosts(
        _find_highest(np.where(is_above, similarity, np.nan), limit),
        _find_highest(np.where(is_above, -similarity, np.nan), limit),
        _find_highest(np.where(is_above, np.nan, similarity), limit),
    )


def _find_highest(values: Vectors, limit: int) -> Positions:
    """Return the positions of the highest values, without NaN, the highest first."""
    known = np.flatnonzero(~np.isnan(values))
    if len(known) > limit > 0:
        lowest = np.partition(values[known], len(known) - limit)[len(known) - limit]
        known = known[values[known] >= lowest]
    order = np.argsort(-values[known], kind="stable")  # equal ones in the batch's order
    return known[order][: max(limit, 0)]
