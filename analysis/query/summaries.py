"""Sums over the posts that are meant: what the Overview shows.

The posts themselves are `analysis.query.scored_posts`; drawing the sums is `analysis.charts.scores`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.query.filters import EVERY_POST, TONES, Filters, toned
from analysis.query.relation import fetched
from analysis.workspace import Batch

_GROUPS = ("sentiment", "topic", "emotion", "inputs_used")
_UNITS = {"day": 31, "week": 2 * 366, "month": 15 * 366}  # longest span in days that each unit is used for


@dataclass(frozen=True)
class Totals:
    """Numbers of posts, and their mean valence.

    Attributes:
        posts: All posts that are meant.
        scored: Those with scores; the numbers below count among these.
        uncertain: Those that the model is not sure of.
        both: Those scored from text and image together.
        at_odds: Those of `both` whose text and image disagree.
        in_a_language: Those whose language is known.
        other_language: Those of them in a language that the model was not trained on.
        near_copies: Those that nearly repeat an earlier post of the batch; 0 until copies are found.
        mean_valence: -1..1, None where nothing is scored.
    """

    posts: int
    scored: int
    uncertain: int
    both: int
    at_odds: int
    in_a_language: int
    other_language: int
    near_copies: int
    mean_valence: float | None


def totals(batch: Batch, filters: Filters = EVERY_POST) -> Totals:
    """Sum up the posts that are meant."""
    sql = """
        SELECT count(*) AS posts, count(sentiment) AS scored, count(*) FILTER (uncertain) AS uncertain,
            count(*) FILTER (inputs_used = 'both') AS "both", count(*) FILTER (at_odds) AS at_odds,
            count(in_language) AS in_a_language, count(*) FILTER (NOT in_language) AS other_language,
            count(*) FILTER (is_copy) AS near_copies, avg(valence) AS mean_valence
        FROM selected"""
    return Totals(**fetched(batch, filters, sql)[0])


def count_by(batch: Batch, filters: Filters, *columns: str) -> pd.DataFrame:
    """Count scored posts by one or several of "sentiment", "topic", "emotion" and "inputs_used".

    Returns:
        The columns asked for and `posts`, one row a combination that occurs, most posts first; posts without
        a value, such as an emotion of a picture, are left out.

    Raises:
        ValueError: If posts are not counted by that.
    """
    if not columns or not set(columns) <= set(_GROUPS):
        raise ValueError(f"posts are counted by {_GROUPS}, not by {columns}")
    names = ", ".join(columns)
    known = " AND ".join(f"{name} IS NOT NULL" for name in ("sentiment", *columns))
    sql = f"""
        SELECT {names}, count(*) AS posts FROM selected WHERE {known}
        GROUP BY {names} ORDER BY posts DESC, {names}"""  # noqa: S608 (names of _GROUPS only)
    return pd.DataFrame(fetched(batch, filters, sql), columns=[*columns, "posts"])


def count_tones(batch: Batch, filters: Filters = EVERY_POST) -> pd.DataFrame:
    """Count ironic, offensive and hateful posts.

    Returns:
        tone, posts, judged (posts with text, of which `posts` are a part), one row each of `TONES` that the
        model judges.
    """
    counts = ", ".join(
        f"count(*) FILTER ({toned(tone)}) AS {tone}, count(p_{tone}) AS {tone}_judged" for tone in TONES
    )
    found = fetched(batch, filters, f"SELECT {counts} FROM selected")[0]  # noqa: S608 (names of TONES only)
    rows = [(tone, found[tone], found[f"{tone}_judged"]) for tone in TONES if found[f"{tone}_judged"]]
    return pd.DataFrame(rows, columns=["tone", "posts", "judged"])


def over_time(batch: Batch, filters: Filters = EVERY_POST) -> tuple[str, pd.DataFrame]:
    """Count scored posts that have a date over days, weeks (from Monday), months or years, all in UTC.

    Returns:
        The unit ("day", "week", "month" or "year", by the span of the posts), and one row a period that has
        posts: first and last (dates), negative, neutral, positive (posts), mean_valence (-1..1).
    """
    span = """
        SELECT date_diff('day', min(day), max(day)) AS days
        FROM selected WHERE sentiment IS NOT NULL"""
    days = fetched(batch, filters, span)[0]["days"] or 0
    unit = next((unit for unit, longest in _UNITS.items() if days <= longest), "year")
    sql = f"""
        SELECT CAST(date_trunc($unit, day) AS DATE) AS first,
            CAST(first + INTERVAL 1 {unit} - INTERVAL 1 DAY AS DATE) AS last,
            count(*) FILTER (sentiment = 'negative') AS negative,
            count(*) FILTER (sentiment = 'neutral') AS neutral,
            count(*) FILTER (sentiment = 'positive') AS positive,
            avg(valence) AS mean_valence
        FROM selected WHERE sentiment IS NOT NULL AND day IS NOT NULL
        GROUP BY first ORDER BY first"""  # noqa: S608 (a unit of ours)
    columns = ["first", "last", "negative", "neutral", "positive", "mean_valence"]
    return unit, pd.DataFrame(fetched(batch, filters, sql, unit=unit), columns=columns)
