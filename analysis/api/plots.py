"""Charts of scores, one method each: the figures of `analysis.charts`, computed from the score table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.columns import COLUMNS, VALUE_COLUMNS, Column, OneOf, all_columns, list_class_titles
from analysis.errors import PostLensError
from analysis.model.presets import default_options
from analysis.query import UNITS, UNWEIGHTED, WEIGHTS, find_peak_hours, find_value_rows
from analysis.query.aggregates import (
    average_shares,
    count_groups,
    count_hours,
    count_periods,
    fetch_from,
)
from analysis.settings import Settings

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analysis.model.bundle import Bundle


class Plots:
    """Charts of scored posts; `Scores.plot` returns it. Every method returns a Plotly figure.

    Many take `weight`: what is counted, "posts", or their "likes" or "interactions" (known likes, shares and comments
    together). Posts without a known number are then left out.

    Args:
        table: The scored posts.
        bundle: The model that scored them.
    """

    def __init__(self, table: pd.DataFrame, bundle: Bundle) -> None:
        self._table = table
        self._heads = bundle.heads
        self._modalities = bundle.config.modalities

    def sentiment(self, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the number of posts, likes or interactions by sentiment.

        Args:
            weight: What is counted: "posts", "likes" or "interactions".

        Raises:
            PostLensError: No post has a known number of what is counted.
        """
        from analysis.charts.scores import sentiment_bar

        return sentiment_bar(self._count("sentiment", weight=weight), weight)

    def topics(self, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the number of posts, likes or interactions by topic; see `sentiment`."""
        return self.classes("topic", weight)

    def emotions(self, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the number of posts, likes or interactions by emotion; see `sentiment`.

        Raises:
            PostLensError: The model predicts no emotions.
        """
        return self.classes("emotion", weight)

    def classes(self, head: str, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the number of posts, likes or interactions by the most likely class of a head.

        Args:
            head: Such as "topic", "emotion" or a head of your own.
            weight: What is counted: "posts", "likes" or "interactions".

        Raises:
            PostLensError: The model has no head of this name with several classes, or no post has a known number of
                what is counted.
        """
        from analysis.charts.scores import class_bar

        counts = self._count(head, weight=weight)
        return class_bar(counts, head, self._filter_of(head), self._titles_of(head), weight)

    def sentiment_by_topic(self, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the shares of sentiments within each topic; see `sentiment`."""
        from analysis.charts.scores import sentiment_by_topic

        counts = self._count("topic", "sentiment", weight=weight)
        return sentiment_by_topic(counts, self._filter_of("topic"), self._titles_of("topic"), weight)

    def inputs(self, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the sentiments of posts with text only, images only, and both; see `sentiment`."""
        from analysis.charts.scores import sentiment_by_content_type

        counts = self._count("inputs_used", "sentiment", weight=weight)
        return sentiment_by_content_type(counts, self._modalities, weight)

    def breakdown(self, by: str = "hashtags", weight: str = UNWEIGHTED, most: int = 15) -> go.Figure:
        """Draw the shares of sentiments of posts with each value of a column, such as each hashtag or author.

        Args:
            by: "hashtags", "mentions", "names", "words", "emoji", "domains", "author", "platform" or "language".
            weight: What is counted: "posts", "likes" or "interactions".
            most: Number of values, the most frequent first.

        Raises:
            PostLensError: No post has such a value, or posts cannot be broken down by this column.
        """
        from analysis.charts.scores import sentiment_by_value

        counts = count_groups(fetch_from(self._with_values(by, weight)), (by, "sentiment"), weight)
        largest = counts.groupby(by)[weight].sum().sort_values(ascending=False, kind="stable").index[:most]
        column = next(column for column in COLUMNS if column.name == by)
        filter_name = column.filter.name if column.filter else ""
        return sentiment_by_value(counts[counts[by].isin(largest)], by, filter_name, column.titles, weight)

    def over_time(self, unit: str | None = None, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the number of posts by sentiment and the mean valence over time (UTC).

        Args:
            unit: "hour", "day", "week", "month" or "year"; None to choose one by the span of the posts.
            weight: What is counted: "posts", "likes" or "interactions".

        Raises:
            PostLensError: No post has a date, the unit is unknown, or no post has a known number of what is counted.
        """
        from analysis.charts.over_time import sentiment_over_time

        if unit is not None and unit not in UNITS:
            raise PostLensError(f"The unit {unit}", "is unknown", f"Use one of {', '.join(UNITS)}.")
        periods = count_periods(fetch_from(self._with_dates("The chart over time", weight)), unit, weight)
        return sentiment_over_time(*periods, weight=weight)

    def hours(self, weight: str = UNWEIGHTED) -> go.Figure:
        """Draw the number of posts by weekday and hour (UTC) as a heat map; peaks are marked.

        Args:
            weight: What is counted: "posts", "likes" or "interactions".

        Raises:
            PostLensError: No post has a date, or no post has a known number of what is counted.
        """
        from analysis.charts.over_time import hours_of_the_week

        hours = count_hours(fetch_from(self._with_dates("The chart of hours", weight)), weight)
        return hours_of_the_week(hours, find_peak_hours(hours), weight)

    def agreement(self) -> go.Figure:
        """Draw the valence of the text against that of the images, for posts with both.

        Raises:
            PostLensError: No post has both.
        """
        from analysis.charts.scores import agreement_scatter

        _check_has_both(self._table, "The chart of agreement")
        return agreement_scatter(self._table, Settings().disagree_below)

    def shares(self, by: str = "sentiment") -> go.Figure:
        """Draw how much text and images contribute to the predictions, for posts with both.

        Args:
            by: "sentiment" or "topic".

        Raises:
            PostLensError: No post has both, or `by` is another column.
        """
        from analysis.charts.influence import modality_shares_bar

        if by not in ("sentiment", "topic"):
            raise PostLensError(f"The column {by}", "cannot group shares", "Use sentiment or topic.")
        _check_has_both(self._table, "The chart of shares")
        names = [by, "inputs_used", "share_text", "share_image"]
        shares = average_shares(fetch_from(self._table[names]), by)
        return modality_shares_bar(shares, by, self._filter_of(by), self._titles_of(by))

    def _count(self, *columns: str, weight: str = UNWEIGHTED) -> pd.DataFrame:
        for name in columns:
            self._column(name)
        names = dict.fromkeys(("sentiment", *columns, *self._check_weight(weight)))
        return count_groups(fetch_from(self._table[list(names)]), columns, weight)

    def _check_weight(self, weight: str) -> list[str]:
        """Return the columns that a weight needs.

        Raises:
            PostLensError: There is no such weight, or no post has it.
        """
        if weight not in WEIGHTS:
            raise PostLensError(f"The weight {weight}", "is unknown", f"Use one of {', '.join(WEIGHTS)}.")
        if weight == UNWEIGHTED:
            return []
        if self._table[weight].isna().all():
            raise PostLensError(
                f"The chart by {weight}", f"needs posts with {weight}", "Add a column likes to the posts."
            )
        return [weight]

    def _with_dates(self, chart: str, weight: str) -> pd.DataFrame:
        """Return what charts over time need.

        Raises:
            PostLensError: No post has a date.
        """
        times = pd.to_datetime(self._table["created_at"], utc=True)
        if times.isna().all():
            raise PostLensError(
                chart, "needs dates, but no post has one", "Add a column created_at to the posts."
            )
        names = ["sentiment", "valence", *self._check_weight(weight)]
        moments = times.dt.tz_localize(None)
        hours = times.dt.hour.where(moments != moments.dt.normalize())
        return self._table[names].assign(moment=moments, day=times.dt.date, hour=hours)

    def _with_values(self, by: str, weight: str) -> pd.DataFrame:
        """Return one row per post and value of a column.

        Raises:
            PostLensError: The column is unknown, or empty.
        """
        names = ["sentiment", *self._check_weight(weight)]
        if by == "language":
            rows = self._table[[*names, by]].dropna(subset=by)
        elif by in VALUE_COLUMNS:
            found = find_value_rows(self._table, by)
            rows = self._table[names].iloc[found["position"]].assign(**{by: found["title"].tolist()})
        else:
            usable = ", ".join((*VALUE_COLUMNS, "language"))
            raise PostLensError(f"A breakdown by {by}", "is not possible", f"Use one of {usable}.")
        if rows.empty:
            raise PostLensError(
                f"The breakdown by {by}", "is empty: no post has a value", "Use another column."
            )
        return rows

    def _column(self, name: str) -> Column:
        """Return a column of classes.

        Raises:
            PostLensError: The model does not predict it.
        """
        for column in all_columns(self._heads, modalities=self._modalities):
            if column.name == name and isinstance(column.filter, OneOf) and name in self._table:
                return column
        title = default_options(name).chart_title.lower() or name
        raise PostLensError(
            f"The chart of {title}", "needs a head that this model lacks", "Use another model."
        )

    def _filter_of(self, head: str) -> str:
        """Return the name of the filter of a head's classes."""
        kind = self._column(head).filter
        return kind.name if kind else ""

    def _titles_of(self, head: str) -> dict[str, str]:
        """Return the titles of a head's classes and of "unclear"."""
        return {**list_class_titles({head: self._heads[head]}), **self._column(head).titles}


def _check_has_both(table: pd.DataFrame, chart: str) -> None:
    if not (table["inputs_used"] == "both").any():
        raise PostLensError(chart, "needs a post with text and images", "Score such posts.")
