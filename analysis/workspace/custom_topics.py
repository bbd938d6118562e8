"""The similarity of every post of a batch to the analyst's custom topics, kept in memory while the batch is open."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.columns import SIMILARITY, TOPIC_COLUMN
from analysis.columns.custom_topics import TOPIC_SEPARATOR
from analysis.custom_topics import NO_TOPIC, CustomTopic
from analysis.settings import Settings


@dataclass(frozen=True, eq=False)
class CustomTopics:
    """Custom topics of posts; a post has every topic whose similarity reaches the threshold.

    Attributes:
        topics: The topics, no two of one name.
        similarity: (topics, posts), -1..1, in the batch's order; NaN for posts without embeddings.
        settings: Contains the threshold of topics that have none of their own.
    """

    topics: tuple[CustomTopic, ...]
    similarity: NDArray[np.float32]
    settings: Settings

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the topics."""
        return tuple(topic.name for topic in self.topics)

    @cached_property
    def key(self) -> str:
        """Identifies the topics with their thresholds and examples, for caches."""
        return hashlib.sha256(repr(self.topics).encode()).hexdigest()

    @property
    def values(self) -> tuple[str, ...]:
        """The topics, and `NO_TOPIC`."""
        return (*self.names, NO_TOPIC)

    @cached_property
    def table(self) -> pa.Table:
        """Whether each post has each of `values`: position, and value_0, value_1, ... (booleans)."""
        has = self._assign(self.similarity)
        columns = {f"value_{number}": pa.array(each) for number, each in enumerate(has)}
        return pa.table({"position": pa.array(np.arange(self.similarity.shape[1])), **columns})

    def compute_columns(self, positions: NDArray[np.int64] | Sequence[int]) -> Mapping[str, Any]:
        """Compute the columns of some posts (`analysis.columns.topic_columns`).

        Args:
            positions: Positions of the posts in the batch.

        Returns:
            The columns by name: names of topics as text, None without embeddings, and similarities.
        """
        similarity = self.similarity[:, np.asarray(positions, dtype=np.int64)]
        joined = [self._join_names(has) for has in self._assign(similarity).T.tolist()]
        by_name = zip(self.names, similarity.astype(np.float64), strict=True)
        return {TOPIC_COLUMN: joined, **{SIMILARITY + name: values for name, values in by_name}}

    def _assign(self, similarity: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return whether each post has each of `values`: (values, posts)."""
        thresholds = [topic.least_similarity(self.settings) for topic in self.topics]
        with np.errstate(invalid="ignore"):
            has = similarity >= np.array(thresholds, np.float32)[:, None]
        none = ~has.any(axis=0, keepdims=True) & ~np.isnan(similarity).any(axis=0, keepdims=True)
        return np.concatenate([has, none])

    def _join_names(self, has: Sequence[bool]) -> str | None:
        return (
            TOPIC_SEPARATOR.join(name for name, there in zip(self.values, has, strict=True) if there) or None
        )
