"""Keeps one of the overlapping times of a series that are unusual, such as an hour and its day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from analysis.comparison.peak_hits import Hit
from analysis.comparison.peak_names import choose_name

_ABOUT = 0.75
"""Share of the highest z-score of a series from which another time of it may be kept."""
_MOST = 400
"""Tests of a column and kind that are kept, the strongest: an event is in up to a hundred of them, mostly words."""


def keep_strongest(hits: Sequence[Hit]) -> tuple[list[Hit], int]:
    """Keep one of the tests of overlapping times of a series; also return how many a limit leaves out.

    It is the one that fits best of about the strongest. The limit is one for each column and kind, so that words do
    not replace other columns.

    Args:
        hits: The tests, by z-score.
    """
    of_series: dict[tuple[str, str, str], list[Hit]] = {}
    for each in hits:
        of_series.setdefault((each.column, each.key, each.kind), []).append(each)
    found = []
    for rest in of_series.values():
        while rest:
            strong = [each for each in rest if each.overlaps(rest[0]) and each.z >= _ABOUT * rest[0].z]
            best = strong[choose_name(strong)]
            found.append(replace(best, z=rest[0].z))
            rest = [each for each in rest[1:] if not each.overlaps(rest[0]) and not each.overlaps(best)]
    found.sort(key=lambda each: -each.z)
    numbers: Counter[tuple[str, str]] = Counter()
    kept = []
    for each in found:
        numbers[each.column, each.kind] += 1
        if numbers[each.column, each.kind] <= _MOST:
            kept.append(each)
    return kept, len(found) - len(kept)
