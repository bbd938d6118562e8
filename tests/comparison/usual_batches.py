"""Counts of batches in which nothing happens: posts are independent, with a rhythm and days of different sizes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.comparison.peak_hits import Hit
from analysis.comparison.peak_tests import Calendar, list_times, test_values
from analysis.query.value_hours import ALL_POSTS, WORDS, ValueHours
from tests.comparison.planted_events import HOURS, list_expected

COLUMNS = {
    "platform": (4, 1),
    "topic": (8, 1),
    "hashtags": (200, 1.5),
    "author": (1_500, 0.5),
    WORDS: (2_000, 8),
}
"""Number of values, of which the first are the most frequent, and of values in a post."""
LEAST = 5


def score_usual_batch(seed: int) -> tuple[list[Hit], int]:
    """Draw a batch, and test it as `find_strongest_peaks` does.

    Returns:
        The tests with large z-scores, and the number of combinations of column, kind and length.
    """
    chance = np.random.default_rng(seed)
    days = len(HOURS) // 24
    expected = list_expected() * np.repeat(chance.gamma(400, 1 / 400, days), 24)
    hours = np.repeat(np.arange(len(HOURS)), chance.poisson(expected))
    is_negative = chance.random(len(hours)) < 0.25
    calendar = Calendar(0, days, np.ones(days, bool), np.ones(24 * days, bool))
    times = list_times(calendar)
    everything = _count(hours, is_negative, np.zeros(len(hours), int))
    tested = test_values(calendar, times, ALL_POSTS, everything, (), 0.25, 1)
    hits, groups = tested.hits, len(tested.tests)
    for column, rows, values in _draw_values(chance, len(hours)):
        counts = _count(hours[rows], is_negative[rows], values)
        more = test_values(calendar, times, column, counts, tested.totals, 0.25, 100)
        hits, groups = hits + more.hits, groups + len(more.tests)
    return hits, groups


def _draw_values(chance: np.random.Generator, posts: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for column, (size, each) in COLUMNS.items():
        shares = 1 / np.arange(1, size + 1)
        rows = np.arange(posts) if each == 1 else np.repeat(np.arange(posts), chance.poisson(each, posts))
        yield column, rows, chance.choice(size, len(rows), p=shares / shares.sum())


def _count(hours: np.ndarray, is_negative: np.ndarray, values: np.ndarray) -> ValueHours:
    sizes = np.bincount(values)
    order = [each for each in np.argsort(-sizes, kind="stable") if sizes[each] >= LEAST]
    ranks = np.full(len(sizes), -1)
    ranks[order] = np.arange(len(order))
    kept = ranks[values] >= 0
    names = [str(each) for each in order]
    posts = np.ones(int(kept.sum()))
    return ValueHours(
        *(names, names, ranks[values[kept]], hours[kept] // 24, hours[kept] % 24),
        *(posts, is_negative[kept].astype(float)),
    )
