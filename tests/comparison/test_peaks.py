"""Peaks are found where they were planted, and neither a weekly rhythm nor chance is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import HASHTAG, MENTION, NEGATIVE, Peak, find_strongest_peaks
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters, find_peaks, sum_periods
from analysis.query.peaks import Numbers, group_periods, score_counts, score_shares, select_peaks
from analysis.workspace import Batch
from tests.scored import new_batch, scores_of

WEEKS, POSTS = 8, 20_000
FIRSTS = pd.date_range("2026-08-31", periods=168 * WEEKS, freq="h")
PLANTED_HOUR = datetime(2026, 10, 6, 14)
PLANTED_DAY = date(2026, 9, 23)
BURST = datetime(2026, 10, 14, 10)
RUNS = 100


def list_expected() -> Numbers:
    """Return the expected posts of each hour: more by day than by night, and half as many at weekends."""
    by_hour = 1 + 0.8 * np.sin((FIRSTS.hour.to_numpy() - 8) / 24 * 2 * np.pi)
    rates = by_hour * np.where(FIRSTS.day_of_week.to_numpy() > 4, 0.5, 1)
    return np.asarray(rates / rates.sum() * POSTS)


def count_alarms(draw: Callable[[], tuple[str, pd.DatetimeIndex, Numbers]]) -> int:
    """Count the series without a peak in which one is found, of `RUNS`."""
    alarms = 0
    for _ in range(RUNS):
        unit, firsts, counts = draw()
        scores = score_counts(counts, group_periods(unit, firsts), np.ones(len(counts), bool))
        alarms += bool(select_peaks(scores.z, scores.is_tested).any())
    return alarms


def test_few_series_of_independent_posts_with_a_rhythm_have_a_false_peak() -> None:
    chance, expected = np.random.default_rng(1), list_expected()

    def hours() -> tuple[str, pd.DatetimeIndex, Numbers]:
        return "hour", FIRSTS, chance.poisson(expected).astype(float)

    def days() -> tuple[str, pd.DatetimeIndex, Numbers]:
        by_day = pd.Series(hours()[2], FIRSTS).resample("D").sum()
        return "day", pd.DatetimeIndex(by_day.index), by_day.to_numpy()

    assert count_alarms(hours) <= 5
    assert count_alarms(days) <= 5


def test_few_series_that_vary_more_than_independent_posts_have_a_false_peak() -> None:
    chance, expected = np.random.default_rng(2), list_expected()
    size = 10  # the standard deviation of the rate is a third of it
    draws = lambda: chance.negative_binomial(size, size / (size + expected)).astype(float)  # noqa: E731
    assert count_alarms(lambda: ("hour", FIRSTS, draws())) <= 5


def test_few_series_of_constant_shares_have_a_false_peak() -> None:
    chance, expected, alarms = np.random.default_rng(3), list_expected(), 0
    for _ in range(RUNS):
        totals = chance.poisson(expected)
        counts = chance.binomial(totals, 0.25).astype(float)
        groups = group_periods("hour", FIRSTS)
        scores = score_shares(counts, totals.astype(float), groups, np.ones(len(counts), bool))
        alarms += bool(select_peaks(scores.z, scores.is_tested).any())
    assert alarms <= 5


@pytest.mark.parametrize("counts", [[7.0] * 60, [0.0] * 60, [0.0, 1.0] * 30, [3.0, 1.0, 2.0, 900.0]])
def test_constant_and_tiny_series_have_no_peak(counts: list[float]) -> None:
    firsts = pd.date_range("2026-01-05", periods=len(counts))
    scores = score_counts(np.array(counts), group_periods("day", firsts), np.ones(len(counts), bool))
    assert not select_peaks(scores.z, scores.is_tested).any()


def test_an_exact_weekly_rhythm_has_no_peak_but_its_break_is_one() -> None:
    firsts = pd.date_range("2026-01-05", periods=56)
    counts = np.where(firsts.day_of_week == 6, 300.0, 50.0)
    counts[9] = 150.0
    scores = score_counts(counts, group_periods("day", firsts), np.ones(56, bool))
    assert np.flatnonzero(select_peaks(scores.z, scores.is_tested)).tolist() == [9]
    assert scores.usual[9] == 50


def test_an_hour_that_the_clock_repeats_is_no_peak() -> None:
    firsts = pd.date_range("2026-10-01", "2026-10-31 23:00", freq="h")
    counts = np.where(firsts == pd.Timestamp("2026-10-25 02:00"), 200, 100)
    periods = pd.DataFrame({"first": firsts, "negative": counts, "neutral": 0, "positive": 0})
    assert find_peaks("hour", periods, "Europe/Berlin") == []
    assert find_peaks("hour", periods, "UTC") == [24 * 24 + 2]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """About 20,000 posts with three times as many in an hour, three times as many negative ones on a day, a burst."""
    chance = np.random.default_rng(4)
    times, texts, negative = [], [], []
    for first, expected in zip(FIRSTS, list_expected(), strict=True):
        count = chance.poisson(expected * (3 if first == PLANTED_HOUR else 1))
        share = 0.75 if first.date() == PLANTED_DAY else 0.25
        times += [first.to_pydatetime().replace(tzinfo=UTC) + timedelta(minutes=5)] * count
        texts += ["a day in the city #city" if row % 3 else "news" for row in range(count)]
        negative += (chance.random(count) < share).tolist()
    times += [BURST.replace(tzinfo=UTC) + timedelta(minutes=5)] * 15
    texts += ["water everywhere #Flood @Help"] * 15
    negative += [False] * 15
    rows = [
        {"post_id": f"p{row}", "text": text, "created_at": time}
        for row, (text, time) in enumerate(zip(texts, times, strict=True))
    ]
    posts = post_frame(rows)
    batch = new_batch(tmp_path_factory.mktemp("planted"), posts, part_posts=50_000)
    scores = scores_of(posts.iloc[:1])
    scores = scores.loc[[0] * len(posts)].assign(
        post_id=list(posts["post_id"]), sentiment=np.where(negative, SENTIMENTS[0], SENTIMENTS[2])
    )
    batch.write_part("scores", 0, scores.reset_index(drop=True))
    return batch


def find(batch: Batch, unit: str, filters: Filters = EVERY_POST) -> list[Peak]:
    return find_strongest_peaks(batch, filters, unit, sum_periods(batch, filters, unit))


def test_a_planted_hour_a_burst_and_a_day_of_negative_posts_are_found(planted: Batch) -> None:
    hours = {(peak.kind, peak.title, peak.first) for peak in find(planted, "hour")}
    assert ("posts", "", PLANTED_HOUR) in hours
    assert (HASHTAG, "Flood", BURST) in hours
    assert (MENTION, "Help", BURST) in hours
    assert {first for kind, title, first in hours if kind == "posts"} == {PLANTED_HOUR}
    days = [peak for peak in find(planted, "day") if peak.kind == NEGATIVE]
    assert [peak.first for peak in days] == [PLANTED_DAY]
    assert days[0].amount > 0.6 > 0.3 > days[0].usual


def test_hashtags_are_not_searched_among_posts_of_a_hashtag(planted: Batch) -> None:
    peaks = find(planted, "hour", Filters(hashtags=("flood",)))
    assert HASHTAG not in {peak.kind for peak in peaks}


def test_no_more_than_the_strongest_are_listed(planted: Batch) -> None:
    changed = Batch(planted.folder, new_settings := planted.settings.__class__(trend_peaks=1))
    assert new_settings.trend_peaks == len(find(changed, "hour")) == 1
