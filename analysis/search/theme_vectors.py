"""One vector per post for themes: of its text and its images, without what all posts in its language share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import query
from analysis.search.vectors import Vectors, list_vector_columns, read_embedding_parts, to_matrices
from analysis.workspace import Batch

_LEAST_OF_LANGUAGE = 50
"""Posts of the sample in a language from which their mean shows the language: fewer may be on one subject."""
_TEXT = "text"


class Sample(NamedTuple):
    """The posts that themes are found in.

    Attributes:
        positions: (posts,) in the batch.
        posts: text, author and language of each.
        vectors: (posts, dim).
    """

    positions: NDArray[np.int64]
    posts: pd.DataFrame
    vectors: Vectors


@dataclass(frozen=True, eq=False)
class Means:
    """The mean vectors that are subtracted from those of posts.

    Vectors of texts are nearer to each other than to those of images, and those of one language, of which each branch
    of a text encoder reads some, nearer than to those of another. Without subtracting the means, themes would tell
    posts with images from those without, and languages from each other.

    Attributes:
        languages: The languages with a mean of their own; other posts share the last mean.
        by_modality: (languages + 1, dim) by modality; for those other than text, all rows are equal.
    """

    languages: Sequence[str]
    by_modality: Mapping[str, Vectors]

    @classmethod
    def of_sample(cls, vectors: Mapping[str, Vectors], languages: pd.Series) -> Means:
        """Compute the means of a sample: vectors by modality, NaN where a post lacks it, and the posts' languages."""
        counts = languages.value_counts()
        frequent = sorted(counts.index[counts >= _LEAST_OF_LANGUAGE])
        rows = _find_rows(languages, frequent)
        by_modality = {
            name: np.tile(_mean(matrix), (len(frequent) + 1, 1)) for name, matrix in vectors.items()
        }
        for row in range(len(frequent) + 1):
            if (
                _TEXT in vectors
                and (~np.isnan(vectors[_TEXT][rows == row][:, 0])).sum() >= _LEAST_OF_LANGUAGE
            ):
                by_modality[_TEXT][row] = _mean(vectors[_TEXT][rows == row])
        return cls(frequent, by_modality)

    def join(self, vectors: Mapping[str, Vectors], languages: pd.Series) -> Vectors:
        """Average the vectors of each post's modalities, each less its mean, to length 1: (posts, dim)."""
        rows = _find_rows(languages, self.languages)
        moved = np.stack([matrix - self.by_modality[name][rows] for name, matrix in vectors.items()])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # posts without any modality stay NaN
            joined: Vectors = np.nanmean(moved, axis=0)
            return joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-9)


def read_languages(batch: Batch) -> pd.Series:
    """Read the language of every post, in the batch's order; missing if unknown."""
    found = query.read_arrays(batch, query.EVERY_POST, ["position", "language"])
    return pd.Series(found["language"], found["position"], dtype=object).reindex(
        range(batch.manifest.n_posts)
    )


def read_vectors(batch: Batch) -> Iterator[tuple[int, dict[str, Vectors]]]:
    """Yield the position of each part's first post, and the vectors of its posts by modality.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    for start, table in read_embedding_parts(batch):
        columns = list_vector_columns(table)
        matrices = to_matrices([column for _, column in columns])
        yield start, dict(zip((name for name, _ in columns), matrices, strict=True))


def read_sample(batch: Batch, languages: pd.Series, seed: int) -> tuple[Sample, Means]:
    """Read the posts that themes are found in: all, or a random sample of `Settings.theme_posts`.

    Args:
        batch: The batch, scored.
        languages: `read_languages`.
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
    table = pd.concat(posts, ignore_index=True).assign(language=languages.iloc[where].to_numpy())
    table["text"] = table["text"].fillna("")
    means = Means.of_sample(stacked, table["language"])
    joined = means.join(stacked, table["language"])
    known = ~np.isnan(joined[:, 0])  # a post without any modality has no numbers at all
    return Sample(where[known], table[known].reset_index(drop=True), joined[known]), means


def _find_rows(languages: pd.Series, frequent: Sequence[str]) -> NDArray[np.int64]:
    """Return the row of each post's mean: that of its language, or the last."""
    row_of = {language: row for row, language in enumerate(frequent)}
    return np.array([row_of.get(language, len(frequent)) for language in languages], np.int64)


def _mean(vectors: Vectors) -> Vectors:
    """Average vectors without those that are NaN; zeros if there are no others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nan_to_num(np.nanmean(vectors, axis=0, dtype=np.float64)).astype(np.float32)
