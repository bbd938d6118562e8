"""Words, hashtags and emoji of segments: in how many posts each is, by the segments of the post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.query.segments import Members
from analysis.query.summary_table import query_errors
from analysis.query.value_tables import prepare_value_tables
from analysis.stop_words import read_stop_words

KINDS = ("words", "hashtags", "emoji")
"""What is counted: columns of values, which are also the names of their filters."""
_LEAST_POSTS = 2
"""Posts that a word must be in: one post says nothing about its segment."""
_SEED = 0


@dataclass(frozen=True, eq=False)
class WordCounts:
    """In how many posts of segments words, hashtags and emoji are.

    Attributes:
        table: One row per word, hashtag or emoji and combination of segments (`analysis.query.segments`): kind (one
            of `KINDS`), key (as filters take it), title (as shown), members (the combination), posts.
        counted: Posts that were read.
        posts: Posts in any segment; more than `counted` if only a sample was read.
    """

    table: pd.DataFrame
    counted: int
    posts: int


def count_segment_words(members: Members, limit: int) -> WordCounts:
    """Count the posts with each word, hashtag and emoji; in large segments, of a random sample, always the same.

    Words are those of the filter by words, without stop words, and also those that are written as hashtags. If at
    least half of the posts with a word have it as a hashtag, only the hashtag is counted, otherwise only the word.

    Args:
        members: The posts.
        limit: Posts that are read in all, about. Of segments that share no posts, the largest are sampled first, so
            that small ones are read whole.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    for snapshot in members.snapshots.values():
        with query_errors(snapshot.batch):
            for kind in KINDS:
                prepare_value_tables(snapshot, kind)
    sample = sample_members(members, limit)
    found = pd.concat([members.fetch(_count_sql(kind), sample) for kind in KINDS], ignore_index=True)
    found = found[~_is_stop_word(found)]
    joined = found.groupby(["kind", "key", "members"], as_index=False).agg({"posts": "sum", "title": "first"})
    joined["all"] = joined.groupby(["kind", "key"])["posts"].transform("sum")
    kept = joined[(joined["all"] >= _LEAST_POSTS) & ~_is_counted_twice(joined)]
    return WordCounts(kept.drop(columns="all"), _count(sample), _count(members.tables))


def _count_sql(kind: str) -> str:
    sign = "#" if kind == "hashtags" else ""
    return f"""
        SELECT '{kind}' AS kind, key, '{sign}' || title AS title, members, language, count(*) AS posts
        FROM members JOIN (SELECT position, language FROM summary) USING (position)
        JOIN rows_{kind} USING (position) JOIN values_{kind} USING (id)
        GROUP BY key, title, members, language"""  # noqa: S608 (one of `KINDS`)


def _is_stop_word(counts: pd.DataFrame) -> pd.Series:
    """Return for each row whether its word is a stop word of the language of most of its posts, and no name.

    The tables of words leave out only stop words of languages that many posts of a batch are in.
    """
    of_languages = counts.groupby(["kind", "key", "language"], as_index=False).agg({"posts": "sum"})
    ranked = of_languages.sort_values(["posts", "language"], ascending=[False, True])
    most = ranked.drop_duplicates(["kind", "key"]).set_index(["kind", "key"])["language"]
    languages = most.reindex(pd.MultiIndex.from_frame(counts[["kind", "key"]])).fillna("")
    is_stop = [
        key in read_stop_words((language,)) for key, language in zip(counts["key"], languages, strict=True)
    ]
    is_lower = counts["title"] == counts["key"]
    return pd.Series(is_stop, counts.index) & is_lower & (counts["kind"] == "words")


def _is_counted_twice(counts: pd.DataFrame) -> pd.Series:
    """Return for each row whether its word is also a hashtag, as which it is counted, or the other way round."""
    of_kind = {
        kind: counts[counts["kind"] == kind].drop_duplicates("key").set_index("key")["all"] for kind in KINDS
    }
    words, hashtags = (counts["key"].map(of_kind[kind]) for kind in ("words", "hashtags"))
    is_mostly_hashtag = hashtags * 2 >= words  # False if there is no such word, or no such hashtag
    is_twice = is_mostly_hashtag.where(counts["kind"] == "words", words > hashtags * 2)
    return is_twice & (counts["kind"] != "emoji")


def sample_members(members: Members, limit: int) -> dict[str, pa.Table]:
    """Draw a random sample of the posts of segments, always the same.

    Args:
        members: The posts.
        limit: Posts of the sample, about.

    Returns:
        Tables as those of `Members.tables`. If no post is in two segments, those with more posts than their part of
        the limit are sampled, and the others are whole; otherwise, every post has the same chance.
    """
    if _count(members.tables) <= limit:
        return dict(members.tables)
    shared = members.shared_posts()
    is_apart = shared.sum() == np.trace(shared)
    strata = {
        name: table["members"].to_numpy() if is_apart else np.zeros(len(table), np.uint8)
        for name, table in members.tables.items()
    }
    sizes = np.sum([np.bincount(each, minlength=256) for each in strata.values()], axis=0)
    quotas = _divide(sizes, limit)
    generator, tables = np.random.default_rng(_SEED), {}
    for name, table in members.tables.items():
        share = (quotas / np.maximum(sizes, 1))[strata[name]]
        tables[name] = table.filter(pa.array(generator.random(len(table)) < share))
    return tables


def _divide(sizes: np.ndarray, limit: int) -> np.ndarray:
    """Divide a limit among strata: each gets its size if that is within an equal part of what is left."""
    quotas, left = np.zeros(len(sizes)), float(limit)
    order = np.argsort(sizes, kind="stable")
    for place, stratum in enumerate(order):
        quotas[stratum] = min(float(sizes[stratum]), left / (len(order) - place))
        left -= quotas[stratum]
    return quotas


def _count(tables: Mapping[str, pa.Table]) -> int:
    return sum(len(table) for table in tables.values())
