"""The facts of a report on a batch: counts, shares with intervals, and the most striking posts with their reasons.

`analysis.exporters.summary_html` writes them as a page. All numbers come from `analysis.query`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd

from analysis import query
from analysis.attribution.stored import describe_stored_decision
from analysis.columns import (
    LANGUAGES,
    TOPIC_FILTER,
    AnyOf,
    Column,
    OneOf,
    all_columns,
    columns_by_mark,
    describe_filter_value,
    filters_of,
    list_class_titles,
    own_filter,
    title_of_mark,
    title_of_option,
)
from analysis.columns.themes import NO_THEME
from analysis.custom_topics import NO_TOPIC
from analysis.exporters.headings import NOT_SHOWN, Headings
from analysis.exporters.headline import Count, Group, Headline, Row, collect_headline, count_group, make_group
from analysis.exporters.privacy import AS_GIVEN, Privacy, PrivacyLevel, may_name_people, protect_post
from analysis.exporters.striking import StrikingPost, choose_striking_posts
from analysis.exporters.summary_values import collect_frequent_values
from analysis.intake import describe_rejected
from analysis.model.config import SENTIMENTS, ModelConfig
from analysis.query import Filters
from analysis.review import CorrectedShares, compute_corrected_shares
from analysis.timezones import to_local_time
from analysis.wording import shorten_to_one_line, title_from_name
from analysis.workspace import Batch


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
        headline: The most important numbers of the selected posts.
        days: First and last time of a selected post, UTC; None without times.
        groups: Counts by topic, emotion and content type; unless only scores are shown, also by custom topic and the
            analyst's own columns.
        values: Counts by the most frequent hashtags, names, authors, platforms and languages.
        marks: Counts of ironic, offensive and hateful posts.
        timezone: The time zone of days and hours.
        unit: Unit of the periods, such as "day".
        periods: See `query.count_by_period`.
        striking: Posts to show.
        rejected: What could not be read of the upload, such as "2 rejected"; "" if everything was.
        languages: Names of the languages that the model knows; empty if they are not known.
        evaluations: Evaluations of the model, from its metrics; empty if they are not known.
        own_evaluations: The same of its heads that were trained on own labels, cross-validated on these.
        corrected: The shares of sentiments, corrected by labels of people.
        labelled: Posts of the batch with labels of people, whether they match the filters or not.
        privacy: How much of the posts is shown; with "scores only" there are no posts in `striking`.
    """

    name: str
    created_at: datetime
    version: str
    model: str
    all_posts: int
    filters: Sequence[str]
    headline: Headline
    days: tuple[datetime, datetime] | None
    groups: Sequence[Group]
    values: Sequence[Group]
    marks: Sequence[Count]
    timezone: str
    unit: str
    periods: pd.DataFrame
    striking: Sequence[StrikingPost]
    rejected: str
    languages: Sequence[str]
    evaluations: Sequence[Mapping[str, Any]]
    corrected: CorrectedShares
    own_evaluations: Sequence[Mapping[str, Any]] = ()
    labelled: int = 0
    privacy: PrivacyLevel = PrivacyLevel.EVERYTHING


def summarise_batch(
    batch: Batch,
    filters: Filters,
    config: ModelConfig,
    metrics: Mapping[str, Any] | None,
    privacy: Privacy = AS_GIVEN,
    now: datetime | None = None,
) -> Summary:
    """Collect the facts of a report.

    Args:
        batch: The batch.
        filters: Which posts are in the report.
        config: Configuration of the loaded model.
        metrics: Its metrics (`Bundle.metrics`); None if another model scored the batch.
        privacy: Whether names are replaced by pseudonyms, or only scores are shown.
        now: The time of the report; None for the present.
    """
    headings = Headings(batch, privacy)
    topics = batch.custom_topics.topics if batch.custom_topics else ()
    columns = all_columns(config.heads, batch.settings, config.modalities, topics)
    unit, periods = query.count_by_period(batch, filters)
    return Summary(
        name=headings.hide(batch.manifest.name),
        created_at=now or datetime.now(UTC),
        version=batch.manifest.version,
        model=batch.manifest.bundle or "",
        all_posts=batch.manifest.n_posts,
        filters=_describe_filters(batch, filters, columns, headings),
        headline=collect_headline(batch, filters, columns),
        days=_find_first_and_last(batch, filters),
        groups=_count_groups(batch, filters, columns, headings),
        values=collect_frequent_values(batch, filters, headings),
        marks=_count_marks(batch, filters, columns),
        timezone=batch.timezone,
        unit=unit,
        periods=periods,
        striking=_choose_posts(batch, filters, config, privacy),
        rejected=describe_rejected(batch.rejected()),
        languages=[] if metrics is None else [LANGUAGES.get(code, code) for code in config.languages],
        evaluations=list((metrics or {}).get("evaluations", {}).values()),
        own_evaluations=list((metrics or {}).get("own_labels", {}).values()),
        corrected=compute_corrected_shares(batch, filters),
        labelled=batch.labels.table.num_rows,
        privacy=privacy.level,
    )


