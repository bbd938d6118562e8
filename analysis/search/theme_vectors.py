"""One vector per post for themes: of its text and its images, with less of its language and its sentiment."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import query
from analysis.search.vectors import Vectors, list_vector_columns, read_embedding_parts, to_matrices
from analysis.workspace import Batch

_LEAST_OF_MEAN = 50
"""Posts of the sample in a language, or of a sentiment, from which their mean shows it: fewer may be on one
subject."""
_CLEAR_DIFFERENCE = 5
"""Squared difference of the means of positive and negative posts from which it shows sentiment, as a multiple of that
of two random samples of their sizes: smaller ones may show what the posts are about."""
_TEXT = "text"


class Sample(NamedTuple):
    """The posts that themes are found in.

    Attributes:
        positions: (posts,) in the batch.
        posts: text, author, language and sentiment of each.
        vectors: (posts, dim).
    """

    positions: NDArray[np.int64]
    posts: pd.DataFrame
    vectors: Vectors


@dataclass(frozen=True, eq=False)
class Correction:
    """What is removed from the vectors of posts: means, and the direction of sentiment.

    Vectors of texts are nearer to each other than to those of images, and those of one language, of which each branch
    of a text encoder reads some, nearer than to those of another. Without subtracting the means, themes would tell
    posts with images from those without, and languages from each other. Without removing the difference of the means
    of positive and negative posts, they would tell praise from complaints about the same subject.

    Attributes:
        languages: The languages with a mean of their own; other posts share the last mean.
        by_modality: (languages + 1, dim) by modality; for those other than text, all rows are equal.
        sentiment: (dim,) from negative to positive posts, of length 1; zeros if they hardly differ.
    """

    languages: Sequence[str]
    by_modality: Mapping[str, Vectors]
    sentiment: Vectors

    @classmethod
    def of_sample(
        cls, vectors: Mapping[str, Vectors], languages: pd.Series, sentiments: pd.Series
    ) -> Correction:
        """Compute the correction from a sample.

        Args:
            vectors: By modality, NaN where a post lacks it.
            languages: Of the posts, missing if unknown.
            sentiments: Of the posts.
        """
        counts = languages.value_counts()
        frequent = sorted(counts.index[counts >= _LEAST_OF_MEAN])
        rows = _find_rows(languages, frequent)
        by_modality = {
            name: np.tile(_mean(matrix), (len(frequent) + 1, 1)) for name, matrix in vectors.items()
        }
        for row in range(len(frequent) + 1):
            if _TEXT in vectors and (~np.isnan(vectors[_TEXT][rows == row][:, 0])).sum() >= _LEAST_OF_MEAN:
                by_modality[_TEXT][row] = _mean(vectors[_TEXT][rows == row])
        dim = next(iter(vectors.values())).shape[1]
        means = cls(frequent, by_modality, np.zeros(dim, np.float32))
        joined = means.join(vectors, languages)
        is_known = ~np.isnan(joined[:, 0])
        negative, positive = (
            joined[is_known & (sentiments == name).to_numpy()] for name in ("negative", "positive")
        )
        if min(len(negative), len(positive)) < _LEAST_OF_MEAN:
            return means
        difference = _mean(positive) - _mean(negative)
        by_chance = sum(each.var(axis=0).sum() / len(each) for each in (negative, positive))
        if difference @ difference < _CLEAR_DIFFERENCE * by_chance:
            return means
        return replace(means, sentiment=difference / float(np.linalg.norm(difference)))

    def join(self, vectors: Mapping[str, Vectors], languages: pd.Series) -> Vectors:
        """Average the corrected vectors of each post's modalities, to length 1: (posts, dim)."""
        rows = _find_rows(languages, self.languages)
        moved = np.stack([matrix - self.by_modality[name][rows] for name, matrix in vectors.items()])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # posts without any modality stay NaN
            joined: Vectors = np.nanmean(moved, axis=0)
            joined -= np.outer(joined @ self.sentiment, self.sentiment)
            return joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-9)


def read_languages_and_sentiments(batch: Batch) -> pd.DataFrame:
    """Read language and sentiment of every post, in the batch's order; missing if unknown."""
    found = query.read_arrays(batch, query.EVERY_POST, ["position", "language", "sentiment"])
    table = pd.DataFrame({name: pd.Series(found[name], dtype=object) for name in ("language", "sentiment")})
    return table.set_index(found["position"]).reindex(range(batch.manifest.n_posts))


def read_vectors(batch: Batch) -> Iterator[tuple[int, dict[str, Vectors]]]:
    """Yield the position of each part's first post, and the vectors of its posts by modality.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    for start, table in read_embedding_parts(batch):
        columns = list_vector_columns(table)
        matrices = to_matrices([column for _, column in columns])
        yield start, dict(zip((name for name, _ in columns), matrices, strict=True))


def read_sample(batch: Batch, scored: pd.DataFrame, seed: int) -> tuple[Sample, Correction]:
    """Read the posts that themes are found in: all, or a random sample of `Settings.theme_posts`.

    Args:
        batch: The batch, scored.
        scored: `read_languages_and_sentiments`.
        seed: Of the random numbers.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    n_posts, limit = batch.manifest.n_posts, batch.settings.theme_posts
    drawn = np.ones(n_posts, bool)
    if n_posts > limit:
        drawn[:] = False
        drawn[np.random.default_rng(seed).choice(n_posts, limit, replace=False)] = True
    positions: list[NDArray[np.int64]] = []
    posts: list[pd.DataFrame] = []
    parts: list[dict[str, Vectors]] = []
    for start, vectors in read_vectors(batch):
        length = len(next(iter(vectors.values())))
        rows = np.flatnonzero(drawn[start : start + length])
        if len(rows):
            positions.append(start + rows)
            posts.append(batch.part_of_posts(start // batch.part_posts, ["text", "author"]).iloc[rows])
            parts.append({name: matrix[rows] for name, matrix in vectors.items()})
    stacked = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    where = np.concatenate(positions)
    table = pd.concat(
        [pd.concat(posts, ignore_index=True), scored.iloc[where].reset_index(drop=True)], axis=1
    )
    table["text"] = table["text"].fillna("")
    correction = Correction.of_sample(stacked, table["language"], table["sentiment"])
    joined = correction.join(stacked, table["language"])
    known = ~np.isnan(joined[:, 0])  # a post without any modality has no numbers at all
    return Sample(where[known], table[known].reset_index(drop=True), joined[known]), correction


def _find_rows(languages: pd.Series, frequent: Sequence[str]) -> NDArray[np.int64]:
    """Return the row of each post's mean: that of its language, or the last."""
    row_of = {language: row for row, language in enumerate(frequent)}
    return np.array([row_of.get(language, len(frequent)) for language in languages], np.int64)


def _mean(vectors: Vectors) -> Vectors:
    """Average vectors without those that are NaN; zeros if there are no others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nan_to_num(np.nanmean(vectors, axis=0, dtype=np.float64)).astype(np.float32)
