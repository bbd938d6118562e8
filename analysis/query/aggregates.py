"""Counts and means of scored posts in SQL, over a batch on disk or over a table in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.model.config import SENTIMENTS
from analysis.query.conditions import quote_name
from analysis.query.periods import UNITS
from analysis.query.weights import UNWEIGHTED, total_sql, weight_sql

_PERIOD_COLUMNS = ("first", "last", *SENTIMENTS, "mean_valence")


class Fetch(Protocol):
    """Runs a query over `selected`, which has one row per post; returns one mapping per row of the result."""

    def __call__(self, sql: str, /, **values: Any) -> list[dict[str, Any]]:
        """Run the query with these parameters."""


def fetch_from(table: pd.DataFrame) -> Fetch:
    """Return a function that runs queries over the rows of a table."""
    selected = pa.Table.from_pandas(table, preserve_index=False)

    def fetch(sql: str, /, **values: Any) -> list[dict[str, Any]]:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
            database.register("selected", selected)
            rows: list[dict[str, Any]] = database.sql(sql, params=values).to_arrow_table().to_pylist()
        return rows

    return fetch


def count_groups(fetch: Fetch, columns: Sequence[str], weight: str = UNWEIGHTED) -> pd.DataFrame:
    """Count scored posts, or sum up their likes or interactions, by one or several columns.

    Args:
        fetch: Runs queries over posts with `sentiment`, these columns and the weight.
        columns: The columns.
        weight: One of `WEIGHTS`.

    Returns:
        The columns and the weight ("posts", "likes" or "interactions"), one row per combination that occurs, the
        largest first; posts without a value, or without a known weight, are left out.

    Raises:
        ValueError: There is no such weight.
    """
    names = ", ".join(map(quote_name, columns))
    present = " AND ".join(f"{quote_name(name)} IS NOT NULL" for name in ("sentiment", *columns))
    sql = f"""
        SELECT {names}, {total_sql(weight)} AS {weight}
        FROM selected WHERE {present} AND {weight_sql(weight)} IS NOT NULL
        GROUP BY {names} ORDER BY {weight} DESC, {names}"""  # noqa: S608 (quoted names)
    return pd.DataFrame(fetch(sql), columns=[*columns, weight])


def average_shares(fetch: Fetch, column: str) -> pd.DataFrame:
    """Average the shares of text and image over posts that have both.

    Args:
        fetch: Runs queries over posts with `inputs_used`, `share_text`, `share_image` and this column.
        column: The column that posts are grouped by.

    Returns:
        The column, posts, share_text, share_image, the largest share of the image first; see
        `query.average_shares_by`.
    """
    name = quote_name(column)
    sql = f"""
        SELECT {name}, count(*) AS posts, avg(share_text) AS share_text, avg(share_image) AS share_image
        FROM selected WHERE inputs_used = 'both' AND share_text IS NOT NULL
        GROUP BY {name} ORDER BY share_image DESC, {name}"""  # noqa: S608 (a quoted name)
    return pd.DataFrame(fetch(sql), columns=[column, "posts", "share_text", "share_image"])


def count_periods(
    fetch: Fetch, unit: str | None = None, weight: str = UNWEIGHTED
) -> tuple[str, pd.DataFrame]:
    """Count scored posts that have a date over hours, days, weeks (from Monday), months or years.

    Args:
        fetch: Runs queries over posts with `sentiment`, `valence`, `moment`, `day`, `hour` and the weight.
        unit: One of `UNITS`; None to choose one by the span of the posts: hours only if they have times of day.
        weight: One of `WEIGHTS`: what is summed up, and what the mean valence is weighted by.

    Returns:
        The unit and the periods; see `query.count_by_period`.

    Raises:
        ValueError: There is no such unit, or no such weight.
    """
    if unit is not None and unit not in UNITS:
        raise ValueError(f"{unit!r} is not a unit of time")
    unit = unit or choose_unit(fetch)
    amount = weight_sql(weight)
    mean = "avg(valence)"
    if weight != UNWEIGHTED:
        mean = f"sum(valence * {amount}) / nullif(sum({amount}), 0)"
    first = truncate_sql(unit)
    last = first if unit == "hour" else f"CAST({first} + INTERVAL 1 {unit} - INTERVAL 1 DAY AS DATE)"
    sums = ", ".join(f"{total_sql(weight, f'sentiment = {name!r}')} AS {name}" for name in SENTIMENTS)
    sql = f"""
        SELECT {first} AS first, {last} AS last, {sums},
            {mean} AS mean_valence
        FROM selected WHERE sentiment IS NOT NULL AND {dated_sql(unit)} AND {amount} IS NOT NULL
        GROUP BY ALL ORDER BY first"""  # noqa: S608 (a key of UNITS)
    return unit, pd.DataFrame(fetch(sql), columns=_PERIOD_COLUMNS)


def choose_unit(fetch: Fetch) -> str:
    """Choose a unit of time by the span of scored posts: hours only if any has a time of day."""
    days = measure_days(fetch)
    unit = next(unit for unit, facts in UNITS.items() if days <= facts.max_days)
    return "day" if unit == "hour" and not has_hours(fetch) else unit


def measure_days(fetch: Fetch) -> int:
    """Return the days between the first and the last scored post; 0 without dates."""
    (row,) = fetch(
        "SELECT date_diff('day', min(day), max(day)) AS days FROM selected WHERE sentiment IS NOT NULL"
    )
    return row["days"] or 0


def has_hours(fetch: Fetch) -> bool:
    """Return whether any scored post has a time of day."""
    (row,) = fetch("SELECT count(hour) > 0 AS has_hours FROM selected WHERE sentiment IS NOT NULL")
    return bool(row["has_hours"])


def count_hours(fetch: Fetch, weight: str = UNWEIGHTED) -> pd.DataFrame:
    """Count scored posts by weekday and hour; see `query.count_by_hour`.

    Args:
        fetch: Runs queries over posts with `sentiment`, `moment` (local time), `hour` and the weight.
        weight: One of `WEIGHTS`.
    """
    sums = ", ".join(f"{total_sql(weight, f'sentiment = {name!r}')} AS {name}" for name in SENTIMENTS)
    sql = f"""
        SELECT isodow(moment) AS weekday, hour, {sums}
        FROM selected WHERE sentiment IS NOT NULL AND moment IS NOT NULL AND {weight_sql(weight)} IS NOT NULL
        GROUP BY ALL"""  # noqa: S608 (constants)
    found = pd.DataFrame(fetch(sql), columns=["weekday", "hour", *SENTIMENTS])
    hours = range(24) if found["hour"].notna().any() else [0]
    found = found.dropna(subset="hour") if len(hours) > 1 else found.fillna({"hour": 0})
    found = found.astype({"hour": "int64"})  # with missing hours, they are floating-point numbers
    grid = pd.MultiIndex.from_product([range(1, 8), hours], names=["weekday", "hour"])
    return found.set_index(["weekday", "hour"]).reindex(grid, fill_value=0).reset_index()


def truncate_sql(unit: str) -> str:
    """Write as SQL the start of the period of a post, in local time: a time for hours, otherwise a day.

    Args:
        unit: One of `UNITS`.
    """
    if unit == "hour":
        return "date_trunc('hour', moment)"
    return f"CAST(date_trunc('{unit}', day) AS DATE)"


def dated_sql(unit: str) -> str:
    """Write as SQL whether a post is in some period: whether it has a date, and for hours also a time of day.

    Args:
        unit: One of `UNITS`.
    """
    return "hour IS NOT NULL" if unit == "hour" else "day IS NOT NULL"