def _choose_posts(
    batch: Batch, filters: Filters, config: ModelConfig, privacy: Privacy
) -> list[StrikingPost]:
    if not privacy.shows_posts:
        return []
    protected = ((each, protect_post(each.post, privacy)) for each in choose_striking_posts(batch, filters))
    titles, is_additive = list_class_titles(config.heads), batch.manifest.shares is not None
    return [
        replace(
            each,
            post=post,
            words=post["top_words"] or (),
            reason=describe_stored_decision(post, config.modalities, titles, is_additive),
        )
        for each, post in protected
    ]


def _count_groups(
    batch: Batch, filters: Filters, columns: Sequence[Column], headings: Headings
) -> list[Group]:
    """Count posts by the columns with classes that the Overview shows too."""
    sortable = query.list_sortable_columns(batch)
    shown = [column for column in columns if column.chart_title and column.name != "sentiment"]
    shown += [column for column in columns if column.name == "inputs_used"]
    titles: dict[str, tuple[str, Callable[[str], str]]] = {
        column.name: (column.chart_title or "Content type", column.title_of)
        for column in shown
        if isinstance(column.filter, OneOf) and column.name in sortable
    }
    own = {
        own_filter(number): (shorten_to_one_line(name) or "(no name)", str)
        for number, name in enumerate(batch.manifest.kept)
    }
    most = batch.settings.max_chart_values

    def count(column: str, title: str, title_of: Callable[[str], str]) -> Group:
        return count_group(batch, filters, column, title, title_of, most)

    groups = [count(column, *of_column) for column, of_column in titles.items()]
    if headings.privacy.shows_posts:
        groups.append(_count_custom_topics(batch, filters, headings.hide_topics()))
        groups.append(headings.hide_group(_count_themes(batch, filters, most)))
        groups += [headings.hide_group(count(column, *of_column)) for column, of_column in own.items()]
    return [group for group in groups if group.rows]


def _count_custom_topics(batch: Batch, filters: Filters, shown: Mapping[str, str]) -> Group:
    """Count posts by custom topic and sentiment, in the order of the topics; a post can be in several rows."""
    by_topic: dict[str, dict[str, int]] = {}
    for topic, sentiment, posts in query.count_custom_topics(batch, filters).itertuples(index=False):
        by_topic.setdefault(topic, {})[sentiment] = int(posts)
    names = {name: shown.get(name, name) for name in by_topic}
    rows = [
        Row("" if name == NO_TOPIC else names[name], names[name], posts) for name, posts in by_topic.items()
    ]
    return Group("Custom topics (a post can have several)", rows)


def _count_themes(batch: Batch, filters: Filters, most: int) -> Group:
    """Count posts by theme and sentiment."""
    if batch.themes is None:
        return Group("Themes", [])
    by_theme = {
        batch.themes.values[row["theme"]]: {name: row[name] for name in SENTIMENTS if row[name]}
        for row in query.count_themes(batch, filters).to_dict("records")
    }
    return make_group("Themes", by_theme, lambda name: "No theme" if name == NO_THEME else name, most)


def _count_marks(batch: Batch, filters: Filters, columns: Sequence[Column]) -> list[Count]:
    by_mark = columns_by_mark(columns)
    found = query.count_tones(batch, filters, list(by_mark))
    return [
        Count(title_of_mark(by_mark[tone]), int(posts), int(judged))
        for tone, posts, judged in found.itertuples(index=False)
    ]


def _find_first_and_last(batch: Batch, filters: Filters) -> tuple[datetime, datetime] | None:
    times = [
        query.read_page(batch, filters, "created_at", descending, limit=1, columns=["created_at"])[
            "created_at"
        ].dropna()
        for descending in (False, True)
    ]
    if any(each.empty for each in times):
        return None
    first, last = (to_local_time(each.iloc[0], batch.timezone) for each in times)
    return first, last


def _describe_filters(
    batch: Batch, filters: Filters, columns: Sequence[Column], headings: Headings
) -> list[str]:
    """Describe each filter that is set, such as "Sentiment: Negative or Neutral".

    A search can be for a name or an id, so what it is for is only in reports that show posts as given. Custom topics
    have the names of other headings, and are not shown with "scores only".
    """
    searched = f"“{shorten_to_one_line(filters.search)}”" if headings.privacy.shows_names else NOT_SHOWN
    described = [f"Search: {searched}"] if filters.search else []
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
        if may_name_people(name) and not headings.privacy.shows_names:
            text = f"{kind.label if kind else 'A column of the tables'}: {NOT_SHOWN}"
        if name == TOPIC_FILTER:
            text = f"Custom topic: {_describe_topics(filters.chosen(name), headings)}"
        described.append(text)
    return described


def _describe_topics(chosen: Sequence[str], headings: Headings) -> str:
    if not headings.privacy.shows_posts:
        return NOT_SHOWN
    shown = headings.hide_topics()
    return " or ".join(shown[name] if name in shown else headings.hide(name) for name in chosen)


def _title_option(of_filter: Sequence[Column], value: str) -> str:
    if not of_filter:  # a column of the analyst's tables
        return shorten_to_one_line(value)
    title = title_of_option(of_filter, value)
    return title_from_name(value) if title == value else title
