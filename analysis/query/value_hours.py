"""Counts of posts by hour for many values of a column at once, and the posts of some values in some time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.columns import TOPIC_COLUMN, UNCLEAR, VALUE_COLUMNS
from analysis.custom_topics import NO_TOPIC
from analysis.query.breakdown import open_source
from analysis.query.filters import Filters
from analysis.query.sql import run_query
from analysis.workspace import Batch

WORDS = "words"
"""The column of words, which are counted in a sample of the posts of a large batch."""
ALL_POSTS = ""
"""Used as the column of all posts, whose only value is ""."""
NO_HOUR = -1
"""The hour of posts without a time of day."""
_LEAST = 5
"""Fewest posts of a value that is counted: fewer are no peak."""


@dataclass(frozen=True, eq=False)
class ValueHours:
    """Posts by value and hour.

    Attributes:
        keys: The values, as filters take them, the most frequent first.
        titles: Their display names.
        values: For each count, the number of its value: (counts,).
        days: Its day, as a day since 1970.
        hours: Its hour, or `NO_HOUR`.
        posts: Scored posts.
        negative: Negative ones.
        step: 1 of so many posts was counted.
    """

    keys: list[str]
    titles: list[str]
    values: NDArray[np.int64]
    days: NDArray[np.int64]
    hours: NDArray[np.int64]
    posts: NDArray[np.float64]
    negative: NDArray[np.float64]
    step: int = 1


@dataclass(frozen=True)
class Window:
    """Posts of a value in some time.

    Attributes:
        key: The value.
        first: The first day, since 1970.
        last: The last one.
        low: The first hour of each of these days; None for whole days.
        high: The last hour.
    """

    key: str
    first: int
    last: int
    low: int | None = None
    high: int | None = None


def count_value_hours(batch: Batch, filters: Filters, by: str, limit: int, amount: str = "1") -> ValueHours:
    """Count scored posts with a date by value, day and hour.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: `ALL_POSTS`, or see `count_values`. Words are counted in about `Settings.compared_texts` posts. Posts
            without a clear topic, or any custom topic, have no value.
        limit: Number of values, the most frequent.
        amount: What to sum up, as SQL (`weight_sql`).

    Raises:
        ValueError: Posts cannot be counted by this column.
    """
    source, given, step = _open_values(batch, filters, by)
    frequent = "SELECT id, sum(posts) AS n FROM counted GROUP BY id HAVING n >= $least"
    sql = f"""
        SELECT * FROM (
            WITH counted AS (
                SELECT id, day - DATE '1970-01-01' AS days, coalesce(hour, {NO_HOUR}) AS hours,
                    CAST(sum({amount}) AS DOUBLE) AS posts,
                    CAST(coalesce(sum({amount}) FILTER (sentiment = 'negative'), 0) AS DOUBLE) AS negative
                FROM {source}
                WHERE sentiment IS NOT NULL AND day IS NOT NULL AND {amount} IS NOT NULL GROUP BY ALL),
            frequent AS (
                SELECT id, row_number() OVER (ORDER BY n DESC, key) - 1 AS number, key, title
                FROM {_add_names(by, frequent)} WHERE {_is_value_sql(by)} ORDER BY n DESC, key LIMIT $limit)
            SELECT * EXCLUDE (id) FROM counted JOIN frequent USING (id))"""  # noqa: S608 (constants)
    least = 0 if by == ALL_POSTS else _LEAST
    with run_query(batch, filters, sql, **given, limit=limit, least=least) as result:
        table = result.to_arrow_table()
    values = table["number"].to_numpy().astype(np.int64)
    _, firsts = np.unique(values, return_index=True)
    of_values = table.take(pa.array(firsts))
    columns = {name: table[name].to_numpy() for name in ("days", "hours", "posts", "negative")}
    return ValueHours(
        of_values["key"].to_pylist(),
        of_values["title"].to_pylist(),
        values,
        columns["days"].astype(np.int64),
        columns["hours"].astype(np.int64),
        columns["posts"].astype(float),
        columns["negative"].astype(float),
        step,
    )


def find_window_posts(
    batch: Batch, filters: Filters, by: str, windows: Sequence[Window], most: int
) -> tuple[pa.Table, int]:
    """Find scored posts of some values in some time.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: See `count_value_hours`.
        windows: The values and times.
        most: Posts of the batch from which only a sample is searched.

    Returns:
        window (its number), position, days (since 1970), hour (or `NO_HOUR`), is_negative; and that 1 of so many
        posts was searched.
    """
    source, given, step = _open_values(batch, filters, by, most)
    fields: dict[str, Any] = {
        "windows": list(range(len(windows))),
        "keys": [each.key for each in windows],
        "firsts": [each.first for each in windows],
        "lasts": [each.last for each in windows],
        "lows": [NO_HOUR if each.low is None else each.low for each in windows],
        "highs": [24 if each.high is None else each.high for each in windows],
    }
    listed = ", ".join(f"unnest(${name}) AS {name}" for name in fields)
    sql = f"""
        SELECT windows AS "window", position, day - DATE '1970-01-01' AS days, coalesce(hour, {NO_HOUR}) AS hour,
            sentiment = 'negative' AS is_negative
        FROM {_add_names(by, f"SELECT position, day, hour, sentiment, id FROM {source}")}
        JOIN (SELECT {listed}) ON key = keys
            AND day - DATE '1970-01-01' BETWEEN firsts AND lasts AND coalesce(hour, {NO_HOUR}) BETWEEN lows AND highs
        WHERE sentiment IS NOT NULL"""  # noqa: S608 (constants)
    with run_query(batch, filters, sql, **given, **fields) as result:
        return result.to_arrow_table(), step


def _open_values(
    batch: Batch, filters: Filters, by: str, most: int | None = None
) -> tuple[str, dict[str, Any], int]:
    """Return the rows of posts with `id`, one for each value; parameters; and of how many posts one is read."""
    if by == WORDS:
        most = batch.settings.compared_texts
    step = 1 if most is None else max(batch.manifest.n_posts // most, 1)
    sampled = f"hash(position) % {step} = 0"
    if by == ALL_POSTS:
        return f"(SELECT *, '' AS id FROM selected WHERE {sampled})", {}, step  # noqa: S608 (a number)
    _, source, given = open_source(batch, filters, by)
    return f"(SELECT * FROM {source} WHERE {sampled})", given, step  # noqa: S608 (from `open_source`)


def _add_names(by: str, sql: str) -> str:
    """Write as SQL a query with id, and the key and title of each."""
    if by in VALUE_COLUMNS:
        return f"({sql}) JOIN values_{by} USING (id)"
    return f"(SELECT *, id AS key, id AS title FROM ({sql}))"  # noqa: S608 (a query of ours)


def _is_value_sql(by: str) -> str:
    """Write as SQL that a key says what a post has: not that it has none of the topics, or no clear one."""
    if by in VALUE_COLUMNS:
        return "true"
    return f"key <> '{NO_TOPIC if by == TOPIC_COLUMN else UNCLEAR}'"
