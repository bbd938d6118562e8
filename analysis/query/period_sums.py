"""Sums of posts by period, with what intervals and tests need, and which periods are complete."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.query.aggregates import dated_sql, truncate_sql
from analysis.query.breakdown import group_sql
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.periods import list_periods
from analysis.query.sql import fetch_query_rows
from analysis.query.weights import UNWEIGHTED
from analysis.workspace import Batch

_MISSING = 0.05
"""Part of a period that the posts of a batch may lack at its start or end for it to count as complete."""
Sums = dict[str, Any]
"""Sums over posts: the columns of `group_sql` without id."""


def sum_periods(batch: Batch, filters: Filters, unit: str, weight: str = UNWEIGHTED) -> pd.DataFrame:
    """Sum up scored posts by period.

    Args:
        batch: The batch.
        filters: Which posts match.
        unit: One of `UNITS`.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        One row per period from the first to the last with posts: first and last (as `count_by_period` has them),
        is_complete (whether the posts of the batch, and the days of the filters, cover it), posts, amount (what is
        counted), negative, neutral, positive (amounts), and sums of squares (`group_sql`).

    Raises:
        ValueError: There is no such weight.
    """
    source = f"(SELECT * FROM selected WHERE {dated_sql(unit)})"  # noqa: S608 (a constant)
    rows = fetch_query_rows(batch, filters, group_sql(source, truncate_sql(unit), weight))
    found = pd.DataFrame(rows)
    if found.empty:
        return found
    starts = pd.DatetimeIndex(found.pop("id"))
    every = list_periods(unit, starts.min(), starts.max())
    firsts, ends = every.to_timestamp(), (every + 1).to_timestamp()
    table = found.set_index(starts).drop(columns=["likes", "interactions"]).reindex(firsts, fill_value=0)
    is_complete = find_complete(batch, filters, firsts, ends)
    is_hour = unit == "hour"
    lasts = firsts if is_hour else ends - pd.Timedelta(days=1)
    return pd.DataFrame(
        {
            "first": firsts if is_hour else firsts.date,
            "last": lasts if is_hour else lasts.date,
            "is_complete": is_complete,
            **{name: table[name].to_numpy() for name in table},
        }
    )


def find_complete(
    batch: Batch, filters: Filters, firsts: pd.DatetimeIndex, ends: pd.DatetimeIndex
) -> NDArray[np.bool_]:
    """Find the periods that the scored posts of a batch, and the days of the filters, cover.

    Args:
        batch: The batch.
        filters: Which posts match.
        firsts: The starts of the periods, in local time.
        ends: Their ends.
    """
    span, allowed = _find_span(batch, filters), _MISSING * (ends - firsts)
    return np.asarray((span[0] - firsts <= allowed) & (ends - span[1] <= allowed), bool)


def sum_days(batch: Batch, filters: Filters, since: date, until: date, weight: str = UNWEIGHTED) -> Sums:
    """Sum up the scored posts of some days.

    Args:
        batch: The batch.
        filters: Which posts match, whatever their days.
        since: The first day.
        until: The last one.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        A row of `sum_periods`.
    """
    span, start = _find_span(batch, EVERY_POST), pd.Timestamp(since)
    allowed = _MISSING * (pd.Timestamp(until) - start + pd.Timedelta(days=1))
    is_complete = (
        span[0] - start <= allowed and pd.Timestamp(until) + pd.Timedelta(days=1) - span[1] <= allowed
    )
    only = filters.replace(since=since, until=until)
    rows = fetch_query_rows(batch, only, group_sql("(SELECT *, 1 AS every FROM selected)", "every", weight))
    sums = rows[0] if rows else dict.fromkeys(_SUMMED, 0)
    return {"first": since, "last": until, "is_complete": bool(is_complete), **sums}


_SUMMED = (
    *("posts", "amount", "negative", "neutral", "positive"),
    *("squares", "negative_squares", "positive_squares"),
)


def _find_span(batch: Batch, filters: Filters) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Find the time that the scored posts of a batch cover, within the days of the filters, in local time.

    A date without a time of day covers the day.
    """
    sql = """
        SELECT min(moment) AS first,
            max(if(hour IS NULL AND year(moment) < 9999, moment + INTERVAL 1 DAY, moment)) AS last
        FROM selected WHERE sentiment IS NOT NULL"""
    (row,) = fetch_query_rows(batch, EVERY_POST, sql)
    first, last = pd.Timestamp(row["first"]), pd.Timestamp(row["last"])
    since, until = filters.get("since"), filters.get("until")
    if isinstance(since, date):
        first = max(first, pd.Timestamp(since))
    if isinstance(until, date):
        last = min(last, pd.Timestamp(until) + timedelta(days=1))
    return first, last
