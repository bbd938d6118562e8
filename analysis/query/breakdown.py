"""Posts by the values of a column, such as hashtags, authors or languages: counts, sentiment and engagement.

A post can have several hashtags, so the counts of a column of `VALUES` can add up to more than all posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from analysis.columns import VALUES
from analysis.query.aggregates import SENTIMENTS, Fetch, choose_unit, truncate_sql
from analysis.query.conditions import quote_name
from analysis.query.filters import Filters
from analysis.query.intervals import Z, compute_weighted_interval
from analysis.query.sql import fetch_query_rows
from analysis.query.summary_table import get_query_snapshot, query_errors
from analysis.query.value_tables import prepare_value_tables
from analysis.query.weights import UNWEIGHTED, squares_sql, total_sql, weight_sql
from analysis.workspace import Batch

ORDERS = ("amount", "negative", "positive", "posts", "likes", "interactions", "title")
"""How values can be sorted: by what is counted, by the lower limit of a share's interval, or by name."""
_COLUMNS = (
    "key", "title", "posts", "amount", *SENTIMENTS, "squares", "negative_squares", "likes", "interactions",
)  # fmt: skip


@dataclass(frozen=True)
class ValueCounts:
    """Posts by the values of a column.

    Attributes:
        table: One row per value: key (as filters take it), title, posts, amount (what is counted), negative, neutral,
            positive (amounts), low and high (95 % interval of the negative share), likes and interactions (sums; null
            if none is known).
        n_values: Number of all values.
        amount: What is counted, over all matching posts with scores.
        posts: Number of these posts.
        posts_with: Number of these posts that have a value.
    """

    table: pd.DataFrame
    n_values: int
    amount: int
    posts: int
    posts_with: int


def count_values(
    batch: Batch,
    filters: Filters,
    by: str,
    weight: str = UNWEIGHTED,
    order: str = "amount",
    limit: int = 50,
    offset: int = 0,
    search: str = "",
) -> ValueCounts:
    """Count scored posts by the values of a column.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: One of `analysis.columns.VALUES`, or a column of classes that `query.count_by` knows.
        weight: One of `WEIGHTS`: what is counted. Posts without a known weight are left out.
        order: One of `ORDERS`; the largest comes first, names from A.
        limit: Maximum number of values.
        offset: Values to skip.
        search: Only values that contain this, in any case.

    Raises:
        ValueError: Posts cannot be counted by this column, or in this order.
    """
    fetch, source, key = _open_source(batch, filters, by)
    totals = f"""
        SELECT {total_sql(weight)} AS amount, count(*) AS posts, count(*) FILTER ({_has_value(by)}) AS posts_with
        FROM selected WHERE sentiment IS NOT NULL AND {weight_sql(weight)} IS NOT NULL"""  # noqa: S608 (constants)
    (total,) = fetch(totals)
    names = f"JOIN values_{by} ON values_{by}.id = counted.id" if by in VALUES else ""
    sql = f"""
        SELECT * EXCLUDE (id), count(*) OVER () AS n_values
        FROM (SELECT counted.*, {key} AS key, {"title" if names else key} AS title
            FROM ({group_sql(source, "id", weight)}) AS counted {names})
        WHERE $search = '' OR contains(lower(title), lower($search))
        ORDER BY {order_sql(order)} LIMIT $limit OFFSET $offset"""  # noqa: S608 (constants)
    rows = fetch(sql, search=search.strip(), limit=limit, offset=offset)
    table = pd.DataFrame(rows, columns=[*_COLUMNS, "n_values"])
    n_values = int(table["n_values"].iloc[0]) if len(table) else 0
    return ValueCounts(add_intervals(table.drop(columns="n_values")), n_values, **total)


def count_value_periods(
    batch: Batch, filters: Filters, by: str, keys: Sequence[str], weight: str = UNWEIGHTED
) -> tuple[str, pd.DataFrame]:
    """Count scored posts with some values over time.

    Args:
        batch: The batch.
        filters: Which posts match.
        by: See `count_values`.
        keys: The values, as `ValueCounts.table` has them in `key`.
        weight: One of `WEIGHTS`.

    Returns:
        The unit, chosen by the span of all matching posts, and one row per value and period with posts: key, first
        (the start of the period), amount.
    """
    fetch, source, key = _open_source(batch, filters, by)
    unit = choose_unit(fetch)
    names = f"JOIN values_{by} USING (id)" if by in VALUES else ""
    sql = f"""
        SELECT {key} AS key, {truncate_sql(unit)} AS first, {total_sql(weight)} AS amount
        FROM {source} {names}
        WHERE sentiment IS NOT NULL AND day IS NOT NULL AND {weight_sql(weight)} IS NOT NULL
            AND {key} IN (SELECT unnest($keys))
        GROUP BY ALL ORDER BY first"""  # noqa: S608 (constants)
    return unit, pd.DataFrame(fetch(sql, keys=list(keys)), columns=["key", "first", "amount"])


