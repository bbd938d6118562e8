"""Peaks: times with an unusual number of posts, or share of negative ones, in all posts or in those with a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analysis.columns import TOPIC_COLUMN, TOPIC_FILTER, VALUE_COLUMNS, all_columns, own_filter
from analysis.comparison.peak_events import Event, HitPosts, get_series
from analysis.comparison.peak_groups import group_hits
from analysis.comparison.peak_hits import NEGATIVE, VIEW, Hit
from analysis.comparison.peak_spans import find_span
from analysis.comparison.peak_tests import Calendar, list_times, make_calendar, test_values
from analysis.comparison.peak_times import keep_strongest
from analysis.model.presets import HEADS
from analysis.query.filters import Filters
from analysis.query.peak_scores import Numbers
from analysis.query.peaks import select_peaks
from analysis.query.segments import Segment
from analysis.query.value_hours import (
    ALL_POSTS,
    NO_HOUR,
    WORDS,
    Window,
    count_value_hours,
    find_window_posts,
)
from analysis.query.weights import UNWEIGHTED, weight_sql
from analysis.workspace import Batch

_COLUMNS = (*(name for name in VALUE_COLUMNS if name != WORDS), "language", "topic")


@dataclass(frozen=True)
class Peak:
    """A time with an unusual number of posts, or share of negative ones.

    Attributes:
        column: `ALL_POSTS`, `WORDS`, `VIEW`, or the column of a value.
        key: The value, as filters take it; of a view, its name.
        title: Its display name.
        kinds: What is unusual: `MORE`, `FEWER` and `NEGATIVE`.
        unit: "hour" or "day".
        first: The first day, or the start of the first hour, in local time.
        last: The last day, or the start of the last hour.
        posts: Number of posts.
        usual: Number of posts that were expected.
        negative: Share of negative ones; None without posts.
        usual_negative: The share that was expected; None if the share is not unusual.
        z: The z-score of the strongest of its tests.
        also: Column and title of other series that have the same peak, the strongest first.
        is_estimated: Whether the numbers of posts were counted in a sample.
    """

    column: str
    key: str
    title: str
    kinds: tuple[str, ...]
    unit: str
    first: date
    last: date
    posts: float
    usual: float
    negative: float | None
    usual_negative: float | None
    z: float
    also: tuple[tuple[str, str], ...] = ()
    is_estimated: bool = False


@dataclass(frozen=True)
class Peaks:
    """The peaks of a batch.

    Attributes:
        found: The peaks, the strongest first.
        tests: Number of tests.
        sample: Words were counted in 1 of so many posts.
        all: Number of all peaks, of which the strongest are in `found`.
        unusual: Number of series with an unusual time, each time counted once.
        left_out: Number of those, the weakest of a column, that were not joined to peaks.
    """

    found: list[Peak]
    tests: int
    sample: int = 1
    all: int = 0
    unusual: int = 0
    left_out: int = 0


def list_tested_columns(batch: Batch, filters: Filters) -> list[str]:
    """List the columns whose values are tested: not those that posts are filtered by."""
    own = [own_filter(number) for number in range(len(batch.manifest.kept))]
    columns = [*_COLUMNS, *own, *([TOPIC_COLUMN] if batch.custom_topics else []), WORDS]
    return [each for each in columns if not filters.get(filter_name(each))]


def filter_name(column: str) -> str:
    """Return the name of the filter of a column."""
    return _FILTERS.get(column, column)


def find_strongest_peaks(
    batch: Batch, filters: Filters, weight: str = UNWEIGHTED, views: Sequence[Segment] = ()
) -> Peaks:
    """Find the strongest peaks; see `analysis.query.peak_scores` for the method.

    All hours, parts of days, days, two and three days, and weeks are tested, of all posts and of the posts with each
    frequent value; of likes and interactions, only those of all posts, as a few posts have most of them. Tests of the
    same posts are one peak. Of the peaks, 5 % are expected to be chance (Benjamini & Hochberg 1995, with peaks in
    place of tests).

    Args:
        batch: The batch.
        filters: Which posts match.
        weight: One of `WEIGHTS`: what is counted.
        views: Saved views, as segments of the same batch.
    """
    everything = count_value_hours(batch, filters, ALL_POSTS, 1, weight_sql(weight))
    if not len(everything.posts):
        return Peaks([], 0)
    calendar = make_calendar(batch, filters, everything)
    if calendar.days > batch.settings.max_trend_periods:
        return Peaks([], 0)
    times = list_times(calendar)
    share = float(everything.negative.sum() / max(everything.posts.sum(), 1))
    tested = test_values(calendar, times, ALL_POSTS, everything, (), share, 1)
    hits, tests, sample = tested.hits, tested.tests, 1
    if weight == UNWEIGHTED:
        frequent = batch.settings.trend_values
        for column in list_tested_columns(batch, filters):
            counts = count_value_hours(batch, filters, column, batch.settings.trend_daily_values)
            sample = max(sample, counts.step)
            more = test_values(calendar, times, column, counts, tested.totals, share, frequent)
            hits, tests = hits + more.hits, tests + more.tests
        for view in views:
            counts = count_value_hours(view.batch, view.filters, ALL_POSTS, 1)
            named = replace(counts, keys=[view.name], titles=[view.name])
            more = test_values(calendar, times, VIEW, named, tested.totals, share, 1)
            hits, tests = hits + more.hits, tests + more.tests
    hits.sort(key=lambda each: (-each.z, each.column in (WORDS, ALL_POSTS), each.length))
    hits = [each for each, passes in zip(hits, select_hits(hits, len(tests)), strict=True) if passes]
    grouped, left_out = keep_strongest(hits)
    events = _group(batch, filters, calendar, grouped, views)
    surest = [
        min((each.hit for each in event.members), key=lambda hit: hit.count_chance()) for event in events
    ]
    are_peaks = select_hits(surest, len(tests))
    events = [each for each, passes in zip(events, are_peaks, strict=True) if passes]
    is_hourly = [(each.unit, each.length) == ("hour", 1) for each in times]
    hours = tested.totals[is_hourly.index(True)].usual if any(is_hourly) else None
    found = [_describe(calendar, each, hours, sample) for each in events[: batch.settings.trend_peaks]]
    return Peaks(found, sum(tests), sample, len(events), len(grouped) + left_out, left_out)


def select_hits(hits: Sequence[Hit], groups: int) -> NDArray[np.bool_]:
    """Select the tests that are peaks; each column, kind and length counts as the same number of tests.

    Args:
        hits: The tests with large z-scores.
        groups: Number of combinations of column, kind and length that were tested.
    """
    return select_peaks(np.array([each.z for each in hits]), groups * np.array([each.tests for each in hits]))


def filter_peak(filters: Filters, peak: Peak, views: Sequence[Segment] = ()) -> Filters:
    """Return the filters of the posts of a peak; of a larger share of negative ones, all posts of its time.

    Args:
        filters: Those that it was found with.
        peak: The peak.
        views: The saved views that it was found with.
    """
    if peak.column == VIEW:
        filters = next((each.filters for each in views if each.name == peak.key), filters)
    elif peak.column != ALL_POSTS:
        filters = filters.with_selection((filter_name(peak.column), peak.key))
    first, last = (each.date() if isinstance(each, datetime) else each for each in (peak.first, peak.last))
    filters = filters.with_selection(("since", str(first), "until", str(last)))
    if isinstance(peak.first, datetime) and isinstance(peak.last, datetime):
        chosen = filters.chosen("hours")
        hours = [str(hour) for hour in range(peak.first.hour, peak.last.hour + 1)]
        filters = filters.replace(hours=tuple(hour for hour in hours if not chosen or hour in chosen))
    return filters


def _group(
    batch: Batch, filters: Filters, calendar: Calendar, hits: Sequence[Hit], views: Sequence[Segment]
) -> list[Event]:
    """Find the posts of tests, and group the tests."""
    of_source: dict[tuple[str, str], list[int]] = {}
    for number, each in enumerate(hits):
        of_source.setdefault((each.column, each.key if each.column == VIEW else ""), []).append(number)
    found: dict[int, HitPosts] = {}
    step = 1
    by_view = {each.name: each.filters for each in views}
    for (column, view), numbers in of_source.items():
        of_view = column == VIEW
        table, step = find_window_posts(
            batch,
            by_view[view] if of_view else filters,
            ALL_POSTS if of_view else column,
            [_make_window(calendar, hits[number], "" if of_view else hits[number].key) for number in numbers],
            batch.settings.compared_texts,
        )
        windows, positions, days, hours = (
            table[name].to_numpy().astype(np.int64) for name in ("window", "position", "days", "hour")
        )
        days = days - calendar.start
        hours = np.where(hours == NO_HOUR, -1, 24 * days + hours)
        is_negative = table["is_negative"].to_numpy(zero_copy_only=False)
        for place, number in enumerate(numbers):
            rows = np.flatnonzero(windows == place)
            rows = rows[np.argsort(positions[rows], kind="stable")]
            found[number] = HitPosts(
                hits[number],
                positions[rows],
                positions[rows][is_negative[rows].astype(bool)],
                hours[rows],
                days[rows],
            )
    return group_hits([found[number] for number in sorted(found)], step)


def _make_window(calendar: Calendar, hit: Hit, key: str) -> Window:
    if hit.unit == "day":
        first = calendar.start + hit.first
        return Window(key, first, first + hit.length - 1)
    day, hour = divmod(hit.first, 24)
    return Window(key, calendar.start + day, calendar.start + day, hour, hour + hit.length - 1)


def _describe(calendar: Calendar, event: Event, profile: Numbers | None, sample: int) -> Peak:
    """Describe an event by the series that names it; `profile` is what is usual of all posts, by hour.

    Words, and the parts of times, are counted in 1 of `sample` posts.
    """
    named = event.name
    hit = named.hit
    others: dict[tuple[str, str], tuple[str, str]] = {}
    for each in event.members:
        others.setdefault(get_series(each.hit), (each.hit.column, each.hit.title))
    others.pop(get_series(hit), None)
    span = find_span(named, profile)
    factor = 24 if span.unit == "day" else 1
    places = named.days if span.unit == "day" else named.hours
    is_in = (places >= span.first) & (places < span.first + span.length)
    begin = datetime.fromordinal(_EPOCH + calendar.start) + timedelta(hours=factor * span.first)
    end = begin + timedelta(hours=factor * (span.length - 1))
    negative = float(np.isin(named.positions[is_in], named.negative).mean()) if is_in.any() else None
    kinds = event.list_kinds()
    return Peak(
        column=hit.column,
        key=hit.key,
        title=hit.title,
        kinds=kinds,
        unit=span.unit,
        first=begin if span.unit == "hour" else begin.date(),
        last=end if span.unit == "hour" else end.date(),
        posts=span.posts,
        usual=span.usual,
        negative=negative,
        usual_negative=hit.usual_share if NEGATIVE in kinds else None,
        z=event.members[0].hit.z,
        also=tuple(others.values()),
        is_estimated=sample > 1 and (hit.column == WORDS or span.posts != hit.posts),
    )


_EPOCH = date(1970, 1, 1).toordinal()
_FILTERS = {
    column.name: column.filter.name
    for column in all_columns(HEADS)
    if column.filter and column.name in _COLUMNS
}
_FILTERS[TOPIC_COLUMN] = TOPIC_FILTER
