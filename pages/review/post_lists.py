"""The posts that the Posts page lists, from one batch or several: in a sort order, or ranked by similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
import streamlit as st

from analysis import query, search
from analysis.columns import TOPIC_FILTER
from analysis.query import Filters
from analysis.search import Target
from analysis.workspace import Batch
from pages.review.find import SimilaritySearch
from pages.shared.cache_keys import make_cache_key
from pages.shared.custom_topics import add_custom_topics
from pages.shared.engine import workspace

BATCH, BATCH_NAME = "batch_id", "batch_name"
"""Columns that are added to those of `query.read_page`: the batch of each post, and its name."""


class PostList(Protocol):
    """A list of posts that is read page by page."""

    @property
    def total(self) -> int:
        """Number of posts."""
        ...

    def read(self, offset: int, limit: int) -> pd.DataFrame:
        """Read some of the posts: the columns of `query.read_page`, `BATCH` and `BATCH_NAME`."""
        ...


@dataclass(frozen=True)
class SortedPosts:
    """The matching posts in a sort order, one batch after the other.

    Attributes:
        batches: The batches, with the filters for each.
        counts: Number of matching posts of each.
        order: The column to sort by, and whether in descending order; "row" in batches that lack the column.
    """

    batches: Sequence[tuple[Batch, Filters]]
    counts: Sequence[int]
    order: tuple[str, bool]

    @property
    def total(self) -> int:
        """Number of posts."""
        return sum(self.counts)

    def read(self, offset: int, limit: int) -> pd.DataFrame:
        """Read some of the posts."""
        frames = []
        for (batch, filters), count in zip(self.batches, self.counts, strict=True):
            if offset < count and limit > 0:
                order = self.order if self.order[0] in query.list_sortable_columns(batch) else ("row", False)
                posts = query.read_page(batch, filters, *order, min(limit, count - offset), offset)
                frames.append(_name_batch(posts, batch))
                limit -= len(posts)
            offset = max(offset - count, 0)
        return _join(frames)


@dataclass(frozen=True)
class RankedPosts:
    """Posts ranked by similarity.

    Attributes:
        batches: The batches by id.
        ranked: batch_id, position, similarity and match, the most similar first.
    """

    batches: Mapping[str, Batch]
    ranked: pd.DataFrame

    @property
    def total(self) -> int:
        """Number of posts."""
        return len(self.ranked)

    def read(self, offset: int, limit: int) -> pd.DataFrame:
        """Read some of the posts, with their similarity and match."""
        part = self.ranked.iloc[offset : offset + limit]
        frames = []
        for batch_id, of_batch in part.groupby(BATCH, sort=False):
            batch = self.batches[str(batch_id)]
            posts = query.read_posts_at(batch, of_batch["position"].tolist())
            posts = posts.assign(
                similarity=of_batch["similarity"].to_numpy(),
                match=of_batch["match"].to_numpy(),
                place=of_batch.index,
            )
            frames.append(_name_batch(posts, batch))
        return _join(frames).sort_values("place", ignore_index=True) if frames else _join(frames)


def open_batches(batch: Batch, filters: Filters) -> list[tuple[Batch, Filters]]:
    """Open all scored batches, the given one first, with the filters for each of them."""
    found = [(batch, filters)]
    for info in workspace().batches():
        if info.problem is None and info.scored and info.id != batch.id:
            other = workspace().open(info.id)
            other = other.with_timezone(batch.timezone)
            other = add_custom_topics(other) if filters.chosen(TOPIC_FILTER) else other
            found.append((other, filters.for_other_table(batch.manifest.kept, other.manifest.kept)))
    return found


def list_sorted(batches: Sequence[tuple[Batch, Filters]], order: tuple[str, bool], found: int) -> SortedPosts:
    """List the matching posts of some batches in a sort order; `found` is their number in the first batch."""
    others = [query.count_matching_posts(batch, filters) for batch, filters in batches[1:]]
    return SortedPosts(batches, [found, *others], order)


def list_ranked(
    batches: Sequence[tuple[Batch, Filters]], similar: SimilaritySearch
) -> tuple[RankedPosts, list[Batch]]:
    """Rank the matching posts of some batches together.

    Returns:
        The posts, and the batches that were left out: they were scored with another model, or without embeddings.

    Raises:
        ScoringError: The first batch was scored with another model, or without embeddings.
    """
    first = batches[0][0]
    left_out = [
        batch
        for batch, _ in batches[1:]
        if batch.manifest.bundle != first.manifest.bundle or not batch.has_part("embeddings", 0)
    ]
    searched = [(batch, filters) for batch, filters in batches if batch not in left_out]
    frames = []
    for batch, filters in searched:
        ranked = _rank(batch, filters, similar, make_cache_key(batch, filters), similar.key)
        frames.append(ranked.assign(**{BATCH: batch.id}))
    joined = pd.concat(frames).sort_values("similarity", ascending=False, kind="stable")
    ranked = joined.head(first.settings.max_similar_posts).reset_index(drop=True)
    return RankedPosts({batch.id: batch for batch, _ in searched}, ranked), left_out


# The last two arguments are the cache key: the posts, and the search.
@st.cache_data(max_entries=50, show_spinner="Comparing posts...")
def _rank(
    _batch: Batch,
    _filters: Filters,
    _similar: SimilaritySearch,
    posts_key: tuple[object, ...],
    search_key: tuple[object, ...],
) -> pd.DataFrame:
    target: Target = _similar.make_target()
    return search.rank_posts(_batch, target, _filters)


def _name_batch(posts: pd.DataFrame, batch: Batch) -> pd.DataFrame:
    return posts.assign(**{BATCH: batch.id, BATCH_NAME: batch.manifest.name})


def _join(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
