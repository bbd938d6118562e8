"""Groups unusual times that are of the same posts, as an hour and its day are, or a store and a word about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.comparison.peak_hits import FEWER, MORE, NEGATIVE, Hit
from analysis.comparison.peak_names import LARGEST_PART, choose_name
from analysis.query.peaks import Z_LIMIT
from analysis.query.value_hours import ALL_POSTS, WORDS

_SHOWN_FROM = 2.0
"""z-score from which a share of negative ones is shown as unusual if it is in another series of the event; otherwise
`Z_LIMIT`."""
_SHARED = 0.5
"""Share of the unusual posts of the larger of two tests that both must have to be of the same event."""
_LEAST_SHARED = 0.25
"""Share of the unusual posts of the smaller of two events that their names must share to be the same event."""
_CONTAINED = 0.75
"""Share of the unusual posts of a test that another one must have to contain it."""


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


class Event:
    """Unusual times that are of the same posts.

    Args:
        members: The tests.
        is_of_all: Whether the event is one of all posts.

    Attributes:
        members: The tests, by z-score.
        name: The one that names the event.
    """

    def __init__(self, members: Sequence[HitPosts], is_of_all: bool = False) -> None:
        self.members = sorted(members, key=lambda each: -each.hit.z)
        self.is_of_all = is_of_all
        able = [each for each in self.members if (each.hit.column == ALL_POSTS) == is_of_all]
        self.name = able[choose_name([each.hit for each in able])]

    def list_kinds(self) -> tuple[str, ...]:
        """List what is unusual of the series that names the event: what it is tested to be, or another one shows."""
        hit = self.name.hit
        is_negative = hit.share_z >= (
            _SHOWN_FROM if NEGATIVE in {each.hit.kind for each in self.members} else Z_LIMIT
        )
        if hit.kind == NEGATIVE:
            is_more = hit.posts > hit.usual and MORE in {each.hit.kind for each in self.members}
            return (MORE, NEGATIVE) if is_more else (NEGATIVE,)
        return (MORE, NEGATIVE) if hit.kind == MORE and is_negative else (hit.kind,)


def is_same_event(first: Event, second: Event, step: int) -> bool:
    """Return whether two events are of the same posts.

    Args:
        first: An event.
        second: Another one.
        step: 1 of so many posts of each is known.
    """
    a, b = first.name, second.name
    if not are_at_same_time(a.hit, b.hit):
        return False
    if a.hit.kind != FEWER and not is_same_series(a.hit, b.hit):
        shared = step * len(np.intersect1d(a.positions, b.positions, assume_unique=True))
        if shared < _LEAST_SHARED * min(each.hit.count_unusual() for each in (a, b)):
            return False  # such as of two stores, though a word is in posts of both
    pairs = {(x, y) for x in (a, first.members[0]) for y in (b, second.members[0])}
    return any(_is_same(x, y, step) for x, y in pairs)


def are_at_same_time(a: Hit, b: Hit) -> bool:
    """Return whether tests may be of one event; of a day, one of the same series, or with fewer posts, is enough."""
    by_day = is_same_series(a, b) or FEWER in (a.kind, b.kind)
    return (a.kind == FEWER) == (b.kind == FEWER) and a.overlaps(b, by_day)


def _is_same(first: HitPosts, second: HitPosts, step: int) -> bool:
    """Return whether two tests are of the same event."""
    a, b = first.hit, second.hit
    if not are_at_same_time(a, b):
        return False
    if is_same_series(a, b):
        return True
    if a.kind == FEWER:  # posts that are missing cannot be compared
        return False
    of_negative = NEGATIVE in (a.kind, b.kind)
    a_posts, b_posts = (each.negative if of_negative else each.positions for each in (first, second))
    a_unusual, b_unusual = (each.count_unusual(of_negative) for each in (a, b))
    shared = step * len(np.intersect1d(a_posts, b_posts, assume_unique=True))
    if shared >= _SHARED * max(a_unusual, b_unusual):
        return True
    for whole, part, unusual, posts in (
        (a, b, b_unusual, step * len(b_posts)),
        (b, a, a_unusual, step * len(a_posts)),
    ):
        is_inside = shared >= _CONTAINED * unusual and whole.part <= LARGEST_PART
        if is_inside and (whole.kind == part.kind or part.kind == NEGATIVE):
            return True
        if shared >= _SHARED * posts and whole.explains(part):
            return True
    return False


def is_same_series(a: Hit, b: Hit) -> bool:
    """Return whether two tests are of the same series, or of a word and a hashtag or mention with its letters."""
    return get_series(a) == get_series(b)


def get_series(hit: Hit) -> tuple[str, str]:
    """Return the series of a test; it is the same for a word, hashtag and mention of the same letters."""
    if hit.column in ("hashtags", "mentions", "names", WORDS):
        return WORDS, re.sub(r"[\W_]+", "", hit.key.casefold()) or hit.key
    return hit.column, hit.key
