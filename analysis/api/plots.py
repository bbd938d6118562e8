"""Charts of scores, one method each: the figures of `analysis.charts`, computed from the score table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.columns import Column, OneOf, all_columns, list_class_titles
from analysis.errors import PostLensError
from analysis.model.presets import default_options
from analysis.query.aggregates import average_shares, count_groups, count_periods, fetch_from
from analysis.settings import Settings

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analysis.model.bundle import Bundle


class Plots:
    """Charts of scored posts; `Scores.plot` returns it. Every method returns a Plotly figure.

    Args:
        table: The scored posts.
        bundle: The model that scored them.
    """

    def __init__(self, table: pd.DataFrame, bundle: Bundle) -> None:
        self._table = table
        self._heads = bundle.heads
        self._modalities = bundle.config.modalities

    def sentiment(self) -> go.Figure:
        """Draw the number of posts by sentiment."""
        from analysis.charts.scores import sentiment_bar

        return sentiment_bar(self._count("sentiment"))

    def topics(self) -> go.Figure:
        """Draw the number of posts by topic."""
        return self.classes("topic")

    def emotions(self) -> go.Figure:
        """Draw the number of posts by emotion.

        Raises:
            PostLensError: The model predicts no emotions.
        """
        return self.classes("emotion")

    def classes(self, head: str) -> go.Figure:
        """Draw the number of posts by the most likely class of a head.

        Args:
            head: Such as "topic", "emotion" or a head of your own.

        Raises:
            PostLensError: The model has no head of this name with several classes.
        """
        from analysis.charts.scores import class_bar

        return class_bar(self._count(head), head, self._filter_of(head), self._titles_of(head))

    def sentiment_by_topic(self) -> go.Figure:
        """Draw the shares of sentiments within each topic."""
        from analysis.charts.scores import sentiment_by_topic

        return sentiment_by_topic(
            self._count("topic", "sentiment"), self._filter_of("topic"), self._titles_of("topic")
        )

    def inputs(self) -> go.Figure:
        """Draw the sentiments of posts with text only, images only, and both."""
        from analysis.charts.scores import sentiment_by_content_type

        return sentiment_by_content_type(self._count("inputs_used", "sentiment"), self._modalities)

    def over_time(self) -> go.Figure:
        """Draw the number of posts by sentiment and the mean valence over time (UTC), by day, week, month or year.

        Raises:
            PostLensError: No post has a date.
        """
        from analysis.charts.scores import sentiment_over_time

        days = pd.to_datetime(self._table["created_at"], utc=True).dt.date
        if days.isna().all():
            raise PostLensError(
                "The chart over time",
                "needs dates, but no post has one",
                "Add a column created_at to the posts.",
            )
        dated = self._table[["sentiment", "valence"]].assign(day=days)
        return sentiment_over_time(*count_periods(fetch_from(dated)))

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

    def _count(self, *columns: str) -> pd.DataFrame:
        for name in columns:
            self._column(name)
        names = list(dict.fromkeys(("sentiment", *columns)))
        return count_groups(fetch_from(self._table[names]), columns)

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
