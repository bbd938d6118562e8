"""Posts by the values of a column, such as hashtags, authors or languages: counts, sentiment and engagement.

A post can have several hashtags, so the counts of a column of `VALUE_COLUMNS` can add up to more than all posts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from analysis.columns import TOPIC_COLUMN, VALUE_COLUMNS, WORD_COLUMNS
from analysis.columns.themes import THEME_COLUMN
from analysis.model.config import SENTIMENTS
from analysis.query.aggregates import Fetch, choose_unit, dated_sql, truncate_sql
from analysis.query.conditions import quote_name
from analysis.query.filters import Filters
from analysis.query.intervals import compute_weighted_interval, lower_limit_sql
from analysis.query.keyness import add_times_sql, prepare_general_frequencies
from analysis.query.sql import fetch_query_rows
from analysis.query.summary_table import check_class_columns, get_query_snapshot, query_errors
from analysis.query.value_tables import prepare_value_tables
from analysis.query.weights import ENGAGEMENT, UNWEIGHTED, squares_sql, total_sql, weight_sql
from analysis.wording import NO_TITLES
from analysis.workspace import Batch

UNUSUAL = "unusual"
_BY_SHARE = ("negative", "positive")
ORDERS = ("amount", *_BY_SHARE, "posts", *ENGAGEMENT, "title", UNUSUAL)
"""How values can be sorted: by what is counted, by the lower limit of a share's interval, by name, or words and names
by how many times as frequent they are as in general texts."""
SQUARES = ("squares", *(f"{name}_squares" for name in _BY_SHARE))
_COLUMNS = ("key", "title", "posts", "amount", *SENTIMENTS, *SQUARES, *ENGAGEMENT, "times")


@dataclass(frozen=True)
class ValueCounts:
    """Posts by the values of a column.

    Attributes:
        table: One row per value: key (as filters take it), title (its display name), posts, amount (what is counted),
            negative, neutral, positive (amounts), low and high (95 % interval of the negative share), likes and
            interactions (sums; null if none is known), times (how many times as frequent a word or name is as in
            general texts (`analysis.query.keyness`), by posts; null for values of other columns).
        n_values: Number of all values, or of those that contain the search.
        amount: What is counted, over all matching posts with scores.
        posts: Number of these posts.
        posts_with: Number of these posts that have a value.
        posts_found: Number of these posts that have one of the values in `n_values`.
    """

    table: pd.DataFrame
    n_values: int
    amount: int
    posts: int
    posts_with: int
    posts_found: int


def count_values(
    batch: Batch,
    filters: Filters,
    by: str,
    weight: str = UNWEIGHTED,
    order: str = "amount",
    limit: int = 50,
    offset: int = 0,
    search: str = "",
    titles: Mapping[str, str] = NO_TITLES,
) -> ValueCounts:
    """Count scored posts by the values of a column.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: One of `analysis.columns.VALUE_COLUMNS`, a column that `query.count_by` knows, `TOPIC_COLUMN` if the
            batch has custom topics, or `THEME_COLUMN` if it has themes.
        weight: One of `WEIGHTS`: what is counted. Posts without a known weight are left out.
        order: One of `ORDERS`; the largest comes first, names from A. `UNUSUAL` is for words and names alone.
        limit: Maximum number of values.
        offset: Values to skip.
        search: Only values whose title contains this, in any case.
        titles: Display names of the values of a column that is not in `VALUE_COLUMNS`, such as those of languages;
            others are shown as they are.

    Raises:
        ValueError: Posts cannot be counted by this column, or in this order, or there is no such weight.
    """
    if order == UNUSUAL and by not in WORD_COLUMNS:
        raise ValueError(f"the values of {by} are not compared with general texts")
    fetch, source, given = open_source(batch, filters, by)
    named, titled = _name_values(by, source, titles)
    given |= titled
    is_known = f"sentiment IS NOT NULL AND {weight_sql(weight)} IS NOT NULL"
    found = f"($search = '' OR id IN (SELECT id FROM {named} WHERE contains(lower(title), lower($search))))"  # noqa: S608
    given["search"] = search.strip()
    posts_with = f"count(*) FILTER ({_has_value(by, source)})"
    posts_found = posts_with  # without a search, which would read all values a second time
    if given["search"]:
        posts_found = f"(SELECT count(DISTINCT position) FROM {source} WHERE {is_known} AND {found})"  # noqa: S608
    totals = f"""
        SELECT {total_sql(weight)} AS amount, count(*) AS posts, {posts_with} AS posts_with,
            {posts_found} AS posts_found,
            (SELECT count(DISTINCT id) FROM {source} WHERE {is_known} AND {found}) AS n_values
        FROM selected WHERE {is_known}"""  # noqa: S608 (constants)
    grouped = group_sql(source, "id", weight)
    if by in WORD_COLUMNS:
        prepare_general_frequencies(get_query_snapshot(batch), by)
        grouped = add_times_sql(by, grouped, is_known)
    else:
        grouped = f"SELECT *, CAST(NULL AS DOUBLE) AS times FROM ({grouped})"  # noqa: S608 (of `group_sql`)
    sql = f"""
        SELECT * EXCLUDE (id) FROM ({grouped}) JOIN {named} USING (id)
        WHERE {found} ORDER BY {order_sql(order)} LIMIT $limit OFFSET $offset"""  # noqa: S608 (constants)
    (total,) = fetch(totals, **given)
    rows = fetch(sql, **given, limit=limit, offset=offset)
    return ValueCounts(add_intervals(pd.DataFrame(rows, columns=_COLUMNS)), **total)


def count_value_periods(
    batch: Batch,
    filters: Filters,
    by: str,
    keys: Sequence[str],
    weight: str = UNWEIGHTED,
    unit: str | None = None,
) -> tuple[str, pd.DataFrame]:
    """Count scored posts with some values over time.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: See `count_values`.
        keys: The values, as `ValueCounts.table` has them in `key`.
        weight: One of `WEIGHTS`.
        unit: One of `UNITS`; None to choose one by the span of all matching posts.

    Returns:
        The unit, and one row per value and period with posts: key, first
        (the start of the period), amount.

    Raises:
        ValueError: Posts cannot be counted by this column, or there is no such weight.
    """
    fetch, source, given = open_source(batch, filters, by)
    unit = unit or choose_unit(fetch)
    named, titled = _name_values(by, source, NO_TITLES)
    sql = f"""
        SELECT key, {truncate_sql(unit)} AS first, {total_sql(weight)} AS amount
        FROM {source} JOIN {named} USING (id)
        WHERE sentiment IS NOT NULL AND {dated_sql(unit)} AND {weight_sql(weight)} IS NOT NULL
            AND key IN (SELECT unnest($keys))
        GROUP BY ALL ORDER BY first"""  # noqa: S608 (constants)
    return unit, pd.DataFrame(
        fetch(sql, **given, **titled, keys=list(keys)), columns=["key", "first", "amount"]
    )


def list_frequent_values(batch: Batch, by: str, make_tables: bool = True) -> tuple[str, ...] | None:
    """List the most frequent values of a column of `VALUE_COLUMNS` in a batch, at most `Settings.max_filter_values`.

    Args:
        batch: The batch.
        by: One of `analysis.columns.VALUE_COLUMNS`.
        make_tables: Whether to make the tables of values if there are none yet, which takes up to a second
            for a million posts.

    Returns:
        The values; None if they are not known until another query has made their tables.
    """
    snapshot = get_query_snapshot(batch)
    if make_tables:
        with query_errors(batch):
            prepare_value_tables(snapshot, by)
    return snapshot.prepared.get(by)


def group_sql(source: str, key: str, weight: str) -> str:
    """Write as SQL the counts of scored posts by a key.

    Args:
        source: Rows of posts with the key.
        key: The key, a column or an expression.
        weight: One of `WEIGHTS`.

    Returns:
        A query for id (the key), posts, amount, negative, neutral, positive, squares, negative_squares,
        positive_squares, likes, interactions.

    Raises:
        ValueError: There is no such weight.
    """
    shares = ", ".join(f"{total_sql(weight, f'sentiment = {name!r}')} AS {name}" for name in SENTIMENTS)
    squares = ", ".join(
        f"{squares_sql(weight, f'sentiment = {name!r}')} AS {name}_squares" for name in _BY_SHARE
    )
    engagement = ", ".join(
        f"CASE WHEN count({each}) > 0 THEN {total_sql(each)} END AS {each}" for each in ENGAGEMENT
    )
    return f"""
        SELECT {key} AS id, count(*) AS posts, {total_sql(weight)} AS amount, {shares},
            {squares_sql(weight)} AS squares, {squares}, {engagement}
        FROM {source} WHERE sentiment IS NOT NULL AND {weight_sql(weight)} IS NOT NULL AND {key} IS NOT NULL
        GROUP BY {key}"""  # noqa: S608 (constants)


def order_sql(order: str) -> str:
    """Write an order of `ORDERS` as SQL over the columns of `group_sql` and title.

    Args:
        order: One of `ORDERS`; shares are sorted by the lower limit of the interval that `add_intervals` shows.

    Raises:
        ValueError: There is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"values are sorted by {ORDERS}, not by {order}")
    if order == "title":
        return "lower(title), title"
    by = "times" if order == UNUSUAL else order
    if order in _BY_SHARE:
        by = lower_limit_sql(order, "amount", f"{order}_squares", "squares")
    return f"{by} DESC NULLS LAST, amount DESC, title"


