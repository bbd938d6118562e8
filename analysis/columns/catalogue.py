"""Lists every column in the order of a report, and derives from the list what storage, queries and pages use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import pyarrow as pa

from analysis.columns.column import Column, Preset, Table
from analysis.columns.custom_topics import TOPIC_COLUMN, column_of_topic_filter, topic_columns
from analysis.columns.filter_kinds import AnyOf, FilterKind, HasAny, OneOf
from analysis.columns.found import FOUND
from analysis.columns.heads import (
    MARKS_FILTER,
    class_columns,
    column_of_head_filter,
    head_columns,
)
from analysis.columns.modalities import TEXT_AND_IMAGE, input_titles, modality_columns
from analysis.columns.own import column_of_own_filter
from analysis.columns.posts import POSTS, SOURCE
from analysis.columns.reasons import REASONS
from analysis.columns.reviews import REVIEWS
from analysis.columns.scored import HeadLike, Scored, Values
from analysis.columns.scores import LANGUAGE, SENTIMENT
from analysis.columns.themes import THEMES
from analysis.custom_topics import CustomTopic
from analysis.settings import Settings
from analysis.wording import join_with_and

GROUPS = ("post", "sentiment", "reviews", "heads", "language", "reasons", "source")
"""Groups of columns in the order of a report; "heads" marks the place of the columns of the model's heads."""
ORIGINAL = "original: "
"""Prefix of the names of columns of the analyst's table."""

COLUMNS: tuple[Column, ...] = (*POSTS, *FOUND, *SENTIMENT, *REVIEWS, *THEMES, *LANGUAGE, *REASONS, *SOURCE)
"""Every column that does not depend on a model's heads or further modalities. Add one as an entry of its file."""
_TOPIC = {"topic": pa.string(), "topic_confidence": pa.float64()}
"""The stored columns of the topic, which every model that scores a batch predicts, whatever its classes."""


def all_columns(
    heads: Mapping[str, HeadLike],
    settings: Settings | None = None,
    modalities: Mapping[str, str] = TEXT_AND_IMAGE,
    topics: Sequence[CustomTopic] = (),
) -> tuple[Column, ...]:
    """List every column of a model's score table and of posts, in the order of a report.

    Args:
        heads: The bundle's heads by name.
        settings: The thresholds in meanings and help texts.
        modalities: Titles of the bundle's modalities by name (`ModelConfig.modalities`).
        topics: The analyst's custom topics.
    """
    chosen = settings or Settings()
    return _list_columns(tuple(heads.items()), chosen, tuple(modalities.items()), tuple(topics))


@lru_cache(maxsize=16)
def _list_columns(
    named_heads: tuple[tuple[str, HeadLike], ...],
    settings: Settings,
    named_modalities: tuple[tuple[str, str], ...],
    topics: tuple[CustomTopic, ...],
) -> tuple[Column, ...]:
    """List the columns, once for the same arguments: a page asks for them a hundred times."""
    heads, modalities = dict(named_heads), dict(named_modalities)
    names = class_columns(heads)
    of_heads = [
        column
        for name, head in heads.items()
        if name != "sentiment"
        for column in head_columns(name, head, settings, names[name])
    ]
    fixed = [
        _with_details(column, settings, modalities) for column in (*COLUMNS, *_further_columns(modalities))
    ]
    order = {group: place for place, group in enumerate(GROUPS)}
    further = topic_columns(topics, settings)
    return tuple(
        sorted([*fixed, *of_heads, *further], key=lambda each: order.get(each.group, order["heads"]))
    )


def report_columns(
    heads: Mapping[str, HeadLike],
    original: Iterable[str] = (),
    settings: Settings | None = None,
    modalities: Mapping[str, str] = TEXT_AND_IMAGE,
    topics: Sequence[CustomTopic] = (),
    has_labels: bool = False,
    has_themes: bool = False,
) -> tuple[Column, ...]:
    """List every column that a report can have, in order.

    Args:
        heads: The bundle's heads by name.
        original: Columns of the analyst's tables to add (`analysis.query.list_own_columns`).
        settings: The thresholds in meanings.
        modalities: Titles of the bundle's modalities by name (`ModelConfig.modalities`).
        topics: The analyst's custom topics.
        has_labels: Whether people labelled posts; otherwise the columns of their labels are left out.
        has_themes: Whether themes were found; otherwise their column is left out.
    """
    own = (
        Column(
            ORIGINAL + name,
            "original",
            "extra",
            pa.string(),
            label=name,
            meaning="A column of your own table, unchanged.",
            export=Preset.FULL,
        )
        for name in original
    )
    listed = all_columns(heads, settings, modalities, topics)
    absent = {"reviews": not has_labels, "themes": not has_themes}
    kept = (column for column in listed if column.export and not absent.get(column.table))
    return (*kept, *own)


def computed_columns(scored: Scored) -> dict[str, Values]:
    """Compute the columns of scores that have `Column.compute`, in the order of a report.

    Args:
        scored: The posts; receives the columns in `Scored.columns`.

    Returns:
        The columns by name, one value per post.
    """
    modalities = {name: name for name in scored.has}
    for column in all_columns(scored.heads, scored.settings, modalities):
        if column.compute:
            scored.columns[column.name] = column.compute(scored)
    return scored.columns


