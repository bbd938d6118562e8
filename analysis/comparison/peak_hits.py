"""An unusual time of a series: how unusual it is, and whether another one explains it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MORE, FEWER, NEGATIVE = "more", "fewer", "negative"
"""What is unusual: more posts, fewer posts, or a larger share of negative ones."""
VIEW = "view"
"""Used as the column of saved views."""
_EXPLAINED = 3.5
"""Standard errors up to which a series is as unusual as one that it is a part of."""
_LEAST_USUAL = 0.5
"""Posts: a number that is expected to be smaller is compared as if this was expected."""


@dataclass(frozen=True)
class Hit:
    """A test with a large z-score.

    Attributes:
        column: Of the series: `ALL_POSTS`, `WORDS`, or a column.
        key: The value.
        title: Its display name.
        kind: `MORE`, `FEWER` or `NEGATIVE`.
        unit: "hour" or "day".
        first: Place of the first hour or day in the calendar.
        length: Number of hours or days.
        posts: Number of posts; an estimate if they were counted in a sample.
        usual: What number was expected.
        negative: Number of negative ones.
        usual_share: What share of negative ones was expected.
        share_z: The z-score of their share; 0 if it was not compared.
        part: The part of all posts that the series usually has.
        z: The z-score, above 0.
        tests: Number of tests of its column, kind and length.
        is_explained: Whether all posts are as unusual at this time.
    """

    column: str
    key: str
    title: str
    kind: str
    unit: str
    first: int
    length: int
    posts: float
    usual: float
    negative: float
    usual_share: float
    share_z: float
    part: float
    z: float
    tests: int
    is_explained: bool = False

    def get_hours(self) -> tuple[int, int]:
        """Return the first hour and the hour after the last, both since the start of the calendar."""
        factor = 1 if self.unit == "hour" else 24
        return self.first * factor, (self.first + self.length) * factor

    def overlaps(self, other: Hit, by_day: bool = False) -> bool:
        """Return whether the times of two tests overlap, or are parts of the same days."""
        (first, end), (other_first, other_end) = self.get_hours(), other.get_hours()
        if by_day:
            return first // 24 < -(-other_end // 24) and other_first // 24 < -(-end // 24)
        return first < other_end and other_first < end

    def count_hours(self) -> int:
        """Return its length in hours."""
        return self.length if self.unit == "hour" else 24 * self.length

    def scale(self, step: int) -> Hit:
        """Estimate the numbers of all posts from those of a sample, in which 1 of so many posts is."""
        return replace(self, posts=step * self.posts, usual=step * self.usual, negative=step * self.negative)

    def count_unusual(self, of_negative: bool = False) -> float:
        """Count the posts by which there are more, or fewer, than expected; or the negative ones among them."""
        if self.kind == NEGATIVE:
            return self.negative - self.usual_share * self.posts
        unusual = self.posts - self.usual if self.kind == MORE else self.usual - self.posts
        return unusual * self.negative / max(self.posts, 1) if of_negative else unusual

    def count_chance(self) -> float:
        """Count the tests of its column, kind and length that would be as unusual by chance."""
        return self.tests * math.erfc(self.z / math.sqrt(2)) / 2

    def explains(self, part: Hit) -> bool:
        """Return whether some of the posts are about as unusual as these are, so that they are no news."""
        if part.kind != self.kind:
            return False
        if self.kind == NEGATIVE:
            share = self.negative / max(self.posts, 1)
            expected, variance = share * part.posts, share * (1 - share) * part.posts
            return part.negative - expected <= _EXPLAINED * variance**0.5
        expected = part.usual * self.posts / max(self.usual, _LEAST_USUAL)
        apart = expected - part.posts if self.kind == FEWER else part.posts - expected
        return apart <= _EXPLAINED * expected**0.5
