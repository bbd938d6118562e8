"""Groups similar posts: reduced by UMAP, grouped by HDBSCAN, and similar groups merged.

Similarity is the mean of two cosines: of vectors, which are similar in meaning, and of words. Vectors alone place
posts with the same mood, place or wording near each other, whatever they are about. Posts without words, such as
images, have those of the posts with the most similar vectors.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.search.vectors import Vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEAST_POSTS = 30
"""Posts below which there is nothing to group."""
_DIMENSIONS = 5
"""Dimensions that posts are grouped in, as BERTopic does by default."""
_NEIGHBOURS = 10
"""With 15, subjects of 30 posts or fewer in 20,000 are often lost."""
_BLOCK = 1_000
"""Posts that are compared with all others at once: 80 MB for 20,000 posts."""
_EPOCHS = 200
"""Of UMAP, which would take 500 for up to 10,000 posts; the groups are about the same."""
_LEAST_OF_GROUP = 10
"""Posts of the smallest group; in more than 5,000 posts, the square root of their number by `_GROUP_DIVISOR`."""
_GROUP_DIVISOR = 7
_MERGED_FROM = ((3_000, 0.26), (10_000, 0.30))
"""Numbers of posts, and the mean similarity between groups from which they are one, as `reduce_topics` of BERTopic
merges topics: HDBSCAN splits a large subject into its wordings if small subjects are to be found. Among more groups,
more are similar by chance. Chosen in trials with planted subjects. Of 12 subjects of 20 to 300 posts in 20,000, 11
have a theme of their own with 0.30, which has 90 % of their posts; 10 with 0.26. Of 13 subjects of 25 to 280 posts in
21,000, 9 have one with 0.30, and 5 with 0.26. Of 12 subjects in 1,200 posts, 8 with 0.30, and 10 with 0.26."""


def group_posts(vectors: Vectors, words: csr_matrix, seed: int) -> NDArray[np.int64]:
    """Group similar posts.

    Args:
        vectors: (posts, dim), of length 1.
        words: (posts, vocabulary), of length 1; zeros for posts without words.
        seed: Of the random numbers.

    Returns:
        (posts,) the group of each post, from 0; -1 for none.
    """
    from hdbscan import HDBSCAN

    words = _lend_words(vectors, words)
    least = max(_LEAST_OF_GROUP, round(math.sqrt(len(vectors)) / _GROUP_DIVISOR))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about threads, and packages that are not needed
        from umap import UMAP

        reduced = UMAP(
            n_neighbors=_NEIGHBOURS, n_components=_DIMENSIONS, min_dist=0.0, metric="cosine", n_epochs=_EPOCHS,
            precomputed_knn=_find_neighbours(vectors, words), random_state=seed, n_jobs=1,
        ).fit_transform(vectors)  # fmt: skip
        groups = HDBSCAN(
            min_cluster_size=least, min_samples=5, cluster_selection_method="leaf", core_dist_n_jobs=1
        ).fit_predict(reduced)
    return merge_similar(vectors, words, np.asarray(groups, np.int64))


def merge_similar(vectors: Vectors, words: csr_matrix, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Merge groups whose means are similar, by average linkage.

    Args:
        vectors: (posts, dim), of length 1.
        words: (posts, vocabulary), of length 1 or zeros.
        groups: (posts,) the group of each post, from 0; -1 for none.

    Returns:
        (posts,) the merged groups.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse import csr_matrix
    from scipy.spatial.distance import squareform
    from sklearn.preprocessing import normalize

    means = average_groups(vectors, groups)
    if len(means) < 2:
        return groups
    grouped = np.flatnonzero(groups >= 0)
    membership = csr_matrix(
        (np.ones(len(grouped), np.float32), (groups[grouped], grouped)), (len(means), len(groups))
    )
    of_words = normalize(membership @ words)
    distances = 1 - (means @ means.T + (of_words @ of_words.T).toarray()) / 2
    condensed = squareform(np.maximum(distances, 0), checks=False)
    posts, similarities = zip(*_MERGED_FROM, strict=True)
    merged_from = float(np.interp(math.log(len(vectors)), np.log(posts), similarities))
    merged = fcluster(linkage(condensed, "average"), 1 - merged_from, "distance")
    return np.where(groups < 0, -1, merged[groups] - 1)


def place_on_map(vectors: Vectors, seed: int) -> Vectors:
    """Place posts in two dimensions so that similar ones are near each other: (posts, 2)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

        reducer = UMAP(n_neighbors=_NEIGHBOURS, n_components=2, metric="cosine", random_state=seed, n_jobs=1)
        return reducer.fit_transform(vectors)


def average_groups(vectors: Vectors, groups: NDArray[np.int64]) -> Vectors:
    """Average the vectors of each group, to length 1: (groups, dim)."""
    means = np.zeros((int(groups.max(initial=-1)) + 1, vectors.shape[1]), np.float32)
    np.add.at(means, groups[groups >= 0], vectors[groups >= 0])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def _lend_words(vectors: Vectors, words: csr_matrix) -> csr_matrix:
    """Give posts without words the mean of those of the most similar posts: (posts, vocabulary)."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    counts = np.diff(words.indptr)
    having, lacking = np.flatnonzero(counts), np.flatnonzero(counts == 0)
    lent = min(_NEIGHBOURS, len(having))
    if not lent:
        return words
    sources: list[NDArray[np.int64]] = []
    for start in range(0, len(lacking), _BLOCK):
        similarity = vectors[lacking[start : start + _BLOCK]] @ vectors[having].T
        sources.append(having[np.argpartition(-similarity, lent - 1, axis=1)[:, :lent]].ravel())
    rows = np.repeat(lacking, lent)
    places = (rows, np.concatenate(sources) if sources else rows)
    lending = csr_matrix((np.ones(len(rows), np.float32), places), (len(vectors), len(vectors)))
    return normalize(words + lending @ words)


def _find_neighbours(vectors: Vectors, words: csr_matrix) -> tuple[NDArray[np.int64], Vectors]:
    """Find the most similar posts of each post, itself first, and their distances: (posts, neighbours) each.

    Exact, and for 10,000 posts ten times as fast as the approximate search of UMAP, which is compiled first.
    """
    indices: list[NDArray[np.int64]] = []
    distances: list[Vectors] = []
    for start in range(0, len(vectors), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(vectors)))
        similarity = (vectors[block] @ vectors.T + (words[block] @ words.T).toarray()) / 2
        similarity[np.arange(len(block)), block] = 2  # itself comes first, also among equal posts
        nearest = np.argpartition(-similarity, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        order = np.argsort(-np.take_along_axis(similarity, nearest, 1), axis=1, kind="stable")
        nearest = np.take_along_axis(nearest, order, 1)
        indices.append(nearest)
        distances.append(np.clip(1 - np.take_along_axis(similarity, nearest, 1), 0, 2))
    return np.concatenate(indices), np.concatenate(distances).astype(np.float32)