def list_frequent_values(batch: Batch, by: str, is_awaited: bool = True) -> tuple[str, ...] | None:
    """List the most frequent values of a column of `VALUES` in a batch, at most `Settings.max_filter_values`.

    Args:
        batch: The batch.
        by: One of `analysis.columns.VALUES`.
        is_awaited: Whether to make the tables of values, which takes up to a second for a million posts.

    Returns:
        The values; None if they are not known until another query has made their tables.
    """
    snapshot = get_query_snapshot(batch)
    if is_awaited:
        with query_errors(batch):
            prepare_value_tables(snapshot, by)
    return snapshot.prepared.get(by)


def group_sql(source: str, key: str, weight: str) -> str:
    """Write as SQL the counts of scored posts by a key.

    Args:
        source: Rows of posts with the key.
        key: The key, a column or an expression.
        weight: One of `WEIGHTS`.
    """
    shares = ", ".join(f"{total_sql(weight, f'sentiment = {name!r}')} AS {name}" for name in SENTIMENTS)
    return f"""
        SELECT {key} AS id, count(*) AS posts, {total_sql(weight)} AS amount, {shares},
            {squares_sql(weight)} AS squares,
            {squares_sql(weight, "sentiment = 'negative'")} AS negative_squares,
            CASE WHEN count(likes) > 0 THEN {total_sql("likes")} END AS likes,
            CASE WHEN count(interactions) > 0 THEN {total_sql("interactions")} END AS interactions
        FROM {source} WHERE sentiment IS NOT NULL AND {weight_sql(weight)} IS NOT NULL AND {key} IS NOT NULL
        GROUP BY {key}"""  # noqa: S608 (constants)


def order_sql(order: str) -> str:
    """Write an order of `ORDERS` as SQL over the columns of `group_sql`.

    Raises:
        ValueError: There is no such order.
    """
    if order not in ORDERS:
        raise ValueError(f"values are sorted by {ORDERS}, not by {order}")
    if order == "title":
        return "lower(title), title"
    by = _lower_limit_sql(order) if order in SENTIMENTS else order
    return f"{by} DESC NULLS LAST, amount DESC, title"


def add_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Replace the sums of squares by the 95 % interval of the negative share: low and high, null without weight."""
    sums = table[["negative", "amount", "negative_squares", "squares"]].astype(float).to_numpy().tolist()
    limits = [compute_weighted_interval(*each) if each[1] else (None, None) for each in sums]
    found = pd.DataFrame(limits, columns=["low", "high"], index=table.index, dtype=float)
    shown = table.drop(columns=["squares", "negative_squares"]).join(found)
    return shown.astype({"likes": "Int64", "interactions": "Int64"})


def _open_source(batch: Batch, filters: Filters, by: str) -> tuple[Fetch, str, str]:
    """Return what runs the queries, the rows of posts with `id`, and the SQL of the key of an id."""
    snapshot = get_query_snapshot(batch)
    fetch = partial(fetch_query_rows, batch, filters, snapshot=snapshot)
    if by in VALUES:
        with query_errors(batch):
            prepare_value_tables(snapshot, by)
        return fetch, f"selected JOIN rows_{by} USING (position)", "key"
    if by not in snapshot.in_memory:
        raise ValueError(f"posts are not counted by {by}")
    return fetch, f"(SELECT *, CAST({quote_name(by)} AS VARCHAR) AS id FROM selected)", "id"  # noqa: S608


def _has_value(by: str) -> str:
    if by not in VALUES:
        return f"{quote_name(by)} IS NOT NULL"
    return f"position IN (SELECT position FROM rows_{by})"  # noqa: S608 (one of VALUES)


def _lower_limit_sql(sentiment: str) -> str:
    """Write as SQL the lower limit of the interval of a share, with the effective number of posts of Kish (1965)."""
    posts = "(CAST(amount AS DOUBLE) * amount / nullif(squares, 0))"
    share = f"(CAST({sentiment} AS DOUBLE) / nullif(amount, 0))"
    half = f"sqrt({share} * (1 - {share}) / {posts} + {Z * Z} / (4 * {posts} * {posts}))"
    return f"(({share} + {Z * Z} / (2 * {posts}) - {Z} * {half}) / (1 + {Z * Z} / {posts}))"
