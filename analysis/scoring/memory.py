"""Scores posts in memory, with the same scorer as for batches on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.columns import MAX_REACTIONS, REACTIONS, stored_columns
from analysis.custom_topics import CustomTopic
from analysis.intake.media import stored_image_path
from analysis.model.bundle import Bundle
from analysis.posts import post_frame
from analysis.scoring.columns import check_scores
from analysis.scoring.copies import find_copies_in_table
from analysis.scoring.pace import Progress, ignore_progress
from analysis.scoring.scorer import score_parts
from analysis.search.topics import compare_with_topics
from analysis.search.vectors import parse_vectors
from analysis.settings import Settings

_KEYS = ["post_id", "text_key", "image_key"]
_STORED = ("scores", "words", "embeddings")
"""Kinds of parts that are stored; of encodings only the keys are, unless they are needed to find top words."""
_LISTS = ("top_words", "image_map")
_NULLABLE = {pa.bool_(): "boolean", pa.int64(): "Int64"}
"""Types of columns in the result that Parquet files have null values of, as `query.read_post_chunks` reads them."""


class MemoryStore:
    """Posts in memory, in parts, and the results for each part; a `scorer.PartStore`.

    Args:
        posts: The post table.
        media_dir: The folder of their images.
        part_posts: Posts in a part.
        store_encodings: Whether encodings are stored, about 7 kB per post.
        store_embeddings: Whether embeddings are stored, about 1 kB per post.
    """

    id = "in memory"

    def __init__(
        self,
        posts: pd.DataFrame,
        media_dir: Path,
        part_posts: int,
        store_encodings: bool = False,
        store_embeddings: bool = False,
    ) -> None:
        self._posts = posts
        self._media_dir = media_dir
        self._part_posts = part_posts
        self._store_encodings = store_encodings
        self._store_embeddings = store_embeddings
        self._frames: dict[tuple[str, int], pd.DataFrame] = {}

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        return -(-len(self._posts) // self._part_posts)

    def part_size(self, index: int) -> int:
        """Count the posts of a part."""
        return len(self.part_of_posts(index))

    def part_of_posts(self, index: int) -> pd.DataFrame:
        """Return the posts of a part."""
        start = index * self._part_posts
        return self._posts.iloc[start : start + self._part_posts]

    def has_part(self, kind: str, index: int) -> bool:
        """Check whether a part is stored in full."""
        return (kind, index) in self._frames and (kind != "encodings" or self._store_encodings)

    def read_part(self, kind: str, index: int) -> pd.DataFrame:
        """Return a stored part."""
        return self._frames[kind, index]

    def write_part(self, kind: str, index: int, frame: pd.DataFrame) -> None:
        """Store a part, if its kind is needed later."""
        if kind == "embeddings" and not self._store_embeddings:
            return
        if kind == "encodings":
            self._frames[kind, index] = frame if self._store_encodings else frame[_KEYS]
        elif kind in _STORED:
            self._frames[kind, index] = frame

    def media_path(self, media_id: str) -> Path:
        """Return the file of an image."""
        return stored_image_path(self._media_dir, media_id)

    def record_engine(self, engine: Mapping[str, Any]) -> None:
        """Record nothing: only reports of batches on disk have a manifest."""

    def table(self, kind: str) -> pd.DataFrame:
        """Join the stored parts of a kind."""
        return pd.concat([self._frames[kind, index] for index in range(self.n_parts)], ignore_index=True)


def score_posts(
    posts: pd.DataFrame,
    media_dir: Path,
    bundle: Bundle,
    settings: Settings | None = None,
    words: bool = False,
    progress: Progress = ignore_progress,
    engine: str = "auto",
    topics: Sequence[CustomTopic] = (),
) -> pd.DataFrame:
    """Score posts and return the results, without storing anything on disk.

    Args:
        posts: The post table, which may be empty.
        media_dir: The folder of their images, filled by `intake.check_and_store_image`.
        bundle: The model.
        settings: Limits.
        words: Also find the top words of each post for its predicted sentiment, if they are not computed with the
            scores (`Bundle.part_encoders`).
        progress: Called at the start of a phase and after each part.
        engine: The engine that runs the encoders; see `choose_engine`.
        topics: Custom topics, of `check_topics`.

    Returns:
        The scored posts, one row per post in the posts' order: the columns of the post table, scores, copies,
        top_words and image_map (null if they were not computed), disagree, decided_by, interactions, and those of
        custom topics, as `query.read_post_chunks` returns them for a batch.

    Raises:
        BundleError: The model lacks a head that a report needs, or the engine cannot run.
        ScoringError: An image is missing or damaged.
    """
    settings = settings or Settings()
    check_scores(bundle.config)
    if posts.empty:  # the result then still has its columns
        placeholder = post_frame([{"post_id": "", "text": "a"}])
        return score_posts(placeholder, media_dir, bundle, settings, engine="torch", topics=topics).iloc[:0]
    gradients = words and not bundle.part_modalities
    store = MemoryStore(posts, media_dir, settings.part_posts, gradients, store_embeddings=bool(topics))
    score_parts(store, bundle, settings, progress, lambda: False, engine)
    if gradients:
        from analysis.scoring.gradient_words import find_top_words

        find_top_words(store, bundle, range(store.n_parts), settings, progress, lambda: False)
    table = _join_tables(posts, store, settings)
    if topics:
        found = compare_with_topics(parse_vectors(store.table("embeddings")), bundle, topics, settings)
        table = table.assign(**found.compute_columns(range(len(table))))
    return table


def _join_tables(posts: pd.DataFrame, store: MemoryStore, settings: Settings) -> pd.DataFrame:
    scores = store.table("scores").drop(columns="post_id")
    copies = find_copies_in_table(store.table("encodings")).drop(columns="post_id")
    words = store.table("words") if store.has_part("words", 0) else pd.DataFrame(index=range(len(posts)))
    table = pd.concat([posts.reset_index(drop=True), scores, copies], axis=1)
    for name in _LISTS:
        values = words[name].tolist() if name in words else [None] * len(posts)
        table[name] = pd.Series(values, index=table.index, dtype=object)
    agreement = table["agreement"].astype(float)
    disagree = (agreement < settings.disagree_below).astype("boolean")
    table["disagree"] = disagree.mask(agreement.isna())
    table["decided_by"] = _deciding_modality(table)
    table["interactions"] = _sum_interactions(table)
    stored = {**stored_columns("scores"), **stored_columns("copies")}
    table = table.astype({name: _NULLABLE[type_] for name, type_ in stored.items() if type_ in _NULLABLE})
    for name in table.columns:
        if table[name].dtype == object and name not in ("images", "image_names", *_LISTS):
            table[name] = _text_column(table[name])
    return table


def _text_column(column: pd.Series) -> pd.Series:
    """Convert a column to the type that texts have in tables read from Parquet."""
    return pa.array(column, pa.string(), from_pandas=True).to_pandas()


def _sum_interactions(table: pd.DataFrame) -> pd.Series:
    """Add up the known reactions of each post, as the SQL of the column does; missing if none is known."""
    known = table[list(REACTIONS)].astype("Int64").clip(0, MAX_REACTIONS)
    return known.sum(axis=1, min_count=1)


def _deciding_modality(table: pd.DataFrame) -> pd.Series:
    """Return the modality that has the post's sentiment on its own, if text and images alone have different ones."""
    text, image, sentiment = (table[name] for name in ("text_sentiment", "image_sentiment", "sentiment"))
    differ = text.notna() & image.notna() & (text != image)
    decided = np.select([differ & (sentiment == text), differ & (sentiment == image)], ["text", "image"], "")
    return pd.Series(decided, index=table.index, dtype=object).replace("", None)
