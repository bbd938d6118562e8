"""Counts and means of scored posts in SQL, over a batch on disk or over a table in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.query.conditions import quote_name

PERIODS = {"day": 31, "week": 2 * 366, "month": 15 * 366, "year": 10_000 * 366}
"""Units of time with the longest span, in days, that each is chosen for."""
_PERIOD_COLUMNS = ("first", "last", "negative", "neutral", "positive", "mean_valence")


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


def count_groups(fetch: Fetch, columns: Sequence[str]) -> pd.DataFrame:
    """Count scored posts by one or several columns.

    Args:
        fetch: Runs queries over posts with `sentiment` and these columns.
        columns: The columns.

    Returns:
        The columns and `posts`, one row per combination that occurs, most posts first; posts without a value are
        left out.
    """
    names = ", ".join(map(quote_name, columns))
    present = " AND ".join(f"{quote_name(name)} IS NOT NULL" for name in ("sentiment", *columns))
    sql = f"""
        SELECT {names}, count(*) AS posts FROM selected WHERE {present}
        GROUP BY {names} ORDER BY posts DESC, {names}"""  # noqa: S608 (quoted names)
    return pd.DataFrame(fetch(sql), columns=[*columns, "posts"])


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


def count_periods(fetch: Fetch, unit: str | None = None) -> tuple[str, pd.DataFrame]:
    """Count scored posts that have a date over days, weeks (from Monday), months or years.

    Args:
        fetch: Runs queries over posts with `sentiment`, `valence` and `day`.
        unit: One of `PERIODS`; None to choose one by the span of the posts.

    Returns:
        The unit and the periods; see `query.count_by_period`.

    Raises:
        ValueError: There is no such unit.
    """
    if unit is not None and unit not in PERIODS:
        raise ValueError(f"{unit!r} is not a unit of time")
    span = """
        SELECT date_diff('day', min(day), max(day)) AS days
        FROM selected WHERE sentiment IS NOT NULL"""
    if unit is None:
        days = fetch(span)[0]["days"] or 0
        unit = next(each for each, longest in PERIODS.items() if days <= longest)
    sql = f"""
        SELECT CAST(date_trunc($unit, day) AS DATE) AS first,
            CAST(first + INTERVAL 1 {unit} - INTERVAL 1 DAY AS DATE) AS last,
            count(*) FILTER (sentiment = 'negative') AS negative,
            count(*) FILTER (sentiment = 'neutral') AS neutral,
            count(*) FILTER (sentiment = 'positive') AS positive,
            avg(valence) AS mean_valence
        FROM selected WHERE sentiment IS NOT NULL AND day IS NOT NULL
        GROUP BY first ORDER BY first"""  # noqa: S608 (a key of PERIODS)
    return unit, pd.DataFrame(fetch(sql, unit=unit), columns=_PERIOD_COLUMNS)