def add_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Replace the sums of squares by the 95 % interval of the negative share: low and high, null without weight."""
    sums = table[["negative", "amount", "negative_squares", "squares"]].astype(float).to_numpy().tolist()
    limits = [compute_weighted_interval(*each) if each[1] else (None, None) for each in sums]
    found = pd.DataFrame(limits, columns=["low", "high"], index=table.index, dtype=float)
    return table.drop(columns=list(SQUARES)).join(found).astype(dict.fromkeys(ENGAGEMENT, "Int64"))


def open_source(batch: Batch, filters: Filters, by: str) -> tuple[Fetch, str, dict[str, Any]]:
    """Find where posts have the values of a column.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: See `count_values`.

    Returns:
        What runs queries; as SQL, the rows of posts with `id`, of which each value has one; and parameters of it.

    Raises:
        ValueError: Posts cannot be counted by this column.
    """
    snapshot = get_query_snapshot(batch)
    fetch = partial(fetch_query_rows, batch, filters, snapshot=snapshot)
    if by in VALUE_COLUMNS:
        with query_errors(batch):
            prepare_value_tables(snapshot, by)
        return fetch, f"selected JOIN rows_{by} USING (position)", {}
    if by == TOPIC_COLUMN and batch.custom_topics:
        topics = batch.custom_topics.values
        rows = " UNION ALL ".join(
            f"SELECT position, $topics[{number + 1}] AS id FROM custom_topics WHERE value_{number}"  # noqa: S608
            for number in range(len(topics))
        )
        return fetch, f"selected JOIN ({rows}) USING (position)", {"topics": list(topics)}
    if by == THEME_COLUMN and batch.themes:
        rows = "SELECT position, $themes[theme + 1] AS id FROM themes"
        return fetch, f"selected JOIN ({rows}) USING (position)", {"themes": list(batch.themes.values)}
    check_class_columns(snapshot, [by])
    return fetch, f"(SELECT *, CAST({quote_name(by)} AS VARCHAR) AS id FROM selected)", {}  # noqa: S608 (quoted)


def _name_values(by: str, source: str, titles: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Write as SQL a table of the id, key and title of each value, and return its parameters."""
    if by in VALUE_COLUMNS:
        return f"values_{by}", {}
    sql = f"""(
        SELECT id, id AS key, coalesce(title, id) AS title
        FROM (SELECT DISTINCT id FROM {source})
        LEFT JOIN (SELECT unnest(CAST($keys_titled AS VARCHAR[])) AS id, unnest(CAST($titles AS VARCHAR[])) AS title)
        USING (id))"""  # noqa: S608 (constants)
    return sql, {"keys_titled": list(titles), "titles": list(titles.values())}


def _has_value(by: str, source: str) -> str:
    if by in VALUE_COLUMNS:
        return f"position IN (SELECT position FROM rows_{by})"  # noqa: S608 (one of VALUE_COLUMNS)
    if by in (TOPIC_COLUMN, THEME_COLUMN):
        return f"position IN (SELECT position FROM {source})"  # noqa: S608 (from `open_source`)
    return f"{quote_name(by)} IS NOT NULL"
