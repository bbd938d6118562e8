"""Words that are typical of a segment: weighted log-odds ratios with an informative Dirichlet prior.

Monroe, Colaresi & Quinn (2008), "Fightin' Words: Lexical feature selection and evaluation for identifying the content
of political conflict", Political Analysis 16(4), equations 16, 20 and 22.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.query.segments import list_members

MIN_Z = 1.96
"""z-score that a word must exceed to be listed."""


@dataclass(frozen=True)
class TypicalWord:
    """A word, or an emoji, that is more frequent in a segment than outside.

    Attributes:
        kind: "word" or "emoji".
        key: As filters take it.
        title: As shown.
        posts: Posts of the segment with it, among those that were read.
        z: The log-odds ratio, divided by its standard error.
    """

    kind: str
    key: str
    title: str
    posts: int
    z: float


def find_typical_words(table: pd.DataFrame, segments: int, most: int) -> list[list[TypicalWord]]:
    """Find the words and emoji that are typical of each segment, compared with the posts that are only in the others.

    Args:
        table: Posts by word and combination of segments (`WordCounts.table`).
        segments: Number of segments.
        most: The most words, and the most emoji, of each segment.

    Returns:
        For each segment its words and emoji, the most typical first; none if there are no posts outside it.
    """
    counts = table.pivot_table(
        index=["kind", "key"], columns="members", values="posts", aggfunc="sum", fill_value=0
    )
    titles = table.drop_duplicates(["kind", "key"]).set_index(["kind", "key"])["title"]
    names = counts.join(titles)["title"].reset_index()
    has = list_members(counts.columns.to_numpy(), segments)  # (combinations, segments)
    every, found = counts.to_numpy(float), list[list[TypicalWord]]()
    for number in range(segments):
        inside, outside = every[:, has[:, number]].sum(axis=1), every[:, ~has[:, number]].sum(axis=1)
        if not inside.any() or not outside.any():
            found.append([])
            continue
        scores = compute_log_odds(inside, outside, inside + outside)
        scored = names.assign(posts=inside.astype(int), z=scores)
        ranked = scored[scores > MIN_Z].sort_values("z", ascending=False, kind="stable")
        rows = ranked.groupby("kind").head(most)
        found.append([TypicalWord(*row) for row in rows.itertuples(index=False, name=None)])
    return found


def compute_log_odds(
    inside: NDArray[np.float64], outside: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute how much more frequent words are in one set of posts than in another.

    Args:
        inside: Frequency of each word in the one: (words,).
        outside: In the other.
        prior: Frequency in a prior, more than 0. The more frequent a word is there, the more its ratio is drawn to
            that of the prior, so that words that are frequent everywhere need no list of stop words.

    Returns:
        z-scores (words,): log-odds ratios, divided by their standard errors.
    """
    first, second = inside + prior, outside + prior
    odds = [np.log(each) - np.log(np.maximum(each.sum() - each, 1e-9)) for each in (first, second)]
    scores: NDArray[np.float64] = (odds[0] - odds[1]) / np.sqrt(1 / first + 1 / second)
    return scores
