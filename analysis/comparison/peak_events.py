"""Groups unusual times that are of the same posts, as an hour and its day are, or a hashtag and a word with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.comparison.peak_tests import FEWER, NEGATIVE, Hit
from analysis.query.value_hours import ALL_POSTS, WORDS

_SHARED = 0.5
"""Share of the unusual posts of a test that it must have in common with another to be of the same event."""
_EXPLAINED = 2.5
"""Standard errors up to which a series grows as much as another one, of which it is a part."""
_ABOUT = 0.8
"""Share of the highest z-score from which a series may name an event."""
_ABOUT_ALL = 0.6
"""The same for all posts."""
_LEAST_USUAL = 0.5


@dataclass(frozen=True, eq=False)
class HitPosts:
    """The posts of an unusual time.

    Attributes:
        hit: The test.
        positions: Its posts, or a sample of them, sorted.
        negative: The negative ones.
        hours: For each of `positions`, the hour since the start of the calendar; -1 without a time of day.
        days: The day.
    """

    hit: Hit
    positions: NDArray[np.int64]
    negative: NDArray[np.int64]
    hours: NDArray[np.int64]
    days: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Event:
    """Unusual times that are of the same posts.

    Attributes:
        strongest: The one with the highest z-score.
        members: All of them, by z-score.
    """

    strongest: HitPosts
    members: list[HitPosts]

    def choose_name(self) -> HitPosts:
        """Choose the test that names the event.

        Of those with about the highest z-score, all posts name it if they explain the strongest series;
        otherwise a series that people can filter by goes before words.
        """
        best = self.strongest.hit
        able = [each for each in self.members if each.hit.kind == best.kind]
        for each in able:
            is_of_all = each.hit.column == ALL_POSTS and each.hit.z >= _ABOUT_ALL * best.z
            if is_of_all and _is_explained(each.hit, best):
                return each
        able = [each for each in able if each.hit.z >= _ABOUT * best.z]
        named = [each for each in able if each.hit.column not in (WORDS, ALL_POSTS)]
        return named[0] if self.strongest.hit.column == WORDS and named else self.strongest


def group_hits(found: Sequence[HitPosts], step: int) -> list[Event]:
    """Group tests into events; the strongest test of each comes first.

    Args:
        found: The tests with their posts, by z-score.
        step: 1 of so many posts is in `found`.
    """
    events: list[Event] = []
    for each in found:
        _add(events, Event(each, [each]), step)
    merged: list[Event] = []
    for event in events:  # again, as an event may have got a test of all posts in the meantime
        _add(merged, event, step)
    return merged


def _add(events: list[Event], event: Event, step: int) -> None:
    """Add an event to the first one of the same posts, or to the list."""
    for other in events:
        of_all = next((each for each in other.members if each.hit.column == ALL_POSTS), other.strongest)
        series = (event.strongest.hit.column, event.strongest.hit.key)
        of_series = [each for each in other.members if (each.hit.column, each.hit.key) == series]
        if any(_is_same(each, event.strongest, step) for each in (other.strongest, of_all, *of_series)):
            other.members.extend(event.members)
            return
    events.append(event)


def _is_same(strong: HitPosts, weak: HitPosts, step: int) -> bool:
    """Return whether the weaker one of two tests is of the same event as the stronger one."""
    a, b = strong.hit, weak.hit
    is_same_series = (a.column, a.key) == (b.column, b.key)
    (a_first, a_end), (b_first, b_end) = a.hours(), b.hours()
    if a.kind == b.kind and (is_same_series or a.kind == FEWER):  # of a day, one is enough
        a_first, b_first, a_end, b_end = a_first // 24, b_first // 24, -(-a_end // 24), -(-b_end // 24)
    if a_first >= b_end or b_first >= a_end:
        return False
    if is_same_series:
        return True
    if (a.kind == FEWER) != (b.kind == FEWER):
        return False
    of_negative = NEGATIVE in (a.kind, b.kind)
    first, second = (each.negative if of_negative else each.positions for each in (strong, weak))
    shared = step * len(np.intersect1d(first, second, assume_unique=True))
    if a.kind == FEWER:
        return ALL_POSTS in (a.column, b.column) or shared >= _SHARED * step * min(len(first), len(second))
    unusual = max(_count_unusual(each, of_negative) for each in (strong, weak))
    is_part = shared >= _SHARED * step * len(second) and a.kind == b.kind
    return shared >= _SHARED * unusual or (is_part and _is_explained(a, b))


def _is_explained(whole: Hit, part: Hit) -> bool:
    """Return whether a part of some posts grows about as much as the whole, or has about as large a share."""
    if whole.kind == NEGATIVE:
        share = whole.amount / whole.total
        expected, variance = share * part.total, share * (1 - share) * part.total
    else:
        expected = variance = part.usual * _measure_ratio(whole)
    apart = expected - part.amount if whole.kind == FEWER else part.amount - expected
    return apart <= _EXPLAINED * variance**0.5


def _count_unusual(posts: HitPosts, of_negative: bool) -> float:
    """Count the posts, or the negative ones, that are more than usual."""
    hit = posts.hit
    if hit.kind == NEGATIVE:
        return hit.amount - hit.usual * hit.total
    share = len(posts.negative) / max(len(posts.positions), 1) if of_negative else 1.0
    return (hit.amount - hit.usual) * share


def _measure_ratio(hit: Hit) -> float:
    """Return how many times as large as usual an amount, or a share, is."""
    if hit.kind == NEGATIVE:
        return hit.amount / max(hit.total, 1) / max(hit.usual, 0.01)
    return hit.amount / max(hit.usual, _LEAST_USUAL)
