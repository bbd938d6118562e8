"""The columns of posts and of the loaded model's scores, with filters, options, titles and help for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.columns import (
    WORD_COLUMNS,
    AnyOf,
    Column,
    FilterKind,
    OneOf,
    all_columns,
    columns_by_mark,
    filters_of,
    own_filter,
    stored_columns,
    title_of_mark,
    title_of_option,
)
from analysis.columns.themes import THEME_FILTER
from analysis.custom_topics import CustomTopic, fold_name, parse_topic_names
from analysis.errors import WorkspaceError
from analysis.model.presets import default_marks
from analysis.query import count_own_values, list_frequent_values
from analysis.query.conditions import mark_column
from analysis.taxonomy import Taxonomy
from analysis.wording import shorten_to_one_line
from analysis.workspace import Themes
from pages.shared import address
from pages.shared.engine import config, heads, workspace

TOPICS_PARAMETER = "own_topics"
"""The parameter of the URL with names of custom topics, which are added to those that are switched on."""


def columns() -> tuple[Column, ...]:
    """Every column of the loaded model's scores, of posts and of custom topics, in the order of a report."""
    return all_columns(heads(), workspace().settings, config().modalities, custom_topics())


def named_topics() -> list[str]:
    """Return the names of custom topics in the URL; none if the model cannot compare posts with them."""
    return parse_topic_names(address.get(TOPICS_PARAMETER)) if config().space else []


def custom_topics() -> list[CustomTopic]:
    """Return the custom topics that are switched on, then those that the URL names, without any beyond the limits."""
    settings, saved = workspace().settings, saved_topics()
    named = [name for name in named_topics() if len(name) <= settings.max_name_chars]
    topics = saved.on + [saved.find(name) or CustomTopic(name) for name in named]
    return list(dict.fromkeys(topics))[: settings.max_custom_topics]


def spell_topic(name: str) -> str:
    """Return the name of a custom topic as that topic has it, such as "Rain" for "rain"; any other name as it is."""
    named = (topic for topic in custom_topics() if fold_name(topic.name) == fold_name(name))
    topic = saved_topics().find(name) or next(named, None)
    return topic.name if topic else name


def saved_topics() -> Taxonomy:
    """Return the custom topics of the workspace; none if the model cannot compare posts with them, or on an error."""
    if not config().space:
        return Taxonomy()
    try:
        return workspace().topics.read()
    except WorkspaceError:  # the page Custom topics says what is wrong with their file
        return Taxonomy()


def column_of(name: str) -> Column:
    """Return the column of this name."""
    return next(column for column in columns() if column.name == name)


def filter_columns() -> list[list[Column]]:
    """The columns of each filter, in their order on pages; marks such as irony share one filter."""
    of_columns = filters_of(columns())
    of_columns["languages"] = [_with_language_options(of_columns["languages"][0])]
    of_columns["tags"] = [_with_tags(of_columns["tags"][0])]
    if themes := _with_themes(of_columns.pop(THEME_FILTER)[0]):
        of_columns[THEME_FILTER] = [themes]
    return [*of_columns.values(), *([column] for column in own_columns())]


def _with_language_options(column: Column) -> Column:
    """Add the languages that can be detected, those of the loaded model too, as options of the filter."""
    kind = column.filter
    if not isinstance(kind, OneOf):
        raise TypeError("the filter of languages has no options")
    codes = dict.fromkeys((*column.titles, *config().languages))
    options = sorted(codes, key=lambda code: column.title_of(code).casefold())
    return replace(column, filter=replace(kind, options=tuple(options)))


def _with_tags(column: Column) -> Column:
    """Add the tags that people gave posts of the batch in the address as options of the filter."""
    if not isinstance(column.filter, OneOf):
        raise TypeError("the filter of tags has no options")
    try:
        tags = workspace().open(address.get("batch")).labels.tags
    except WorkspaceError:  # the page itself says what is wrong with the batch
        return column
    return replace(column, filter=replace(column.filter, options=tags))


def _with_themes(column: Column) -> Column | None:
    """Add the themes of the batch in the address as options of the filter; None without any."""
    if not isinstance(column.filter, OneOf):
        raise TypeError("the filter of themes has no options")
    themes = current_themes()
    return replace(column, filter=replace(column.filter, options=themes.values)) if themes else None


