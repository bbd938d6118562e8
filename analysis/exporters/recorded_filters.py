"""The filters of a report as values of JSON, and back with every name and value checked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis.columns import MARKS_FILTER, Days, Flag, HasAny, OneOf, Range, column_of_filter
from analysis.json_values import JsonValueError
from analysis.model.presets import HEADS
from analysis.query import Filters
from analysis.query.filters import FilterValue


@dataclass(frozen=True)
class RecordedFilters:
    """The filters of a report; see `Filters`.

    Attributes:
        search: As `Filters` has it.
        post_ids: Ids of posts.
        scored: Whether posts have scores; None if this makes no difference.
        values: The filters of columns by name; days are text.
    """

    search: str = ""
    post_ids: tuple[str, ...] = ()
    scored: bool | None = None
    values: Mapping[str, Any] | None = None


def record_filters(filters: Filters) -> RecordedFilters:
    """Convert filters to values of JSON."""
    values = {name: _to_json(value) for name, value in filters.by_name}
    return RecordedFilters(filters.search, filters.post_ids, filters.scored, values or None)


def parse_recorded_filters(recorded: RecordedFilters) -> Filters:
    """Convert `record_filters` back, whatever the values are.

    Raises:
        JsonValueError: A filter is unknown, or has a value of the wrong type.
    """
    values = {name: _parse_filter(name, value) for name, value in (recorded.values or {}).items()}
    return Filters(recorded.search, recorded.post_ids, recorded.scored).with_values(values)


def _to_json(value: FilterValue) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _parse_filter(name: str, value: object) -> FilterValue:
    column = column_of_filter(name, HEADS)
    kind = column.filter if column else None
    if name == MARKS_FILTER or isinstance(kind, OneOf | HasAny):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise JsonValueError(f"The filter {name} must be a list of texts")
    if isinstance(kind, Flag):
        if isinstance(value, bool):
            return value
        raise JsonValueError(f"The filter {name} must be true or false")
    if isinstance(kind, Range):
        if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
            return float(value[0]), float(value[1])
        raise JsonValueError(f"The filter {name} must be a list of two numbers")
    if isinstance(kind, Days):
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError as error:
            raise JsonValueError(f"The filter {name} must be a day such as 2026-11-30") from error
    raise JsonValueError(f"The filter {name!r} is not known")


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= sys.float_info.max  # type: ignore[arg-type]
