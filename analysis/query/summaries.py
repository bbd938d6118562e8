"""Aggregates the matching posts for the Overview page.

`analysis.query.scored_posts` reads the posts; `analysis.charts.scores` draws the aggregates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from analysis.columns import own_filter
from analysis.model.presets import default_marks
from analysis.query.aggregates import (
    choose_unit,
    count_groups,
    count_hours,
    count_periods,
    has_hours,
    measure_days,
)
from analysis.query.conditions import any_mark_condition, mark_column, quote_name
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.found_values import fold_sql
from analysis.query.intervals import compute_weighted_interval
from analysis.query.periods import UNITS
from analysis.query.sql import fetch_query_rows, run_query
from analysis.query.summary_table import check_class_columns, get_query_snapshot
from analysis.query.weights import ENGAGEMENT, UNWEIGHTED, squares_sql, total_sql, weight_sql
from analysis.workspace import Batch


@dataclass(frozen=True)
class Totals:
    """Numbers of posts, and their mean valence.

    Attributes:
        posts: All matching posts.
        scored: Posts with scores; the numbers below are subsets of these.
        uncertain: Posts with low confidence.
        both: Posts scored from text and image together.
        disagree: Posts of `both` whose text and image disagree.
        in_a_language: Posts whose language is known.
        other_language: Posts of `in_a_language` in a language that the model was not trained on.
        near_copies: Posts that nearly repeat an earlier post of the batch; 0 until copies are found.
        mean_valence: -1..1, None if no post is scored.
    """

    posts: int
    scored: int
    uncertain: int
    both: int
    disagree: int
    in_a_language: int
    other_language: int
    near_copies: int
    mean_valence: float | None


def compute_totals(batch: Batch, filters: Filters = EVERY_POST) -> Totals:
    """Aggregate the matching posts."""
    sql = """
        SELECT count(*) AS posts, count(sentiment) AS scored, count(*) FILTER (uncertain) AS uncertain,
            count(*) FILTER (inputs_used = 'both') AS "both", count(*) FILTER (disagree) AS disagree,
            count(in_language) AS in_a_language, count(*) FILTER (NOT in_language) AS other_language,
            count(*) FILTER (is_copy) AS near_copies, avg(valence) AS mean_valence
        FROM selected"""
    return Totals(**fetch_query_rows(batch, filters, sql)[0])


def count_by(batch: Batch, filters: Filters, *columns: str, weight: str = UNWEIGHTED) -> pd.DataFrame:
    """Count scored posts by one or several columns of classes, such as "sentiment", "topic" or "inputs_used".

    Args:
        batch: The batch.
        filters: Which posts match.
        columns: The columns.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        The columns and the weight ("posts", "likes" or "interactions"), one row per combination that occurs, the
        largest first; posts without a value, such as an emotion of an image, or without a known weight are left out.

    Raises:
        ValueError: Posts cannot be counted by these columns.
    """
    snapshot = get_query_snapshot(batch)
    check_class_columns(snapshot, columns)
    return count_groups(partial(fetch_query_rows, batch, filters, snapshot=snapshot), columns, weight)


def count_tones(
    batch: Batch, filters: Filters = EVERY_POST, tones: Sequence[str] | None = None
) -> pd.DataFrame:
    """Count the posts with a mark, such as ironic, offensive and hateful ones.

    Args:
        batch: The batch.
        filters: Which posts match.
        tones: The marks to count; those of the default heads if None.

    Returns:
        tone, posts, judged (all posts with a probability for it); one row for each of `tones` that the model
        predicts.
    """
    snapshot = get_query_snapshot(batch)
    tones = default_marks() if tones is None else tones
    columns = {tone: column for tone in tones if (column := mark_column(tone, snapshot.columns))}
    if not columns:
        return pd.DataFrame(columns=["tone", "posts", "judged"])
    marks = [any_mark_condition([tone], snapshot.columns, batch.settings) for tone in columns]
    counts = ", ".join(
        f"count(*) FILTER ({mark.sql}), count({quote_name(column)})"
        for mark, column in zip(marks, columns.values(), strict=True)
    )
    sql = f"SELECT {counts} FROM selected"  # noqa: S608 (quote_name names)
    with run_query(batch, filters, sql, list(columns.values()), snapshot, **marks[0].values) as result:
        (found,) = result.fetchall()
    rows = zip(columns, found[::2], found[1::2], strict=True)
    return pd.DataFrame([row for row in rows if row[2]], columns=["tone", "posts", "judged"])


def count_custom_topics(batch: Batch, filters: Filters = EVERY_POST) -> pd.DataFrame:
    """Count scored posts by custom topic and sentiment; a post counts in each of its topics.

    Args:
        batch: The batch, with custom topics (`Batch.with_custom_topics`).
        filters: Which posts match.

    Returns:
        topic, sentiment, posts: one row for each combination that occurs, in the order of the topics, then the posts
        without any of them; no rows if the batch has no custom topics.
    """
    columns = ["topic", "sentiment", "posts"]
    if batch.custom_topics is None:
        return pd.DataFrame(columns=columns)
    values = batch.custom_topics.values
    counts = ", ".join(f"count(*) FILTER (value_{number}) AS value_{number}" for number in range(len(values)))
    sql = f"""
        SELECT sentiment, {counts} FROM selected JOIN custom_topics USING (position)
        WHERE sentiment IS NOT NULL GROUP BY sentiment ORDER BY sentiment"""  # noqa: S608 (numbers)
    found = fetch_query_rows(batch, filters, sql)
    rows = [
        (name, row["sentiment"], row[f"value_{number}"])
        for number, name in enumerate(values)
        for row in found
    ]
    return pd.DataFrame([row for row in rows if row[2]], columns=columns)


def count_by_period(
    batch: Batch, filters: Filters = EVERY_POST, unit: str | None = None, weight: str = UNWEIGHTED
) -> tuple[str, pd.DataFrame]:
    """Count scored posts that have a date over hours, days, weeks (from Monday), months or years of local time.

    Args:
        batch: The batch.
        filters: Which posts match.
        unit: "hour", "day", "week", "month" or "year"; None to choose one by the span of the posts.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        The unit, and one row per period with posts: first and last (dates; for hours both are the start of the hour),
        negative, neutral, positive (posts, likes or interactions), mean_valence (-1..1, weighted). Hours are without
        posts that have no time of day (`count_at_midnight`).
    """
    return count_periods(partial(fetch_query_rows, batch, filters), unit, weight)


def count_by_hour(batch: Batch, filters: Filters = EVERY_POST, weight: str = UNWEIGHTED) -> pd.DataFrame:
    """Count scored posts that have a date by weekday and hour, in the batch's time zone.

    Args:
        batch: The batch.
        filters: Which posts match.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        weekday (1 is Monday), hour, negative, neutral, positive; one row for each of the 168 hours of a week, without
        posts at exactly midnight (`count_at_midnight`); or for each weekday, with hour 0, if no post has a time.
    """
    return count_hours(partial(fetch_query_rows, batch, filters), weight)


def count_at_midnight(batch: Batch, filters: Filters = EVERY_POST) -> int:
    """Count scored posts at exactly midnight UTC: most of them have a date without a time of day."""
    sql = """
        SELECT count(*) AS posts FROM selected
        WHERE sentiment IS NOT NULL AND day IS NOT NULL AND hour IS NULL"""
    return int(fetch_query_rows(batch, filters, sql)[0]["posts"])


def suggest_unit(batch: Batch, filters: Filters = EVERY_POST) -> str:
    """Choose a unit of time for trends: days for up to `Settings.trend_days`, otherwise as `count_by_period` does."""
    fetch = partial(fetch_query_rows, batch, filters)
    unit = choose_unit(fetch)
    return "day" if unit == "week" and measure_days(fetch) <= batch.settings.trend_days else unit


def list_units(batch: Batch, filters: Filters = EVERY_POST, max_periods: int | None = None) -> list[str]:
    """List the units of time that posts can be shown by: hours only if the posts have times of day.

    Args:
        batch: The batch.
        filters: Which posts match.
        max_periods: The most periods of a unit other than years; None for `Settings.max_hourly_days` of hours, and
            any number of the others.
    """
    fetch = partial(fetch_query_rows, batch, filters)
    days, limits = measure_days(fetch), {"hour": 24 * batch.settings.max_hourly_days}
    if max_periods is not None:
        limits = dict.fromkeys(UNITS, max_periods) | {"year": 10_000}
    units = [unit for unit, facts in UNITS.items() if days / facts.days <= limits.get(unit, math.inf)]
    return units if "hour" not in units or has_hours(fetch) else [unit for unit in units if unit != "hour"]


@dataclass(frozen=True)
class Engagement:
    """Likes or interactions of scored posts.

    Attributes:
        total: Their sum.
        known: Scored posts with a known number.
        scored: Scored posts.
    """

    total: int
    known: int
    scored: int


def sum_engagement(batch: Batch, filters: Filters = EVERY_POST) -> dict[str, Engagement]:
    """Sum up the likes of scored posts if any has likes, and the interactions if there are more than likes."""
    sums = ", ".join(f"{total_sql(name)} AS {name}, count({name}) AS known_{name}" for name in ENGAGEMENT)
    sql = f"SELECT count(*) AS scored, {sums} FROM selected WHERE sentiment IS NOT NULL"  # noqa: S608 (constants)
    (row,) = fetch_query_rows(batch, filters, sql)
    known = {name: row[f"known_{name}"] for name in ENGAGEMENT}
    found = {name: Engagement(row[name], known[name], row["scored"]) for name in ENGAGEMENT if known[name]}
    likes, interactions = (found.get(name) for name in ("likes", "interactions"))
    if likes == interactions:  # the posts have no other reactions
        found.pop("interactions", None)
    return found


def sum_sentiments(batch: Batch, filters: Filters, weight: str) -> dict[str, tuple[int, tuple[float, float]]]:
    """Sum up a weight by sentiment.

    Args:
        batch: The batch.
        filters: Which posts match.
        weight: One of `WEIGHTS`.

    Returns:
        By sentiment, the sum and the 95 % interval of its share, 0..1; empty if all weights are 0.

    Raises:
        ValueError: There is no such weight.
    """
    sql = f"""
        SELECT sentiment, {total_sql(weight)} AS amount, {squares_sql(weight)} AS squares
        FROM selected WHERE sentiment IS NOT NULL AND {weight_sql(weight)} IS NOT NULL GROUP BY sentiment"""  # noqa: S608
    rows = fetch_query_rows(batch, filters, sql)
    total, squares = (sum(row[name] for row in rows) for name in ("amount", "squares"))
    if not total:
        return {}
    return {
        row["sentiment"]: (
            row["amount"],
            compute_weighted_interval(row["amount"], total, row["squares"], squares),
        )
        for row in rows
    }


def count_own_values(batch: Batch, number: int, limit: int) -> dict[str, int]:
    """Count the posts of a batch by the values of a column of the analyst's own tables that was kept as a filter.

    Args:
        batch: The batch.
        number: Of the column, in `Manifest.kept`.
        limit: The largest number of values.

    Returns:
        The most frequent values, most posts first; posts without a value are left out.
    """
    name = own_filter(number)
    sql = f"""
        SELECT {name} AS value, count(*) AS posts FROM selected WHERE {name} IS NOT NULL
        GROUP BY value ORDER BY posts DESC, value LIMIT $most"""  # noqa: S608 (a name of ours)
    return {row["value"]: row["posts"] for row in fetch_query_rows(batch, EVERY_POST, sql, most=limit)}


def find_authors(batch: Batch, names: Sequence[str], least_share: float) -> list[str]:
    """Find authors of a batch by name, and those who wrote a large part of it.

    Args:
        batch: The batch.
        names: Names of authors, in any case, with or without "@".
        least_share: Share of the posts, 0..1, from which an author is found without being among the names.

    Returns:
        The authors as the batch names them, most posts first; spellings that count as one author are one.
    """
    sql = f"""
        SELECT any_value(author) AS spelled, count(*) AS posts, {fold_sql("author", "author")} AS name FROM selected
        WHERE name <> '' GROUP BY name HAVING posts >= $least
            OR name IN (SELECT {fold_sql("author", "typed")} FROM (SELECT unnest($names) AS typed))
        ORDER BY posts DESC, name"""  # noqa: S608 (no value in it)
    least = max(least_share * batch.manifest.n_posts, 1)
    rows = fetch_query_rows(batch, EVERY_POST, sql, ["author"], names=list(names), least=least)
    return [row["spelled"] for row in rows]
