"""Tests every hour, part of a day, day, few days and week of many series for unusual numbers and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.comparison.peak_hits import FEWER, MORE, NEGATIVE, Hit
from analysis.query.filters import Filters
from analysis.query.peak_scores import LEFT_OUT, Flags, Numbers, PeakScores, score_counts, score_shares
from analysis.query.peaks import LEAST_TESTS, Z_LIMIT, average_hours, group_periods, is_regular
from analysis.query.period_sums import find_complete
from analysis.query.value_hours import ALL_POSTS, NO_HOUR, WORDS, ValueHours
from analysis.workspace import Batch

_HOURS = (1, 3, 6)
"""Lengths of time within a day that are tested, in hours."""
_DAYS = (1, 2, 3)
"""Lengths of time that are tested, in days, besides weeks."""
_WEEK = 7
_GROUPED_DAYS = 21
"""Days from which those of the same weekday are compared, so that several days are too."""
_LEAST = 5
"""Fewest posts of a peak."""
_FEWER_FROM = 10
"""Usual posts from which fewer are tested: a smaller number is small by chance."""
_LARGEST_PART = 0.8
"""Part of all posts up to which a series is one of its own."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """The days and hours that posts cover.

    Attributes:
        start: The first day, since 1970.
        days: Number of days.
        complete_days: Which of them the posts cover: (days,).
        complete_hours: Which hours the posts cover, and the clock neither skips nor repeats: (days * 24,); None if
            hours are not tested.
    """

    start: int
    days: int
    complete_days: Flags
    complete_hours: Flags | None


@dataclass(frozen=True, eq=False)
class Times:
    """Times of one length that are tested, such as all days.

    Attributes:
        unit: "hour" or "day".
        length: Their length, in these units.
        firsts: The place of the first unit of each: (times,).
        groups: With which each is compared: (times,).
        is_tested: (times,).
    """

    unit: str
    length: int
    firsts: NDArray[np.int64]
    groups: NDArray[np.int64]
    is_tested: Flags


@dataclass(frozen=True, eq=False)
class Totals:
    """All posts, by times.

    Attributes:
        posts: Their number: (times,).
        negative: Number of negative ones.
        usual: What number was expected.
        z: The z-scores.
        shares: The scores of the share of negative ones.
    """

    posts: Numbers
    negative: Numbers
    usual: Numbers
    z: Numbers
    shares: PeakScores


@dataclass(frozen=True, eq=False)
class Tested:
    """Tests of a column.

    Attributes:
        hits: Those with a large z-score.
        tests: Number of tests of each kind and length.
        totals: By times, all posts and what was expected; only if these were tested.
    """

    hits: list[Hit]
    tests: list[int]
    totals: list[Totals]


def make_calendar(batch: Batch, filters: Filters, counts: ValueHours) -> Calendar:
    """Find the days and hours that the posts cover.

    Args:
        batch: The batch.
        filters: Which posts match.
        counts: Of all of them.
    """
    start, end = int(counts.days.min()), int(counts.days.max())
    days = pd.date_range(pd.Timestamp(start, unit="D"), pd.Timestamp(end, unit="D"))
    complete = find_complete(batch, filters, days, days + pd.Timedelta(days=1))
    hours = None
    is_short = 24 * len(days) <= batch.settings.max_trend_periods
    if is_short and (counts.hours != NO_HOUR).any():
        firsts = pd.date_range(days[0], periods=24 * len(days), freq="h")
        hours = find_complete(batch, filters, firsts, firsts + pd.Timedelta(hours=1))
        hours &= is_regular("hour", firsts, batch.timezone)
    return Calendar(start, len(days), complete, hours)


def list_times(calendar: Calendar) -> list[Times]:
    """List the times that are tested; those of hours do not extend over midnight."""
    start = pd.Timestamp(calendar.start, unit="D")
    found = []
    if calendar.complete_hours is not None:
        firsts = pd.date_range(start, periods=24 * calendar.days, freq="h")
        groups, hour = group_periods("hour", firsts), firsts.hour.to_numpy()
        for length in _HOURS:
            is_tested = _are_all(calendar.complete_hours, length) & (hour + length <= 24)
            found.append(Times("hour", length, np.arange(len(firsts)), groups, is_tested))
    days = pd.date_range(start, periods=calendar.days)
    for length in _DAYS if calendar.days >= _GROUPED_DAYS else _DAYS[:1]:
        is_tested = _are_all(calendar.complete_days, length)
        found.append(Times("day", length, np.arange(len(days)), group_periods("day", days), is_tested))
    mondays = np.flatnonzero(days.day_of_week == 0)
    is_tested = _are_all(calendar.complete_days, _WEEK)[mondays]
    found.append(Times("day", _WEEK, mondays, np.zeros(len(mondays), np.int64), is_tested))
    return [each for each in found if each.is_tested.sum() >= LEAST_TESTS]


def test_values(
    calendar: Calendar,
    times: Sequence[Times],
    column: str,
    counts: ValueHours,
    totals: Sequence[Totals],
    share: float,
    frequent: int,
) -> Tested:
    """Test the values of a column.

    Args:
        calendar: The days and hours.
        times: What to test (`list_times`).
        column: The column. Of words, only days and numbers of posts are tested.
        counts: Of its values.
        totals: All posts, by times; none to test them.
        share: The share of negative posts.
        frequent: Of how many values hours are tested too, if they have a post a day.
    """
    by_unit = {"day": _fill(calendar, counts, "day", len(counts.keys))}
    per_day = np.bincount(counts.values, counts.posts, len(counts.keys)) / calendar.days
    if any(each.unit == "hour" for each in times) and column != WORDS:
        n_hourly = int((per_day[:frequent] >= 1).sum()) if column != ALL_POSTS else 1
        by_unit["hour"] = _fill(calendar, counts, "hour", n_hourly)
    hits: list[Hit] = []
    tests: list[int] = []
    found_totals: list[Totals] = []
    for number, each in enumerate(times):
        posts, negative = by_unit.get(each.unit, (np.zeros((0, 0)),) * 2)
        if not len(posts):
            continue
        overlap = each.length if len(each.firsts) == posts.shape[1] else 1  # weeks do not
        posts, negative = (_sum_up(amounts, each) for amounts in (posts, negative))
        if totals:
            whole = totals[number]
            is_usual = np.abs(whole.z) <= LEFT_OUT
            scores = score_counts(posts, each.groups, each.is_tested, whole.usual, is_usual, overlap)
        else:
            profile = average_hours(each.firsts % 24, posts[0]) if each.unit == "hour" else None
            scores = score_counts(posts, each.groups, each.is_tested, profile, overlap=overlap)
        is_more = scores.is_tested & (scores.z >= Z_LIMIT)
        rows = np.flatnonzero(is_more.any(axis=1)) if column == WORDS else np.arange(len(posts))
        shares = _score_shares(negative, posts, each, share, rows)
        if not totals:
            whole = Totals(posts[0], negative[0], scores.usual[0], scores.z[0], shares)
            found_totals.append(whole)
        of_kinds = [(MORE, scores.z, scores.is_tested)]
        if column != WORDS:
            of_kinds.append((FEWER, -scores.z, scores.is_tested & (scores.usual >= _FEWER_FROM)))
            of_kinds.append((NEGATIVE, shares.z, shares.is_tested))
        series = _Series(column, counts, posts, negative, scores.usual, shares)
        for kind, z, is_tested in of_kinds:
            if is_tested.any():
                tests.append(int(is_tested.sum()))
                hits.extend(_list_hits(series, kind, each, whole, np.where(is_tested, z, 0), tests[-1]))
    return Tested(hits, tests, found_totals)


@dataclass(frozen=True, eq=False)
class _Series:
    """The values of a column, by times: all arrays are (values, times)."""

    column: str
    counts: ValueHours
    posts: Numbers
    negative: Numbers
    usual: Numbers
    shares: PeakScores


def _score_shares(
    negative: Numbers, posts: Numbers, times: Times, share: float, rows: NDArray[np.int64]
) -> PeakScores:
    """Score the shares of negative posts of some rows; those of the others are 0."""
    found = score_shares(negative[rows], posts[rows], times.groups, times.is_tested, share)
    usual, z, is_tested = np.zeros(posts.shape), np.zeros(posts.shape), np.zeros(posts.shape, bool)
    usual[rows], z[rows], is_tested[rows] = found.usual, found.z, found.is_tested
    return PeakScores(usual, z, is_tested)


def _list_hits(series: _Series, kind: str, times: Times, whole: Totals, z: Numbers, tests: int) -> list[Hit]:
    """List the tests with large z-scores, and those of all posts that explain one."""
    counts, shares, hits = series.counts, series.shares, []
    for row, place in np.argwhere(z >= Z_LIMIT).tolist():
        usual = float(series.usual[row, place])
        hit = Hit(
            column=series.column,
            key=counts.keys[row],
            title=counts.titles[row],
            kind=kind,
            unit=times.unit,
            first=int(times.firsts[place]),
            length=times.length,
            posts=float(series.posts[row, place]),
            usual=usual,
            negative=float(series.negative[row, place]),
            usual_share=float(shares.usual[row, place]),
            share_z=float(shares.z[row, place]) if shares.is_tested[row, place] else 0.0,
            part=counts.step * usual / max(float(whole.usual[place]), 1e-9),
            z=float(z[row, place]),
            tests=tests,
        )
        is_part = series.column == ALL_POSTS or hit.part <= _LARGEST_PART
        if is_part and (hit.posts >= _LEAST or kind == FEWER):
            of_all = _find_explanation(hit, whole, place)
            hits.append(replace(hit.scale(counts.step), is_explained=of_all is not None))
            hits.extend([of_all] if of_all else [])
    return hits


def _find_explanation(hit: Hit, whole: Totals, place: int) -> Hit | None:
    """Return a test of all posts in place of a part of them, if these are unusual too, and explain it."""
    share_z = float(whole.shares.z[0, place])
    z = {MORE: whole.z[place], FEWER: -whole.z[place], NEGATIVE: share_z}[hit.kind]
    if hit.column == ALL_POSTS or z <= LEFT_OUT:
        return None
    of_all = replace(
        hit,
        column=ALL_POSTS,
        key="",
        title="",
        posts=float(whole.posts[place]),
        usual=float(whole.usual[place]),
        negative=float(whole.negative[place]),
        usual_share=float(whole.shares.usual[0, place]),
        share_z=share_z,
        part=1.0,
    )
    return of_all if of_all.explains(hit) else None


def _are_all(flags: Flags, length: int) -> Flags:
    """Return whether a place and the next ones, `length` in all, are all true."""
    sums = np.concatenate([[0], np.cumsum(flags)])
    found = np.zeros(len(flags), bool)
    if len(flags) >= length:
        found[: len(flags) - length + 1] = sums[length:] - sums[:-length] == length
    return found


def _fill(calendar: Calendar, counts: ValueHours, unit: str, rows: int) -> tuple[Numbers, Numbers]:
    """Return posts and negative ones of the first values: (values, hours or days)."""
    is_kept, places = counts.values < rows, counts.days - calendar.start
    columns = calendar.days
    if unit == "hour":
        is_kept, places, columns = (
            is_kept & (counts.hours != NO_HOUR),
            places * 24 + counts.hours,
            columns * 24,
        )
    is_kept = is_kept & (places >= 0) & (places < columns)
    flat = counts.values[is_kept] * columns + places[is_kept]

    def add_up(amounts: Numbers) -> Numbers:
        return np.bincount(flat, amounts[is_kept], rows * columns).astype(float).reshape(rows, columns)

    return add_up(counts.posts), add_up(counts.negative)


def _sum_up(amounts: Numbers, times: Times) -> Numbers:
    """Add up the amounts of each time: (values, times); those that end after the last unit have less."""
    sums = np.concatenate([np.zeros((len(amounts), 1)), np.cumsum(amounts, axis=1)], axis=1)
    ends = np.minimum(times.firsts + times.length, amounts.shape[1])
    found: Numbers = sums[:, ends] - sums[:, times.firsts]
    return found
