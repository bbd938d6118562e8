"""Words that are typical of a segment: weighted log-odds ratios with an informative Dirichlet prior.

Monroe, Colaresi & Quinn (2008), "Fightin' Words: Lexical feature selection and evaluation for identifying the content
of political conflict", Political Analysis 16(4), equations 16, 20 and 22.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.query.filters import Filters
from analysis.query.segments import list_members

MIN_Z = 1.96
"""z-score that a word must exceed to be listed."""


@dataclass(frozen=True)
class TypicalWord:
    """A word, hashtag or emoji that is more frequent in a segment than outside.

    Attributes:
        kind: "words", "hashtags" or "emoji".
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
    """Find the words, hashtags and emoji that are typical of each segment, compared with posts only in the others.

    Args:
        table: Posts by word and combination of segments (`WordCounts.table`).
        segments: Number of segments.
        most: The most words and hashtags, and the most emoji, of each segment.

    Returns:
        For each segment its words, hashtags and emoji, the most typical first; none if there are no posts outside it.
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
        rows = ranked.groupby(ranked["kind"] == "emoji").head(most)
        found.append([TypicalWord(*row) for row in rows.itertuples(index=False, name=None)])
    return found


def filter_word(filters: Filters, word: TypicalWord) -> Filters:
    """Return the filters of those posts that also have a word, hashtag or emoji.

    A filter has posts with any of its values; if its kind is already filtered, the text is searched for it.

    Args:
        filters: Those of the segment.
        word: The word.
    """
    chosen = filters.chosen(word.kind)
    if not chosen or chosen == (word.key,):
        return filters.with_selection((word.kind, word.key))
    sign = "#" if word.kind == "hashtags" else ""
    quoted = f'text:"{sign}{word.key}"'
    return filters.replace(search=f"({filters.search}) {quoted}" if filters.search.strip() else quoted)


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
