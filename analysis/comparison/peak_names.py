"""Chooses the series that names a peak, of several that have it."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.columns import TOPIC_COLUMN
from analysis.comparison.peak_hits import FEWER, MORE, NEGATIVE, Hit
from analysis.query.value_hours import WORDS

_MOSTLY = 0.5
"""Share of the posts of a time that must be unusual for it to show how large the event is."""
LARGEST_PART = 0.5
"""Part of all posts up to which a series has posts of another one by more than chance."""
_ABOUT = 0.8
"""Share of the best fit from which a series may name an event."""
_LAST = (
    "author",
    TOPIC_COLUMN,
    "names",
    "hashtags",
    "mentions",
    "domains",
    "platform",
    "topic",
    "language",
    "emoji",
    WORDS,
)
"""Columns, in the order in which they name an event that several fit, after saved views and people's own columns."""


def choose_name(hits: Sequence[Hit]) -> int:
    """Choose the test that names an event: one that has its posts, and few others.

    Of about equal ones, columns that people filter by go before words.

    Args:
        hits: The tests. Those of all posts are of an event of its own, which they name.

    Returns:
        The number of the test.
    """
    of_negative = NEGATIVE in {each.kind for each in hits}
    unusual = [each.count_unusual(of_negative) for each in hits]
    precision = [_measure_precision(each) for each in hits]
    mostly = [number for number, each in zip(unusual, precision, strict=True) if each >= _MOSTLY]
    largest = max(1e-9, *(mostly or unusual))
    fits = [
        _measure_fit(each, min(number / largest, 1)) for each, number in zip(precision, unusual, strict=True)
    ]
    able = [
        (_rank_series(each), each.kind == NEGATIVE, -round(fit, 2), each.count_hours(), number)
        for number, (each, fit) in enumerate(zip(hits, fits, strict=True))
        if fit >= _ABOUT * max(fits)
    ]
    return min(able)[-1]


def _measure_precision(hit: Hit) -> float:
    """Return the share of its posts, or of its negative ones, that are unusual; of fewer, of those expected."""
    whole = {MORE: hit.posts, FEWER: hit.usual, NEGATIVE: hit.negative}[hit.kind]
    return max(hit.count_unusual(), 0) / max(whole, 1e-9)


def _measure_fit(precision: float, recall: float) -> float:
    """Return the F2 score: it is worse to leave out posts of the event than to add others."""
    return 5 * precision * recall / max(4 * precision + recall, 1e-9)


def _rank_series(hit: Hit) -> int:
    if hit.part > LARGEST_PART:
        return len(_LAST)
    return 1 + _LAST.index(hit.column) if hit.column in _LAST else 0
