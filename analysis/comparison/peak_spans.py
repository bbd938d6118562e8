"""Shortens the time of a peak to the days, and the hours, that have its posts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.comparison.peak_events import HitPosts
from analysis.comparison.peak_hits import MORE
from analysis.query.peak_scores import Numbers

_MOST = 0.9
"""Share of the unusual posts that the shorter time must have."""
_MOST_HOURS = 6
"""Longest part of a day, in hours, that a peak of a day is shortened to."""
_HOURS = 24


@dataclass(frozen=True)
class Span:
    """A time and its posts.

    Attributes:
        unit: "hour" or "day".
        first: Place of the first hour or day in the calendar.
        length: Number of hours or days.
        posts: Number of posts.
        usual: Number of posts that were expected.
    """

    unit: str
    first: int
    length: int
    posts: float
    usual: float


def find_span(found: HitPosts, hourly: Numbers | None) -> Span:
    """Find the shortest time that has most of the unusual posts of a test.

    Args:
        found: The test and its posts.
        hourly: What is expected of all posts, by hour, which is how the expected number is divided among hours; None
            if hours are not tested.
    """
    hit = found.hit
    span = Span(hit.unit, hit.first, hit.length, hit.posts, hit.usual)
    if hit.kind != MORE or not len(found.positions):
        return span
    scale = hit.posts / len(found.positions)
    if span.unit == "day":
        span = _shorten(span, scale * _count(found.days, span), np.ones(span.length))
        if span.length > 1 or hourly is None:
            return span
        first = _HOURS * span.first
        by_hour = Span("hour", first, _HOURS, span.posts, span.usual)
        shorter = _shorten(by_hour, scale * _count(found.hours, by_hour), hourly[first : first + _HOURS])
        return shorter if shorter.length <= _MOST_HOURS else span
    if hourly is None:
        return span
    return _shorten(span, scale * _count(found.hours, span), hourly[span.first : span.first + span.length])


def _count(places: np.ndarray, span: Span) -> Numbers:
    """Count posts by the hours, or days, of a time."""
    inside = places[(places >= span.first) & (places < span.first + span.length)] - span.first
    return np.bincount(inside, minlength=span.length).astype(float)


def _shorten(span: Span, posts: Numbers, spread: Numbers) -> Span:
    """Find the shortest part of a time with most of the posts that are more than usual."""
    usual = span.usual * spread / max(float(spread.sum()), 1e-9)
    unusual = np.concatenate([[0.0], np.cumsum(posts - usual)])
    for length in range(1, span.length):
        sums = unusual[length:] - unusual[:-length]
        start = int(sums.argmax())
        if sums[start] >= _MOST * (span.posts - span.usual):
            part = slice(start, start + length)
            return Span(
                span.unit, span.first + start, length, float(posts[part].sum()), float(usual[part].sum())
            )
    return span