def stored_columns(table: Table) -> dict[str, pa.DataType]:
    """Return the schema of "posts", "scores", "words" or "copies" files; scores also have the columns of heads."""
    found = {column.name: column.type for column in COLUMNS if column.table == table}
    return {"post_id": pa.string(), **found, **(_TOPIC if table == "scores" else {})}


def summary_columns(heads: Mapping[str, HeadLike]) -> tuple[Column, ...]:
    """List the columns of the summary table that every batch has, null where its model lacks the head.

    Args:
        heads: The default heads by name.
    """
    return tuple(column for column in all_columns(heads) if column.summary)


def derived_columns() -> tuple[Column, ...]:
    """List the columns that are computed in SQL when posts are read."""
    return tuple(column for column in COLUMNS if column.sql)


def exclude_derived_columns(names: Iterable[str]) -> list[str]:
    """Return the names of the columns that are read from files, without those that are computed in SQL."""
    derived = {column.name for column in derived_columns()}
    return [name for name in names if name not in derived]


def page_columns() -> tuple[str, ...]:
    """Return the names of the derived columns that are read with posts."""
    return tuple(column.name for column in derived_columns() if not column.is_internal)


def column_of_filter(name: str, heads: Mapping[str, HeadLike]) -> Column | None:
    """Find the column of a filter of `analysis.query.Filters`.

    Args:
        name: The filter's name.
        heads: The default heads by name, whose filters may have names of their own.

    Returns:
        For a head's filter, a column with the head's name, whatever its classes; None for an unknown filter and for
        `MARKS_FILTER`, which uses several columns.
    """
    for column in COLUMNS:
        if column.filter and name in column.filter.names:
            return column
    if own := column_of_own_filter(name) or column_of_topic_filter(name):
        return own
    head = column_of_head_filter(name, heads)
    if head is None:
        return None
    return Column(head, head, "scores", pa.string(), filter=OneOf(name=name, label=head), summary=True)


def is_filter(name: str, heads: Mapping[str, HeadLike]) -> bool:
    """Return whether `Filters` accepts a filter of this name; see `column_of_filter` for the heads."""
    return name == MARKS_FILTER or column_of_filter(name, heads) is not None


def filters_of(columns: Iterable[Column]) -> dict[str, list[Column]]:
    """Group the columns that can be filtered by the name of their filter, in their order on pages.

    Columns that share a filter (`AnyOf`) are grouped together.
    """
    grouped: dict[str, list[Column]] = {}
    for column in columns:
        if column.filter:
            grouped.setdefault(column.filter.name, []).append(column)
    return dict(sorted(grouped.items(), key=lambda pair: _kind(pair[1][0]).place))


def title_of_option(of_filter: Sequence[Column], value: str) -> str:
    """Return the title of an option of a filter, such as "Ironic".

    Args:
        of_filter: The columns of the filter, of `filters_of`.
        value: The option.
    """
    for column in of_filter:
        if isinstance(column.filter, AnyOf) and column.filter.option == value:
            return title_of_mark(column)
        if isinstance(column.filter, HasAny):
            return column.filter.describe(value)
    return of_filter[0].title_of(value)


def title_of_mark(column: Column) -> str:
    """Return the title of the mark whose probability a column contains."""
    return next(iter(column.titles.values()))


def columns_by_mark(columns: Iterable[Column]) -> dict[str, Column]:
    """Map each mark, such as irony, to its column."""
    return {column.filter.option: column for column in columns if isinstance(column.filter, AnyOf)}


def repeated_columns(
    heads: Mapping[str, HeadLike], modalities: Mapping[str, str] = TEXT_AND_IMAGE
) -> Iterator[tuple[str, str]]:
    """Yield the head and name of each duplicate column of the score table."""
    fixed = (column.name for column in (*COLUMNS, *_further_columns(modalities)))
    probabilities, taken = class_columns(heads), {*fixed, TOPIC_COLUMN, "position"}
    for name, head in heads.items():
        if name == "sentiment":  # its columns are in `COLUMNS`
            continue
        columns = [name, *probabilities[name].values(), *([] if head.exclusive else [f"{name}_confidence"])]
        for column in columns:
            if column in taken:
                yield name, column
            taken.add(column)


def _kind(column: Column) -> FilterKind:
    assert column.filter  # noqa: S101 (only called for columns with one)
    return column.filter


def _further_columns(modalities: Mapping[str, str]) -> tuple[Column, ...]:
    """List the columns of modalities other than text and image, whose columns are in `COLUMNS`."""
    return tuple(
        column
        for name, title in modalities.items()
        if name not in TEXT_AND_IMAGE
        for column in modality_columns(name, title)
    )


def _with_details(column: Column, settings: Settings, modalities: Mapping[str, str]) -> Column:
    """Fill thresholds and modalities into a column's texts; `inputs_used` gets every combination of modalities."""
    values = {**vars(settings), "modalities": join_with_and(title.lower() for title in modalities.values())}
    kind, view, titles = column.filter, column.view, column.titles
    if column.name == "inputs_used" and isinstance(kind, OneOf):
        titles = input_titles(modalities)
        kind = replace(kind, options=tuple(titles))
    return replace(
        column,
        meaning=column.meaning.format_map(values),
        filter=kind and replace(kind, help=kind.help.format_map(values)),
        view=view and replace(view, help=view.help.format_map(values)),
        titles=titles,
    )
