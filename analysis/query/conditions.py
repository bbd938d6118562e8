"""Filters as SQL conditions over the columns of a batch. Values are parameters, columns come from the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.columns import (
    MARKS_FILTER,
    TOPIC_FILTER,
    Column,
    Days,
    Flag,
    HasAny,
    OneOf,
    column_of_filter,
    mark_columns,
)
from analysis.columns.reviews import NOT_REVIEWED
from analysis.columns.themes import THEME_FILTER
from analysis.model.presets import HEADS
from analysis.query.filters import Filters, FilterValue
from analysis.query.found_values import fold_sql
from analysis.query.search_sql import search_sql
from analysis.query.search_syntax import parse_search
from analysis.settings import Settings
from analysis.workspace import CustomTopics, Themes


@dataclass(frozen=True)
class Condition:
    """An SQL condition.

    Attributes:
        sql: The condition.
        values: Its parameters.
        columns: The columns that it uses.
        looked_up: The columns whose tables of values it uses (`analysis.query.value_tables`).
    """

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    looked_up: tuple[str, ...] = ()


def quote_name(name: str) -> str:
    """Quote a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def column_condition(filters: Filters, columns: Collection[str], settings: Settings) -> Condition:
    """Write the filters of columns as SQL.

    Args:
        filters: Which posts match.
        columns: The columns of the batch. No post matches a filter of any other column.
        settings: The thresholds.
    """
    parts = [] if filters.scored is None else [Condition(f"(sentiment IS NOT NULL) = {filters.scored}")]
    for number, (name, value) in enumerate(filters.by_name):
        key = f"filter_{number}"
        if name in (TOPIC_FILTER, THEME_FILTER):
            continue  # `topic_condition` and `theme_condition` write it, as it depends on the batch
        if name == MARKS_FILTER:
            parts.append(any_mark_condition(filters.chosen(name), columns, settings))
        else:
            parts.append(_condition(name, value, key, columns))
    values = {key: value for part in parts for key, value in part.values.items()}
    named = tuple(column for part in parts for column in part.columns)
    looked_up = tuple(column for part in parts for column in part.looked_up)
    return Condition(" AND ".join(part.sql for part in parts) or "true", values, named, looked_up)


def any_mark_condition(marks: Collection[str], columns: Collection[str], settings: Settings) -> Condition:
    """Write as SQL that a post has at least one of some marks, such as irony.

    Args:
        marks: Options of the filter `MARKS_FILTER`.
        columns: Columns that the batch has.
        settings: The probability from which a mark counts.
    """
    found = [each for mark in marks if (each := mark_column(mark, columns))]
    if not found:
        return Condition("false")
    sql = " OR ".join(f"{quote_name(column)} > $likely_from" for column in found)
    return Condition(f"({sql})", {"likely_from": settings.likely_from}, tuple(found))


def mark_column(mark: str, columns: Collection[str]) -> str | None:
    """Find the column of a mark's probability; None if the batch has none."""
    return next((column for column in mark_columns(mark) if column in columns), None)


def topic_condition(filters: Filters, topics: CustomTopics | None) -> Condition:
    """Write as SQL the filter by custom topics: a condition with the table `custom_topics`.

    Args:
        filters: Which posts match.
        topics: The topics of the batch, whose `table` has the posts of each; without any, no post has one.
    """
    chosen = filters.chosen(TOPIC_FILTER)
    if not chosen:
        return Condition("true")
    values = topics.values if topics else ()
    has = " OR ".join(f"value_{number}" for number, name in enumerate(values) if name in chosen)
    sql = f"position IN (SELECT position FROM custom_topics WHERE {has})" if has else "false"  # noqa: S608
    return Condition(sql)


def theme_condition(filters: Filters, themes: Themes | None) -> Condition:
    """Write as SQL the filter by theme: a condition with the table `themes`.

    Args:
        filters: Which posts match.
        themes: The themes of the batch; without any, no post has one.
    """
    chosen = filters.chosen(THEME_FILTER)
    if not chosen:
        return Condition("true")
    numbers = [str(number) for number, name in enumerate(themes.values if themes else ()) if name in chosen]
    has = f"position IN (SELECT position FROM themes WHERE theme IN ({', '.join(numbers)}))"  # noqa: S608 (numbers)
    return Condition(has if numbers else "false")


def text_condition(filters: Filters, settings: Settings) -> Condition:
    """Write as SQL the filters over the posts' own texts and ids: a condition over the post table.

    Args:
        filters: Which posts match.
        settings: The limits of a search.

    Raises:
        SearchError: The search is malformed.
    """
    parts = ["true"]
    values: dict[str, Any] = {}
    if filters.search.strip():
        sql, values = search_sql(parse_search(filters.search.strip(), settings))
        parts.append(sql)
    if filters.post_ids:
        parts.append("post_id IN (SELECT unnest($post_ids))")  # a join, as there may be many ids
        values["post_ids"] = list(filters.post_ids)
    return Condition(" AND ".join(parts), values)


def _condition(name: str, value: FilterValue, key: str, columns: Collection[str]) -> Condition:
    column = column_of_filter(name, HEADS)
    if column and isinstance(column.filter, HasAny):
        keys = f"SELECT {fold_sql(column.name, 'typed')} FROM (SELECT unnest(${key}) AS typed)"  # noqa: S608
        joined = f" OR replace(key, ' ', '') IN ({keys})" if column.name == "names" else ""
        sql = f"""position IN (
            SELECT position FROM rows_{column.name} JOIN values_{column.name} USING (id)
            WHERE key IN ({keys}){joined})"""  # noqa: S608 (a name of the catalogue)
        return Condition(sql, {key: list(_as_tuple(value))}, looked_up=(column.name,))
    if column and column.table == "reviews":
        return _label_condition(column, key, _as_tuple(value))
    if column is None or column.name not in columns:
        return Condition("false")
    expression, kind, named = quote_name(column.name), column.filter, (column.name,)
    if isinstance(kind, OneOf):
        text = f"CAST({expression} AS VARCHAR)"  # a URL may name a column of numbers like a head's filter
        return Condition(f"{text} IN (SELECT unnest(${key}))", {key: list(_as_tuple(value))}, named)
    if isinstance(kind, Flag):
        wanted = bool(value) != kind.is_negated
        return Condition(f"{expression} = ${key}", {key: wanted}, named)
    if isinstance(kind, Days):
        compare = ">=" if name == kind.name else "<="
        return Condition(f"{expression} {compare} CAST(${key} AS DATE)", {key: value}, named)
    low, high = _as_tuple(value)
    ends = {f"{key}_low": low, f"{key}_high": high}
    return Condition(f"{expression} BETWEEN ${key}_low AND ${key}_high", ends, named)


def _label_condition(column: Column, key: str, chosen: tuple[str, ...]) -> Condition:
    """Write a filter by labels of people, with the table `labels` (`analysis.workspace.Labels.table`)."""
    wanted = f"SELECT unnest(${key})"
    has = f"list_has_any(tag_list, ${key})" if column.name == "tags" else f"{column.name} IN ({wanted})"
    sql = f"position IN (SELECT position FROM labels WHERE {has})"  # noqa: S608 (a name of the catalogue)
    if column.name == "review" and NOT_REVIEWED in chosen:
        others = f"position NOT IN (SELECT position FROM labels WHERE review <> '{NOT_REVIEWED}')"  # noqa: S608
        sql = f"({sql} OR {others})"
    return Condition(sql, {key: list(chosen)})


def _as_tuple(value: FilterValue) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise TypeError(f"{value!r} is neither a list of options nor a range")
    return value
