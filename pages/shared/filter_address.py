"""Filters as query parameters of a URL, and back with every value checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from analysis.columns import (
    MARKS_FILTER,
    TOPIC_FILTER,
    Days,
    Flag,
    HasAny,
    OneOf,
    Range,
    column_of_filter,
    is_filter,
)
from analysis.columns.themes import THEME_FILTER
from analysis.errors import SearchError
from analysis.model.presets import HEADS
from analysis.query import Filters
from analysis.query.filters import FilterValue
from analysis.query.search_syntax import parse_search
from pages.shared import catalogue
from pages.shared.address import Address
from pages.shared.engine import workspace


def read_filters(address: Mapping[str, str | list[str]]) -> Filters:
    """Return the filters in query parameters; invalid ones, and a malformed search, are ignored."""
    texts = {name: _list_texts(name, value) for name, value in address.items()}
    read = {name: _read_value(name, values) for name, values in texts.items() if is_filter(name, HEADS)}
    search = texts.get("search", [""])[-1]
    return Filters("" if find_search_error(search) else search).with_values(read)


def list_ignored_values(address: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    """List the values of filters in query parameters that `read_filters` ignores, each with its filter's name."""
    found = []
    for name, given in address.items():
        if not is_filter(name, HEADS):
            continue
        texts = _list_texts(name, given)
        value = _read_value(name, texts)
        if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
            found += [(name, text) for text in texts if text.strip() and text not in value]
        elif value is None:
            found.append((name, texts[-1]))
    return found


def find_search_error(search: str) -> SearchError | None:
    """Return why a search by words cannot be used; None if it can, or is empty."""
    try:
        if typed := search.strip():
            parse_search(typed, workspace().settings)
    except SearchError as error:
        return error
    return None


def write_filters(filters: Filters) -> Address:
    """Write filters as query parameters."""
    written: Address = {"search": filters.search} if filters.search else {}
    for name, value in filters.by_name:
        column = column_of_filter(name, HEADS)
        if name == MARKS_FILTER or (column and isinstance(column.filter, OneOf | HasAny)):
            written[name] = list(filters.chosen(name))
        elif isinstance(value, bool):
            written[name] = "yes" if value else "no"
        elif isinstance(value, tuple):
            written[name] = "~".join(f"{float(end):.2f}" for end in value)
        else:
            written[name] = str(value)
    return written


def _list_texts(name: str, given: str | list[str]) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    return list(dict.fromkeys(map(catalogue.spell_topic, texts))) if name == TOPIC_FILTER else texts


def _read_value(name: str, texts: list[str]) -> FilterValue | None:
    """Parse the value of a filter; None if it is invalid."""
    column = column_of_filter(name, HEADS)
    kind = column.filter if column else None
    if name == MARKS_FILTER:
        return tuple(text for text in texts if text in catalogue.marks())
    if isinstance(kind, OneOf):  # the classes of a head are known by the model that scored the batch
        is_checked = kind.options or name == THEME_FILTER
        options = [*kind.options, *catalogue.filter_options(name)] if is_checked else texts
        return tuple(text for text in texts if text and text in options)
    if isinstance(kind, HasAny):
        return tuple(text for text in texts if text.strip())
    if isinstance(kind, Flag):
        return {"yes": True, "no": False if kind.choices else None}.get(texts[-1])
    if isinstance(kind, Days):
        return _day(texts[-1])
    return _range(kind, texts[-1]) if isinstance(kind, Range) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _range(kind: Range, text: str) -> tuple[float, float] | None:
    try:
        low, high = (float(end) for end in text.split("~"))
    except ValueError:
        return None
    widest = (kind.low, kind.high)
    return (low, high) if widest[0] <= low <= high <= widest[1] and (low, high) != widest else None
