"""Words and emoji of segments: in how many posts each is, by the segments of the post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.query.found_values import list_words_sql
from analysis.query.segments import Members
from analysis.query.snapshot import POSTS
from analysis.query.summary_table import query_errors
from analysis.query.value_tables import prepare_value_tables

_LEAST_POSTS = 2
"""Posts that a word must be in: one post says nothing about its segment."""
_SEED = 0


@dataclass(frozen=True, eq=False)
class WordCounts:
    """In how many posts of segments words and emoji are.

    Attributes:
        table: One row per word or emoji and combination of segments (`analysis.query.segments`): kind ("word" or
            "emoji"), key (as filters take it), title (as shown), members (the combination), posts.
        counted: Posts that were read.
        posts: Posts in any segment; more than `counted` if only a sample was read.
    """

    table: pd.DataFrame
    counted: int
    posts: int


def count_segment_words(members: Members, limit: int) -> WordCounts:
    """Count the posts with each word and each emoji; in large segments, of a random sample, always the same.

    Args:
        members: The posts.
        limit: Posts that are read in all, about. Of segments that share no posts, the largest are sampled first, so
            that small ones are read whole.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    for snapshot in members.snapshots.values():
        with query_errors(snapshot.batch):
            prepare_value_tables(snapshot, "emoji")
    sample = sample_members(members, limit)
    words = f"""
        SELECT 'word' AS kind, word AS key, word AS title, members, count(*) AS posts
        FROM (
            SELECT members, unnest({list_words_sql()}) AS word
            FROM members JOIN (SELECT file_row_number AS position, text FROM {POSTS}) USING (position)
        ) GROUP BY word, members"""  # noqa: S608 (constants)
    emoji = """
        SELECT 'emoji' AS kind, key, title, members, count(*) AS posts
        FROM members JOIN rows_emoji USING (position) JOIN values_emoji USING (id) GROUP BY key, title, members"""
    found = pd.concat([members.fetch(sql, sample) for sql in (words, emoji)])
    joined = found.groupby(["kind", "key", "members"], as_index=False).agg({"posts": "sum", "title": "first"})
    is_repeated = joined.groupby(["kind", "key"])["posts"].transform("sum") >= _LEAST_POSTS
    return WordCounts(joined[is_repeated], _count(sample), _count(members.tables))


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
