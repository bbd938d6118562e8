"""Finds themes: groups of posts that are similar in meaning, without a list of topics.

The steps of BERTopic (Grootendorst 2022): the embeddings of posts are reduced by UMAP (McInnes et al. 2018), grouped
by HDBSCAN (Campello et al. 2013), and each group is described by class-based TF-IDF. Other than in BERTopic, posts
are compared by their words too, and the means of languages and sentiments are removed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ScoringError
from analysis.search.theme_groups import LEAST_POSTS, average_groups, group_posts, place_on_map
from analysis.search.theme_terms import (
    choose_names,
    find_themes_of_one_author,
    find_typical_terms,
    split_posts,
    weigh_words,
)
from analysis.search.theme_vectors import (
    Correction,
    Sample,
    read_languages_and_sentiments,
    read_sample,
    read_vectors,
)
from analysis.workspace import Batch, Themes

_PACKAGES = ("bertopic", "hdbscan", "umap")
"""Of the extra `themes`."""
_N_TERMS = 10
_OUTLIER_SHARE = 0.2
"""Of the posts of a group, this share is further from its mean than posts given the nearest theme may be: without a
limit, every post would have a theme."""
STEPS = {
    "reading": "Reading posts",
    "grouping": "Grouping similar posts",
    "assigning": "Giving every post its theme",
    "naming": "Drawing the map",
}
"""The steps of finding themes, with what is said about them."""

Step = Callable[[str], bool]
"""Called with the step of `STEPS` that begins; returns whether to go on."""


def find_themes(batch: Batch, seed: int = 0, step: Step = lambda _: True) -> Themes | None:
    """Find the themes of a batch. The same posts and seed give the same themes on the same machine.

    In a batch of more than `Settings.theme_posts` posts, groups are found in a random sample. Posts that are not in a
    group are given the nearest theme, unless they are too far from it.

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
    _check_packages()
    scored = read_languages_and_sentiments(batch)
    sample, correction = read_sample(batch, scored, seed)
    if len(sample.positions) < LEAST_POSTS:
        raise ScoringError(
            f"Batch {batch.manifest.name!r}",
            f"has {len(sample.positions):,} scored posts; themes need {LEAST_POSTS} or more",
            "Add more posts.",
        )
    if not step("grouping"):
        return None
    words = split_posts(sample.posts)
    groups = group_posts(sample.vectors, weigh_words(words), seed)
    if not step("assigning"):
        return None
    theme, closeness = _assign(batch, scored["language"], correction, sample, groups)
    if not step("naming"):
        return None
    n_themes = int(groups.max()) + 1
    authors, of_sample = sample.posts["author"], theme[sample.positions].astype(np.int64)
    of_sample = np.where(of_sample < n_themes, of_sample, -1)
    terms = find_typical_terms(words, authors, of_sample, n_themes, _N_TERMS)
    is_of_one_author = find_themes_of_one_author(authors, of_sample, n_themes)
    on_map = np.sort(np.random.default_rng(seed).permutation(len(groups))[: batch.settings.max_chart_points])
    x, y = (np.full(batch.manifest.n_posts, np.nan, np.float32) for _ in range(2))
    x[sample.positions[on_map]], y[sample.positions[on_map]] = place_on_map(sample.vectors[on_map], seed).T
    order = np.argsort(-np.bincount(theme[theme >= 0], minlength=n_themes + 1)[:n_themes], kind="stable")
    rank = np.array(
        [*np.argsort(order), n_themes, -1], np.int16
    )  # of each theme, of none, of posts without vectors
    kept = tuple(tuple(terms[number]) for number in order)
    return Themes(
        names=tuple(choose_names(kept, [is_of_one_author[number] for number in order])),
        terms=kept,
        theme=rank[theme],
        closeness=closeness,
        x=x,
        y=y,
        fitted=len(sample.positions),
        bundle=batch.manifest.bundle or "",
        seed=seed,
        found=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _check_packages() -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ScoringError(
            "Themes",
            f"cannot be found without the package {missing[0]}",
            "Run `pip install postlens[themes]`, or `pip install .[themes]` in a clone.",
        )


def _assign(
    batch: Batch, languages: pd.Series, correction: Correction, sample: Sample, groups: NDArray[np.int64]
) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Return the theme of every post (`Themes.theme`) and its closeness; posts in a group keep it."""
    centres = average_groups(sample.vectors, groups)
    n_posts, n_themes = batch.manifest.n_posts, len(centres)
    theme, closeness = np.full(n_posts, -1, np.int16), np.full(n_posts, np.nan, np.float32)
    theme[sample.positions] = n_themes
    if not n_themes:
        return theme, closeness
    grouped = groups >= 0
    own = np.einsum("ij,ij->i", sample.vectors[grouped], centres[groups[grouped]])
    least = np.array([np.quantile(own[groups[grouped] == each], _OUTLIER_SHARE) for each in range(n_themes)])
    for start, vectors in read_vectors(batch):
        rows = batch.part_rows(start // batch.part_posts)
        similarity = correction.join(vectors, languages.iloc[rows]) @ centres.T  # (posts, themes)
        known = ~np.isnan(similarity).any(axis=1)
        nearest = np.where(known, np.nan_to_num(similarity).argmax(axis=1), 0)
        value = similarity[np.arange(len(nearest)), nearest]
        is_near = known & (np.nan_to_num(value) >= least[nearest])
        theme[rows] = np.where(is_near, nearest, np.where(known, n_themes, -1))
        closeness[rows] = np.where(is_near, value, np.nan)
    theme[sample.positions[grouped]], closeness[sample.positions[grouped]] = groups[grouped], own
    return theme, closeness
