"""The facts of a report on a batch: counts, shares with intervals, and the most striking posts with their reasons.

`analysis.exporters.summary_html` writes them as a page. All numbers come from `analysis.query`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd

from analysis import query
from analysis.charts.palette import SENTIMENTS
from analysis.columns import (
    AnyOf,
    Column,
    OneOf,
    all_columns,
    columns_by_mark,
    describe_filter_value,
    filters_of,
    own_filter,
)
from analysis.exporters.striking import StrikingPost, choose_striking_posts
from analysis.model.config import ModelConfig
from analysis.model.language import LANGUAGES
from analysis.query import Filters, Totals
from analysis.wording import shorten_to_one_line, title_from_name
from analysis.workspace import Batch


@dataclass(frozen=True)
class Count:
    """A number of posts, and what it is a share of.

    Attributes:
        title: Display name of what is counted.
        posts: The number.
        total: Number of posts that it is a share of.
    """

    title: str
    posts: int
    total: int

    @property
    def share(self) -> float:
        """The share, 0..1; 0 if there are no posts at all."""
        return self.posts / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share; None if there are no posts at all."""
        return query.compute_share_interval(self.posts, self.total) if self.total else None


@dataclass(frozen=True)
class Row:
    """Posts with one value of a column: the value, its display name, and the number of posts by sentiment."""

    value: str
    title: str
    posts: Mapping[str, int]


