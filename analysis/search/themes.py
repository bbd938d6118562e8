"""Finds themes: groups of posts that are similar in meaning, without a list of topics.

BERTopic (Grootendorst 2022): the embeddings of posts are reduced by UMAP (McInnes et al. 2018), grouped by HDBSCAN
(Campello et al. 2013), and each group is described by class-based TF-IDF.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ScoringError
from analysis.search.theme_terms import choose_names, split_terms
from analysis.search.vectors import Vectors, read_embedding_vectors
from analysis.workspace import Batch, Themes

_N_TERMS = 10
_DIMENSIONS = 5
"""Dimensions that posts are grouped in, as BERTopic does by default."""
_NEIGHBOURS = 15
_BLOCK = 1_000
"""Posts that are compared with all others at once: 40 MB for 10,000 posts."""
_EPOCHS = 200
"""Of UMAP, which would take 500 for up to 10,000 posts; the groups are about the same."""
_LEAST_POSTS = 2 * _NEIGHBOURS
"""Posts below which there is nothing to group."""
_OUTLIER_SHARE = 0.1
"""Of the posts that a theme was found in, this share is further from its mean than posts given the nearest theme may
be: without a limit, every post that was not in the sample would have a theme."""
STEPS = {
    "reading": "Reading posts",
    "grouping": "Grouping similar posts",
    "naming": "Drawing the map",
    "assigning": "Giving every post its theme",
}
"""The steps of finding themes, with what is said about them."""

Step = Callable[[str], bool]
"""Called with the step of `STEPS` that begins; returns whether to go on."""


class _Sample(NamedTuple):
    """The posts that themes are found in: their positions, texts, and vectors (posts, dim)."""

    positions: NDArray[np.int64]
    texts: list[str]
    vectors: Vectors


def find_themes(batch: Batch, seed: int = 0, step: Step = lambda _: True) -> Themes | None:
    """Find the themes of a batch. The same posts and seed give the same themes on the same machine.

    In a batch of more than `Settings.theme_posts` posts, themes are found in a random sample; the other posts are
    given the nearest theme, unless they are too far from it.

    Args:
        batch: The batch, scored.
        seed: Of the random numbers.
        step: Called when a step begins; it may stop the work.

    Returns:
        The themes, for `write_themes`; None if `step` stopped the work.

    Raises:
        ScoringError: A package is missing, or the batch has no embeddings or too few posts.
    """
    if not step("reading"):
        return None
    sample, means = _read_sample(batch, seed)
    if len(sample.positions) < _LEAST_POSTS:
        raise ScoringError(
            f"Batch {batch.manifest.name!r}",
            f"has {len(sample.positions):,} scored posts; themes need {_LEAST_POSTS} or more",
            "Add more posts.",
        )
    if not step("grouping"):
        return None
    model, groups = _fit(sample, seed)
    if not step("naming"):
        return None
    on_map = np.sort(np.random.default_rng(seed).permutation(len(groups))[: batch.settings.max_chart_points])
    places = _draw_map(sample.vectors[on_map], seed)
    n_themes = int(groups.max()) + 1
    terms = [
        [term for term, weight in model.get_topic(number) if term and weight > 0]
        for number in range(n_themes)
    ]
    if not step("assigning"):
        return None
    centres = _average(sample.vectors, groups, n_themes)
    theme, closeness = _assign(batch, means, centres, sample, groups)
    x, y = (np.full(batch.manifest.n_posts, np.nan, np.float32) for _ in range(2))
    x[sample.positions[on_map]], y[sample.positions[on_map]] = places.T
    order = np.argsort(-np.bincount(theme[theme >= 0], minlength=n_themes + 1)[:n_themes], kind="stable")
    rank = np.array(
        [*np.argsort(order), n_themes, -1], np.int16
    )  # of each theme, of posts without one, of the rest
    kept = tuple(tuple(terms[number]) for number in order)
    return Themes(
        names=tuple(choose_names(kept)),
        terms=kept,
        theme=rank[theme],
        closeness=closeness,
        x=x,
        y=y,
        fitted=len(sample.positions),
        bundle=batch.manifest.bundle or "",
        seed=seed,
    )


def _read_sample(batch: Batch, seed: int) -> tuple[_Sample, list[Vectors]]:
    """Read the sample, and the mean vector of each modality in it."""
    n_posts, limit = batch.manifest.n_posts, batch.settings.theme_posts
    drawn = np.ones(n_posts, bool)
    if n_posts > limit:
        drawn[:] = False
        drawn[np.random.default_rng(seed).choice(n_posts, limit, replace=False)] = True
    positions: list[NDArray[np.int64]] = []
    texts: list[str] = []
    parts: list[Vectors] = []
    for start, modalities in read_embedding_vectors(batch):
        rows = np.flatnonzero(drawn[start : start + len(modalities[0])])
        if len(rows):
            index = start // batch.part_posts
            part_texts = batch.part_of_posts(index, ["text"])["text"].fillna("").to_numpy()
            positions.append(start + rows)
            texts += part_texts[rows].tolist()
            parts.append(np.stack([vectors[rows] for vectors in modalities]))
    stacked = np.concatenate(parts, axis=1)  # (modalities, posts, dim)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a batch may lack a modality
        means = list(np.nan_to_num(np.nanmean(stacked, axis=1, dtype=np.float64)).astype(np.float32))
    vectors = _join_modalities(list(stacked), means)
    known = ~np.isnan(vectors[:, 0])  # a post without any modality has no numbers at all
    kept = [text for text, is_known in zip(texts, known, strict=True) if is_known]
    return _Sample(np.concatenate(positions)[known], kept, vectors[known]), means


def _join_modalities(modalities: Sequence[Vectors], means: Sequence[Vectors]) -> Vectors:
    """Average the vectors of each post's modalities, each less the mean of its modality, to length 1.

    Vectors of texts are nearer to each other than to those of images. Without subtracting the means, themes would
    tell posts with images from those without.
    """
    moved = np.stack([vectors - mean for vectors, mean in zip(modalities, means, strict=True)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # posts without any modality stay NaN
        joined = np.nanmean(moved, axis=0)
        return joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-9)


def _fit(sample: _Sample, seed: int) -> tuple[Any, NDArray[np.int64]]:
    """Fit BERTopic; return it and the theme of each post of the sample, -1 for none."""
    try:
        from bertopic import BERTopic
        from bertopic.vectorizers import ClassTfidfTransformer
        from hdbscan import HDBSCAN
        from sklearn.feature_extraction.text import CountVectorizer
        from umap import UMAP
    except ImportError as error:
        raise ScoringError(
            "Themes",
            f"cannot be found: {error}",
            "Run `pip install postlens[themes]`, or `pip install .[themes]` in a clone.",
        ) from error

    n_posts = len(sample.positions)
    least = max(_LEAST_POSTS // 3, round(math.sqrt(n_posts) / 2))
    model = BERTopic(
        language="multilingual",  # for English, BERTopic removes hashtags, emoji, and letters other than A to Z
        top_n_words=_N_TERMS,
        umap_model=UMAP(
            n_neighbors=_NEIGHBOURS, n_components=_DIMENSIONS, min_dist=0.0, metric="cosine", n_epochs=_EPOCHS,
            precomputed_knn=_find_neighbours(sample.vectors), random_state=seed, n_jobs=1,
        ),
        hdbscan_model=HDBSCAN(min_cluster_size=least, min_samples=min(5, least), core_dist_n_jobs=1),
        vectorizer_model=CountVectorizer(analyzer=split_terms),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True, reduce_frequent_words=True),
    )  # fmt: skip
    texts = sample.texts if any(map(split_terms, sample.texts)) else ["picture"] * n_posts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about threads and small clusters
        found, _ = model.fit_transform(texts, embeddings=sample.vectors)
    return model, np.asarray(found)


def _find_neighbours(vectors: Vectors) -> tuple[NDArray[np.int64], Vectors]:
    """Find the nearest posts of each post, itself first, and their cosine distances: (posts, neighbours) each.

    Exact, and for 10,000 posts ten times as fast as the approximate search of UMAP, which is compiled first.
    """
    indices: list[NDArray[np.int64]] = []
    distances: list[Vectors] = []
    for start in range(0, len(vectors), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(vectors)))
        similarity = vectors[block] @ vectors.T
        similarity[np.arange(len(block)), block] = 2  # itself comes first, also among equal posts
        nearest = np.argpartition(-similarity, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        order = np.argsort(-np.take_along_axis(similarity, nearest, 1), axis=1, kind="stable")
        nearest = np.take_along_axis(nearest, order, 1)
        indices.append(nearest)
        distances.append(np.clip(1 - np.take_along_axis(similarity, nearest, 1), 0, 2))
    return np.concatenate(indices), np.concatenate(distances).astype(np.float32)


def _draw_map(vectors: Vectors, seed: int) -> Vectors:
    """Place posts in two dimensions so that similar ones are near each other: (posts, 2)."""
    from umap import UMAP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reducer = UMAP(n_neighbors=_NEIGHBOURS, n_components=2, metric="cosine", random_state=seed, n_jobs=1)
        return reducer.fit_transform(vectors)


def _average(vectors: Vectors, groups: NDArray[np.int64], n_themes: int) -> Vectors:
    """Average the vectors of each theme, to length 1: (themes, dim)."""
    means = np.zeros((n_themes, vectors.shape[1]), np.float32)
    np.add.at(means, groups[groups >= 0], vectors[groups >= 0])
    return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def _assign(
    batch: Batch, means: Sequence[Vectors], centres: Vectors, sample: _Sample, groups: NDArray[np.int64]
) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Return the theme of every post (`Themes.theme`) and its closeness; posts of the sample keep their group."""
    n_posts, n_themes = batch.manifest.n_posts, len(centres)
    theme, closeness = np.full(n_posts, -1, np.int16), np.full(n_posts, np.nan, np.float32)
    own = np.einsum("ij,ij->i", sample.vectors, centres[groups]) if n_themes else np.empty(0)
    if n_themes and len(sample.positions) < n_posts:
        least = np.array([np.quantile(own[groups == number], _OUTLIER_SHARE) for number in range(n_themes)])
        for start, modalities in read_embedding_vectors(batch):
            similarity = _join_modalities(modalities, means) @ centres.T  # (posts, themes)
            known = ~np.isnan(similarity).any(axis=1)
            nearest = np.where(known, np.nan_to_num(similarity).argmax(axis=1), 0)
            value = similarity[np.arange(len(nearest)), nearest]
            is_near = known & (np.nan_to_num(value) >= least[nearest])
            rows = slice(start, start + len(nearest))
            theme[rows] = np.where(is_near, nearest, np.where(known, n_themes, -1))
            closeness[rows] = np.where(is_near, value, np.nan)
    theme[sample.positions] = np.where(groups >= 0, groups, n_themes)
    closeness[sample.positions] = np.where(groups >= 0, own, np.nan) if n_themes else np.nan
    return theme, closeness
