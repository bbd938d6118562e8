"""What can be compared: the values of a column, periods, two ranges of dates, or batches; each is a segment."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from analysis import query
from analysis.columns import TOPIC_FILTER, Column, HasAny
from analysis.query import UNITS, Filters, Segment
from analysis.wording import format_days
from analysis.workspace import Batch
from pages.review import breakdown_columns
from pages.shared import catalogue, places
from pages.shared.custom_topics import add_custom_topics
from pages.shared.engine import workspace
from pages.shared.filter_address import list_ignored_values, read_filters

CUSTOM_TOPICS, DATES, BATCHES, VIEWS = "custom_topics", "dates", "batch", "view"
_UNITS = tuple(unit for unit in UNITS if unit != "hour")  # filters of dates are whole days
_FURTHER = {
    **{unit: f"{unit.capitalize()}s" for unit in _UNITS},
    DATES: "Date ranges",
    BATCHES: "Batches",
    VIEWS: "Saved views",
}
_PREFERRED = ("platform", "language", "topic", "inputs_used")
_DEFAULT = 4
"""Segments at first: more are hard to read at a glance."""
_LEAST_SHARE = 0.05
"""Share of the posts of the largest segment that a segment must have to be shown at first."""


@dataclass(frozen=True)
class Choice:
    """The segments that can be chosen.

    Attributes:
        titles: Their display names by value, in the order in which they are offered.
        default: The values that are shown at first.
        make: Makes the segment of a value; None if the value is not valid, or cannot be compared.
        is_open: Whether other values can be typed.
    """

    titles: Mapping[str, str]
    default: Sequence[str]
    make: Callable[[str], Segment | None]
    is_open: bool = False

    def find_value(self, text: str) -> str:
        """Find the value that a text names, in any case; the text itself if no value is offered by this name."""
        names = {name.casefold(): value for value, title in self.titles.items() for name in (title, value)}
        return names.get(text.strip().casefold(), text.strip())

    def make_all(self, texts: Sequence[str]) -> dict[str, Segment]:
        """Make the segments that texts name, by value; without those that are not valid."""
        made = {value: self.make(value) for value in map(self.find_value, texts) if value}
        return {value: each for value, each in made.items() if each}


def list_comparisons(batch: Batch) -> dict[str, str]:
    """List what posts can be compared by, with titles: columns, periods, batches."""
    columns = breakdown_columns.list_breakdown_columns(batch)
    own = {CUSTOM_TOPICS: "Custom topics"} if batch.custom_topics else {}
    return {**{name: breakdown_columns.title_of(each) for name, each in columns.items()}, **own, **_FURTHER}


def current_comparison(batch: Batch) -> str:
    """Return what the URL compares by; without it, the first column with several frequent values."""
    if places.broken_down_by() in list_comparisons(batch):
        return places.broken_down_by()
    return _find_default(batch, batch.id, batch.manifest.bundle, batch.scored())


# The cache key: the batch's id, its model and the number of scored posts.
@st.cache_data(max_entries=50, show_spinner=False)
def _find_default(_batch: Batch, batch_id: str, bundle_id: str | None, scored: int) -> str:
    own = [each.name for each in catalogue.own_columns()]
    columns = breakdown_columns.list_breakdown_columns(_batch)
    for name in (*own, *_PREFERRED):
        if name == "platform" and not catalogue.suggest_values(columns[name]):
            continue  # there are none, or it takes a second to find those of a large batch
        if name in columns and len(_choose_column(_batch, query.EVERY_POST, columns[name]).default) > 1:
            return name
    return _PREFERRED[-1]


def find_choice(batch: Batch, filters: Filters, by: str) -> Choice:
    """Find the segments that can be chosen.

    Args:
        batch: The batch.
        filters: Which posts match; if they already have values of the column, only these can be compared.
        by: One of `list_comparisons`.
    """
    if by == BATCHES:
        return _choose_batches(batch, filters)
    if by == VIEWS:
        return _choose_views(batch, filters)
    if by in (*_UNITS, DATES):
        return _choose_periods(batch, filters, by)
    if by == CUSTOM_TOPICS and batch.custom_topics:
        names = filters.chosen(TOPIC_FILTER) or batch.custom_topics.values
        return Choice(
            {name: name for name in names},
            names[:_DEFAULT],
            lambda name: Segment(name, batch, filters.with_selection((TOPIC_FILTER, name))),
        )
    return _choose_column(batch, filters, breakdown_columns.list_breakdown_columns(batch)[by])


def format_range(first: date, last: date) -> str:
    """Write a range of dates as a value in the URL."""
    return f"{first}~{last}"


def read_range(value: str) -> tuple[date, date] | None:
    """Read a range of dates from the URL; None if it is not valid."""
    try:
        first, last = map(date.fromisoformat, value.split("~"))
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _choose_column(batch: Batch, filters: Filters, column: Column) -> Choice:
    name, sign = catalogue.kind_of([column]).name, breakdown_columns.sign_of(column)
    titles = breakdown_columns.titles_of(batch, column)
    chosen = filters.chosen(name)
    if chosen:
        values, default = {each: titles.get(each, each) for each in chosen}, chosen[: query.MAX_SEGMENTS]
    else:
        limit = batch.settings.max_filter_values
        table = query.count_values(batch, filters, column.name, limit=limit, titles=titles).table
        table = table[table["key"] != ""]  # an empty value cannot be in the URL
        values = dict(zip(table["key"], table["title"], strict=True))
        known = table[table["key"] != "unclear"].head(_DEFAULT)
        is_usual = known["posts"] >= _LEAST_SHARE * known["posts"].max()
        default = tuple(known["key"][is_usual] if is_usual.sum() > 1 else known["key"])
    return Choice(
        {value: f"{sign}{title}" for value, title in values.items()},
        default,
        lambda value: Segment(
            f"{sign}{values.get(value, value)}",
            batch,
            filters.with_selection((name, value.removeprefix(sign))),
        ),
        is_open=not chosen and isinstance(catalogue.kind_of([column]), HasAny),
    )


def _choose_periods(batch: Batch, filters: Filters, by: str) -> Choice:
    """Offer periods, the latest first; or the two halves of the whole time."""
    unit = "day" if by == DATES else by
    _, periods = query.count_by_period(batch, filters, unit)
    ranges = list(zip(periods["first"], periods["last"], strict=True))[::-1]
    if by == DATES and len(ranges) > 1:
        first, last = ranges[-1][0], ranges[0][1]
        middle = first + timedelta(days=((last - first).days + 1) // 2)
        ranges = [(first, middle - timedelta(days=1)), (middle, last)]

    def make(value: str) -> Segment | None:
        days = read_range(value)
        return days and Segment(
            _title_range(*days), batch, filters.with_selection(("since", str(days[0]), "until", str(days[1])))
        )

    titles = {format_range(*each): _title_range(*each) for each in ranges}
    default = list(titles)[:_DEFAULT]
    return Choice(titles, default if by == DATES else default[::-1], make)


def _choose_batches(batch: Batch, filters: Filters) -> Choice:
    """Offer the scored batches of the workspace, the open one first, then the newest."""
    infos = [each for each in workspace().batches() if each.problem is None and each.scored]
    infos.sort(key=lambda each: each.id != batch.id)
    titles = {each.id: each.name for each in infos}

    def make(batch_id: str) -> Segment | None:
        if batch_id not in titles:
            return None
        other = batch
        if batch_id != batch.id:
            other = add_custom_topics(workspace().open(batch_id).with_timezone(batch.timezone))
        translated = filters.for_other_table(batch.manifest.kept, other.manifest.kept)
        return Segment(titles[batch_id], other, translated)

    return Choice(titles, list(titles)[:_DEFAULT], make)


def _choose_views(batch: Batch, filters: Filters) -> Choice:
    """Offer the saved views; a view's filters replace those of the page.

    Views with unknown values, such as themes of earlier, are left out: without these they would select other posts.
    """
    saved = [each for each in workspace().views.read_all() if not list_ignored_values(each.address)]
    views = {each.name: read_filters(each.address) for each in saved}

    def make(name: str) -> Segment | None:
        if name not in views:
            return None
        view = views[name]
        return Segment(
            name, batch, filters.with_values(dict(view.by_name)).replace(search=view.search or None)
        )

    return Choice({name: name for name in views}, list(views)[:_DEFAULT], make)


def _title_range(first: date, last: date) -> str:
    """Name a range of dates: "3 Nov 2026", "November 2026", "2026", or "3 to 9 Nov 2026"."""
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return str(first.year)
    month_end = monthrange(first.year, first.month)[1]
    if (first, last) == (first.replace(day=1), first.replace(day=month_end)):
        return f"{first:%B %Y}"
    return format_days(first, last)