@dataclass(frozen=True)
class Group:
    """Posts counted by the values of a column and by sentiment: the title, and the values, most posts first."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Summary:
    """The facts of a report.

    Attributes:
        name: Name of the batch.
        created_at: Time of the report, UTC.
        version: Version of PostLens that created the batch.
        model: Id of the model that scored it; "" if it is not scored.
        all_posts: Posts in the batch.
        filters: Descriptions of the filters that select posts; empty if all posts are in the report.
        totals: Counts of the selected posts.
        days: First and last time of a selected post, UTC; None without times.
        sentiments: Counts by sentiment, in the order of `SENTIMENTS`.
        groups: Counts by topic, emotion, content type and the analyst's own columns.
        marks: Counts of ironic, offensive and hateful posts.
        image_share: Mean share of the image in the score of posts with text and image, 0..1; None without such posts.
        image_decided: Posts whose sentiment is that of the image alone and not that of the text.
        unit: Unit of the periods, such as "day".
        periods: See `query.count_by_period`.
        striking: Posts to show.
        rejected: Number of rejected rows and files.
        languages: Names of the languages that the model knows.
        evaluations: Evaluations of the model, from its metrics.
    """

    name: str
    created_at: datetime
    version: str
    model: str
    all_posts: int
    filters: Sequence[str]
    totals: Totals
    days: tuple[datetime, datetime] | None
    sentiments: Sequence[Count]
    groups: Sequence[Group]
    marks: Sequence[Count]
    image_share: float | None
    image_decided: int
    unit: str
    periods: pd.DataFrame
    striking: Sequence[StrikingPost]
    rejected: int
    languages: Sequence[str]
    evaluations: Sequence[Mapping[str, Any]]


def summarise_batch(
    batch: Batch, filters: Filters, config: ModelConfig, metrics: Mapping[str, Any]
) -> Summary:
    """Collect the facts of a report.

    Args:
        batch: The batch.
        filters: Which posts are in the report.
        config: Configuration of the model that scored them.
        metrics: Metrics of the model (`Bundle.metrics`).
    """
    columns = all_columns(config.heads, batch.settings, config.modalities)
    totals = query.compute_totals(batch, filters)
    by_sentiment = query.count_by(batch, filters, "sentiment")
    counts = dict(zip(by_sentiment["sentiment"], by_sentiment["posts"], strict=True))
    shares = query.average_shares_by(batch, filters, "sentiment")
    weights = shares["posts"].sum()
    unit, periods = query.count_by_period(batch, filters)
    return Summary(
        name=batch.manifest.name,
        created_at=datetime.now(UTC),
        version=batch.manifest.version,
        model=batch.manifest.bundle or "",
        all_posts=batch.manifest.n_posts,
        filters=_describe_filters(batch, filters, columns),
        totals=totals,
        days=_find_first_and_last(batch, filters),
        sentiments=[
            Count(title_from_name(name), int(counts.get(name, 0)), totals.scored) for name in SENTIMENTS
        ],
        groups=_count_groups(batch, filters, columns),
        marks=_count_marks(batch, filters, columns),
        image_share=float((shares["share_image"] * shares["posts"]).sum() / weights) if weights else None,
        image_decided=query.count_by_deciding_modality(batch, filters)["image"],
        unit=unit,
        periods=periods,
        striking=choose_striking_posts(batch, filters),
        rejected=len(batch.rejected()),
        languages=[LANGUAGES.get(code, code) for code in config.languages],
        evaluations=list(metrics.get("evaluations", {}).values()),
    )


def _count_groups(batch: Batch, filters: Filters, columns: Sequence[Column]) -> list[Group]:
    """Count posts by the columns with classes that the Overview shows too."""
    sortable = query.list_sortable_columns(batch)
    shown = [column for column in columns if column.chart_title and column.name != "sentiment"]
    shown += [column for column in columns if column.name == "inputs_used"]
    titles: dict[str, tuple[str, Callable[[str], str]]] = {
        column.name: (column.chart_title or "Content type", column.title_of)
        for column in shown
        if isinstance(column.filter, OneOf) and column.name in sortable
    }
    for number, name in enumerate(batch.manifest.kept):
        titles[own_filter(number)] = (shorten_to_one_line(name) or "(no name)", str)
    groups = []
    for column, (title, title_of) in titles.items():
        found = query.count_by(batch, filters, column, "sentiment")
        by_value: dict[str, dict[str, int]] = {}
        for value, sentiment, posts in found.itertuples(index=False):
            by_value.setdefault(value, {})[sentiment] = int(posts)
        most = sorted(by_value.items(), key=lambda each: -sum(each[1].values()))
        if most:
            rows = [
                Row(value, title_of(value), posts) for value, posts in most[: batch.settings.max_chart_values]
            ]
            groups.append(Group(title, rows))
    return groups


def _count_marks(batch: Batch, filters: Filters, columns: Sequence[Column]) -> list[Count]:
    by_mark = columns_by_mark(columns)
    found = query.count_tones(batch, filters, list(by_mark))
    return [
        Count(next(iter(by_mark[tone].titles.values())), int(posts), int(judged))
        for tone, posts, judged in found.itertuples(index=False)
    ]


def _find_first_and_last(batch: Batch, filters: Filters) -> tuple[datetime, datetime] | None:
    times = [
        query.read_page(batch, filters, "created_at", descending, limit=1, columns=["created_at"])[
            "created_at"
        ].dropna()
        for descending in (False, True)
    ]
    return None if any(each.empty for each in times) else (times[0].iloc[0], times[1].iloc[0])


def _describe_filters(batch: Batch, filters: Filters, columns: Sequence[Column]) -> list[str]:
    """Describe each filter that is set, such as "Sentiment: Negative or Neutral"."""
    described = [f"Search: “{shorten_to_one_line(filters.search)}”"] if filters.search else []
    by_name = {
        name: of_filter
        for of_filter in filters_of(columns).values()
        for name in (of_filter[0].filter.names if of_filter[0].filter else ())
    }
    own = {own_filter(number): name for number, name in enumerate(batch.manifest.kept)}
    for name, value in filters.by_name:
        of_filter = by_name.get(name, [])
        kind = of_filter[0].filter if of_filter else None
        text = describe_filter_value(kind, name, value, partial(_title_option, of_filter))
        if kind is None or isinstance(kind, OneOf | AnyOf):
            text = f"{shorten_to_one_line(kind.label if kind else own.get(name, name))}: {text}"
        described.append(text)
    return described


def _title_option(of_filter: Sequence[Column], value: str) -> str:
    for column in of_filter:
        if isinstance(column.filter, AnyOf) and column.filter.option == value:
            return next(iter(column.titles.values()))
    titles = of_filter[0].titles if of_filter else {}
    return titles.get(value) or (title_from_name(value) if of_filter else shorten_to_one_line(value))