def current_themes() -> Themes | None:
    """Return the themes of the batch in the address; None without any."""
    try:
        return workspace().open(address.get("batch")).themes
    except WorkspaceError:  # the page itself says what is wrong with the batch
        return None


def suggest_values(column: Column) -> tuple[str, ...] | None:
    """Return the most frequent values of a column such as hashtags; None while they are not known.

    Words and names take longer to find than others, so that they are known once a page has counted them.
    """
    try:
        batch = workspace().open(address.get("batch"))
        is_small = batch.manifest.n_posts <= batch.settings.suggestions_up_to
        is_fast = is_small and column.name not in WORD_COLUMNS
        return list_frequent_values(batch, column.name, make_tables=is_fast)
    except WorkspaceError:  # the page itself says what is wrong with the batch
        return None


def own_columns() -> list[Column]:
    """The columns of the analyst's own tables that are filters of the batch in the address, with their values."""
    settings = workspace().settings
    found = []
    try:
        batch = workspace().open(address.get("batch"))
        for number, name in enumerate(batch.manifest.kept):
            counts = count_own_values(batch, number, settings.max_filter_values)
            label = shorten_to_one_line(name)[: settings.max_name_chars] or "(no name)"
            kind = OneOf(name=own_filter(number), label=label, options=tuple(counts), is_long=True)
            titles = {value: f"{value} ({posts:,})" for value, posts in counts.items()}
            found.append(
                Column(kind.name, "original", "extra", pa.string(), label=label, filter=kind, titles=titles)
            )
    except WorkspaceError:  # the page itself says what is wrong with the batch
        return []
    return found


def kind_of(of_filter: Sequence[Column]) -> FilterKind:
    """Return the kind of a filter from its columns."""
    kind = of_filter[0].filter
    if kind is None:
        raise ValueError(f"The column {of_filter[0].name} has no filter")
    return kind


def filter_name_of(column: str) -> str:
    """Return the name of the filter of a column, such as "topics" for the topic."""
    return kind_of([column_of(column)]).name


def options_of(of_filter: Iterable[Column]) -> list[str]:
    """Return the options of a filter; none if it has no options."""
    options: list[str] = []
    for column in of_filter:
        if isinstance(column.filter, OneOf):
            options += column.filter.options
        elif isinstance(column.filter, AnyOf):
            options.append(column.filter.option)
    return options


def filter_options(name: str) -> list[str]:
    """The values that the loaded model offers for a filter, by its name in `Filters`."""
    return [option for each in filter_columns() if kind_of(each).name == name for option in options_of(each)]


def filter_help(name: str) -> str:
    """Return what a filter means, by its name in `Filters`; "" if the model has no such filter."""
    kinds = (column.filter for column in columns())
    return next((kind.help for kind in kinds if kind and kind.name == name), "")


def class_columns() -> list[Column]:
    """Return the columns with the most likely class of a head other than sentiment.

    Those that the scores of every model have come first: the topic.
    """
    found = [
        column
        for column in columns()
        if column.group in heads() and column.group != "sentiment" and isinstance(column.filter, OneOf)
    ]
    return sorted(found, key=lambda column: column.name not in stored_columns("scores"))


def marks() -> list[str]:
    """Return the marks that a batch can have, such as irony: those of the loaded model and of the default heads."""
    return list(_titles_by_mark())


def marks_of(post: Mapping[str, Any] | pd.Series) -> list[str]:
    """Return the titles of the marks of a scored post, such as "Ironic" and "Hateful"."""
    likely_from = workspace().settings.likely_from
    found = ((title, mark_column(mark, post.keys())) for mark, title in _titles_by_mark().items())
    return [title for title, column in found if column and (post[column] or 0) > likely_from]


def title_of(of_filter: Sequence[Column], value: str) -> str:
    """Return the title of an option of a filter, such as "Ironic"."""
    return title_of_option(of_filter, value)


def mark_title(mark: str) -> str:
    """Return the title of a mark, such as "Ironic"."""
    return _titles_by_mark().get(mark, mark.capitalize())


def _titles_by_mark() -> dict[str, str]:
    declared = {mark: title_of_mark(column) for mark, column in columns_by_mark(columns()).items()}
    return {**declared, **{mark: mark.capitalize() for mark in default_marks() if mark not in declared}}
