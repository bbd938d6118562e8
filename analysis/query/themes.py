"""Posts by theme: counts, counts over time, the most typical posts, and the map.

In SQL, `themes` is the table of the batch's themes (`analysis.workspace.Themes.table`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from analysis.model.config import SENTIMENTS
from analysis.query.aggregates import choose_unit, dated_sql, truncate_sql
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.scored_posts import read_posts_at
from analysis.query.sql import fetch_query_rows
from analysis.workspace import Batch

_COUNTED = "FROM selected JOIN themes USING (position) WHERE sentiment IS NOT NULL"


def count_themes(batch: Batch, filters: Filters = EVERY_POST) -> pd.DataFrame:
    """Count scored posts by theme.

    Args:
        batch: The batch, with themes (`Batch.themes`).
        filters: Which posts match.

    Returns:
        theme (its number; that of posts without a theme is the last), posts, negative, neutral, positive, closeness
        (the mean), dated (posts with a time), later (those of them in the later half of all); themes without matching
        posts are left out, the theme with the most posts comes first.
    """
    sums = ", ".join(f"count(*) FILTER (sentiment = '{name}') AS {name}" for name in SENTIMENTS)
    sql = f"""
        SELECT theme, count(*) AS posts, {sums}, avg(closeness) AS closeness, count(created_at) AS dated,
            count(*) FILTER (created_at > (SELECT quantile_disc(created_at, 0.5) {_COUNTED})) AS later
        {_COUNTED} GROUP BY theme ORDER BY posts DESC, theme"""
    columns = ["theme", "posts", *SENTIMENTS, "closeness", "dated", "later"]
    return pd.DataFrame(fetch_query_rows(batch, filters, sql), columns=columns)


def count_theme_periods(batch: Batch, filters: Filters, numbers: Sequence[int]) -> tuple[str, pd.DataFrame]:
    """Count scored posts of some themes over time.

    Returns:
        The unit, chosen by the span of all matching posts, and one row per theme and period with posts: theme,
        first (the start of the period), amount.
    """
    unit = choose_unit(partial(fetch_query_rows, batch, filters))
    sql = f"""
        SELECT theme, {truncate_sql(unit)} AS first, count(*) AS amount {_COUNTED}
            AND {dated_sql(unit)} AND theme IN (SELECT unnest($numbers))
        GROUP BY ALL ORDER BY first"""
    rows = fetch_query_rows(batch, filters, sql, numbers=list(numbers))
    return unit, pd.DataFrame(rows, columns=["theme", "first", "amount"])


def read_typical_posts(
    batch: Batch, filters: Filters, numbers: Sequence[int], each: int
) -> dict[int, pd.DataFrame]:
    """Read the posts nearest to the mean of their theme, without those that nearly repeat an earlier post.

    If none of them has an image, the last one is replaced by the nearest post with one.

    Args:
        batch: The batch, with themes.
        filters: Which posts match.
        numbers: The themes.
        each: Number of posts of each theme.

    Returns:
        The columns of `read_page` by theme, the most typical post first.
    """
    nearest = "ORDER BY closeness DESC, position"
    sql = f"""
        SELECT theme, position FROM (
            SELECT theme, position, inputs_used <> 'text' AS has_image,
                row_number() OVER (PARTITION BY theme {nearest}) AS place,
                row_number() OVER (PARTITION BY theme, inputs_used <> 'text' {nearest}) AS place_of_kind
            {_COUNTED} AND closeness IS NOT NULL AND is_copy IS NOT TRUE
                AND theme IN (SELECT unnest($numbers)))
        QUALIFY row_number() OVER (
            PARTITION BY theme ORDER BY place >= $each, NOT (has_image AND place_of_kind = 1), place) <= $each
        ORDER BY theme, place"""  # noqa: S608 (constants)
    rows = fetch_query_rows(batch, filters, sql, numbers=list(numbers), each=each)
    posts = read_posts_at(batch, [row["position"] for row in rows])
    of_post = pd.Series([row["theme"] for row in rows], posts.index)
    return {number: posts[of_post == number] for number in numbers}


def read_theme_map(batch: Batch, filters: Filters = EVERY_POST) -> pd.DataFrame:
    """Read the matching posts that are on the map of themes: theme (its number), x, y, post_id, text."""
    sql = f"SELECT position, theme, x, y {_COUNTED} AND x IS NOT NULL ORDER BY position"
    places = pd.DataFrame(fetch_query_rows(batch, filters, sql), columns=["position", "theme", "x", "y"])
    posts = read_posts_at(batch, places["position"].tolist(), ["post_id", "text"])
    return places.assign(post_id=posts["post_id"].to_numpy(), text=posts["text"].to_numpy())
