"""Peaks are found where they were planted, and neither a weekly rhythm nor chance is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.comparison import MORE, NEGATIVE, VIEW, Peak, Peaks, filter_peak, find_strongest_peaks
from analysis.comparison.peak_events import HitPosts
from analysis.comparison.peak_groups import group_hits
from analysis.comparison.peak_hits import Hit
from analysis.comparison.peak_names import choose_name
from analysis.comparison.peak_times import keep_strongest
from analysis.comparison.peaks import list_tested_columns, select_hits
from analysis.posts import post_frame
from analysis.query import EVERY_POST, WORDS, Filters, Segment, count_matching_posts, find_peaks
from analysis.query.peak_scores import Numbers, score_counts, score_shares
from analysis.query.peaks import group_periods, select_peaks
from analysis.query.value_hours import count_value_hours
from analysis.workspace import Batch
from tests.comparison.planted_events import EVENTS, day, draw_posts, write_batch
from tests.comparison.template_events import draw_template_posts, plan_events
from tests.comparison.usual_batches import score_usual_batch
from tests.scored import new_batch, score

WEEKS, POSTS = 8, 20_000
FIRSTS = pd.date_range("2026-08-31", periods=168 * WEEKS, freq="h")
RUNS = 100
BATCHES = 12
FIRST_LINES = 12


def list_expected() -> Numbers:
    """Return the expected posts of each hour: more by day than by night, and half as many at weekends."""
    by_hour = 1 + 0.8 * np.sin((FIRSTS.hour.to_numpy() - 8) / 24 * 2 * np.pi)
    rates = by_hour * np.where(FIRSTS.day_of_week.to_numpy() > 4, 0.5, 1)
    return np.asarray(rates / rates.sum() * POSTS)


def hit(column: str, posts: float, usual: float, part: float = 0.2) -> Hit:
    """Make an unusual number of posts on a day."""
    return Hit(
        *(column, str(posts), str(posts), MORE, "day", 3, 1, posts, usual, posts / 4, 0.25, 0.0),
        *(part, 9.0, 100),
    )


def count_alarms(draw: Callable[[], tuple[str, pd.DatetimeIndex, Numbers]]) -> int:
    """Count the series without a peak in which one is found, of `RUNS`."""
    alarms = 0
    for _ in range(RUNS):
        unit, firsts, counts = draw()
        scores = score_counts(counts[None], group_periods(unit, firsts), np.ones(len(counts), bool))
        alarms += bool(select_peaks(scores.z[0], len(counts)).any())
    return alarms


@pytest.mark.slow
def test_few_series_of_independent_posts_with_a_rhythm_have_a_false_peak() -> None:
    chance, expected = np.random.default_rng(1), list_expected()

    def hours() -> tuple[str, pd.DatetimeIndex, Numbers]:
        return "hour", FIRSTS, chance.poisson(expected).astype(float)

    def days() -> tuple[str, pd.DatetimeIndex, Numbers]:
        by_day = pd.Series(hours()[2], FIRSTS).resample("D").sum()
        return "day", pd.DatetimeIndex(by_day.index), by_day.to_numpy()

    assert count_alarms(hours) <= 5
    assert count_alarms(days) <= 5


@pytest.mark.slow
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
        scores = score_shares(counts[None], totals[None].astype(float), groups, np.ones(len(counts), bool))
        z = scores.z[scores.is_tested]
        alarms += bool(select_peaks(z, len(z)).any())
    assert alarms <= 5


@pytest.mark.parametrize("counts", [[7.0] * 60, [0.0] * 60, [0.0, 1.0] * 30, [3.0, 1.0, 2.0, 900.0]])
def test_constant_and_tiny_series_have_no_peak(counts: list[float]) -> None:
    firsts = pd.date_range("2026-01-05", periods=len(counts))
    periods = pd.DataFrame({"first": firsts, "negative": counts, "neutral": 0.0, "positive": 0.0})
    assert find_peaks("day", periods) == []


def test_an_exact_weekly_rhythm_has_no_peak_but_its_break_is_one() -> None:
    firsts = pd.date_range("2026-01-05", periods=56)
    counts = np.where(firsts.day_of_week == 6, 300.0, 50.0)
    counts[9] = 150.0
    scores = score_counts(counts[None], group_periods("day", firsts), np.ones(56, bool))
    assert np.flatnonzero(select_peaks(scores.z[0], 56)).tolist() == [9]
    assert scores.usual[0, 9] == pytest.approx(50, abs=1)


def test_an_hour_that_the_clock_repeats_is_no_peak() -> None:
    firsts = pd.date_range("2026-10-01", "2026-10-31 23:00", freq="h")
    counts = np.where(firsts == pd.Timestamp("2026-10-25 02:00"), 200, 100)
    periods = pd.DataFrame({"first": firsts, "negative": counts, "neutral": 0, "positive": 0})
    assert find_peaks("hour", periods, "Europe/Berlin") == []
    assert find_peaks("hour", periods, "UTC") == [24 * 24 + 2]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The batch of `EVENTS`, with half as many posts again in each."""
    return write_batch(tmp_path_factory.mktemp("planted"), draw_posts(1, size=1.5))


@pytest.fixture(scope="module")
def found(planted: Batch) -> Peaks:
    return find_strongest_peaks(planted, EVERY_POST)


@pytest.mark.slow
def test_most_planted_events_are_in_the_list(found: Peaks) -> None:
    missed = [event.name for event in EVENTS if not any(map(event.is_shown_by, found.found))]
    assert len(missed) <= 2, missed


@pytest.mark.slow
def test_few_lines_of_the_list_are_of_no_planted_event(found: Peaks) -> None:
    others = [peak for peak in found.found if not any(event.is_shown_by(peak) for event in EVENTS)]
    assert len(others) <= 2, others
    assert found.tests > 100_000


@pytest.mark.slow
def test_a_peak_is_one_line_with_its_hours_numbers_and_share(found: Peaks) -> None:
    (peak,) = (each for each in found.found if (each.column, each.key) == ("hashtags", "brandx"))
    assert (peak.first, peak.last) == (datetime(2026, 9, 22, 14), datetime(2026, 9, 22, 16))
    assert peak.posts > 60 > 1 > peak.usual
    assert peak.negative == pytest.approx(0.6, abs=0.15)
    (recall,) = (each for each in found.found if each.first == day(12) and each.column == WORDS)
    assert {recall.title, *(title for _, title in recall.also)} >= {"recall", "device"}


@pytest.mark.slow
def test_every_line_opens_as_many_posts_as_it_names(planted: Batch, found: Peaks) -> None:
    for peak in found.found:
        assert count_matching_posts(planted, filter_peak(EVERY_POST, peak)) == round(peak.posts), peak


@pytest.mark.slow
def test_a_saved_view_is_a_series_of_its_own(planted: Batch) -> None:
    view = Segment("Recall or zenith", planted, Filters(search="recall OR zenith"))
    peaks = find_strongest_peaks(planted, EVERY_POST, views=[view])
    shown = [each for each in peaks.found if (VIEW, view.name) in {(each.column, each.title), *each.also}]
    assert {day(12), day(24)} <= {each.first for each in shown}
    peak = Peak(VIEW, view.name, view.name, (MORE,), "day", day(12), day(12), 30, 0, None, None, 9.0)
    assert filter_peak(EVERY_POST, peak, [view]).search == "recall OR zenith"


@pytest.mark.slow
def test_columns_that_posts_are_filtered_by_and_likes_are_tested_as_a_whole(planted: Batch) -> None:
    peaks = find_strongest_peaks(planted, Filters(hashtags=("brandx",)))
    assert "hashtags" not in {each.column for each in peaks.found}
    assert find_strongest_peaks(planted, EVERY_POST, "likes").found == []


def test_the_filters_of_a_peak_are_added_to_those_of_the_page() -> None:
    first = datetime(2026, 3, 19, 14)
    peak = Peak(
        WORDS, "storm", "storm", (MORE,), "hour", first, first.replace(hour=16), 9, 1, None, None, 9.0
    )
    found = filter_peak(Filters(search="a OR b", hours=("15", "16", "20")), peak)
    assert found == Filters(
        search="a OR b", words=("storm",), since=first.date(), until=first.date(), hours=("15", "16")
    )


@pytest.mark.slow
def test_events_of_a_chain_of_stores_are_one_line_each_with_their_names_and_kinds(tmp_path: Path) -> None:
    missed: list[tuple[int, str]] = []
    others: list[Peak] = []
    seeds = (1, 2, 3, 4)
    for seed in seeds:
        events = plan_events(seed)
        batch = write_batch(tmp_path / str(seed), draw_template_posts(seed, events))
        lines = find_strongest_peaks(batch, EVERY_POST).found
        missed += [
            (seed, event.planted.name)
            for event in events
            if sum(event.is_named_by(each) for each in lines[:FIRST_LINES]) != 1
        ]
        others += [each for each in lines if not any(event.is_named_by(each) for event in events)]
    assert len(missed) <= 2, missed
    assert len(others) <= 2 * len(seeds), others


@pytest.mark.slow
def test_a_name_without_hashtags_that_turns_negative_has_a_peak(tmp_path: Path) -> None:
    drawn = draw_template_posts(1, ())
    drawn["words"] = [
        ["NordHopper" if word == "kestrel" else word for word in words] for words in drawn["words"]
    ]
    is_named = drawn["words"].map(lambda words: "NordHopper" in words)
    drawn.loc[is_named & drawn["hour"].between(30 * 24, 33 * 24 - 1), "sentiment"] = "negative"
    (peak,) = find_strongest_peaks(write_batch(tmp_path, drawn), EVERY_POST).found
    assert (peak.column, peak.title, peak.kinds) == ("names", "NordHopper", (NEGATIVE,))
    assert day(30) <= peak.first <= peak.last <= day(32)


@pytest.mark.parametrize(
    ("hits", "name"),
    [
        ([hit("own_0", 58, 18), hit(WORDS, 23, 0)], "own_0"),  # few posts have the word
        (
            [hit("hashtags", 40, 1), hit("platform", 75, 35), hit(WORDS, 45, 2)],
            "hashtags",
        ),  # others are there too
        ([hit(WORDS, 60, 20), hit(WORDS, 20, 0)], "60"),
        ([hit("own_0", 40, 10), hit("hashtags", 30, 0), hit("author", 30, 0)], "own_0"),
        ([hit("topic", 40, 10, part=0.6), hit("hashtags", 30, 0)], "hashtags"),  # most posts have the topic
    ],
)
def test_a_peak_is_named_by_the_series_with_its_posts_and_few_others(hits: list[Hit], name: str) -> None:
    assert name in (hits[choose_name(hits)].column, hits[choose_name(hits)].key)


def test_a_series_that_grows_as_much_as_all_posts_is_explained_by_them() -> None:
    everything = hit("", 240, 120, part=1.0)
    assert everything.explains(hit("own_0", 50, 20))
    assert not everything.explains(hit("own_0", 90, 20))
    assert not everything.explains(replace(hit("own_0", 50, 20), kind=NEGATIVE))


def test_words_do_not_replace_tests_of_other_columns_and_what_is_left_out_is_counted() -> None:
    words = [replace(hit(WORDS, 20, 0), key=str(number), z=20.0) for number in range(500)]
    kept, left_out = keep_strongest([*words, hit("own_0", 58, 18)])
    assert [each.column for each in kept].count("own_0") == 1
    assert (len(kept), left_out) == (401, 100)


def test_of_overlapping_times_of_a_series_one_is_kept() -> None:
    day_of_event = hit("own_0", 58, 18)
    others = [replace(day_of_event, first=2, length=3, z=6.0), replace(day_of_event, first=9, z=5.0)]
    kept, _ = keep_strongest([day_of_event, *others])
    assert [each.first for each in kept] == [3, 9]


@pytest.mark.slow
def test_few_batches_without_events_have_a_peak() -> None:
    alarms = 0
    for seed in range(BATCHES):
        hits, groups = score_usual_batch(seed)
        alarms += bool(hits) and bool(select_hits(hits, groups).any())
    assert alarms <= 1


def test_a_word_with_a_sign_or_an_ending_is_counted_in_the_posts_that_it_opens(tmp_path: Path) -> None:
    texts = (
        "Quist wins",
        "#quist!",
        "Quist's day",
        "the day of quist's win",
        "a 21st day",
        "QUIST and #Quist",
    )
    rows = [
        {"post_id": f"p{row}", "text": text, "created_at": datetime(2026, 3, 2, 12, tzinfo=UTC)}
        for row, text in enumerate(texts)
    ]
    batch = score(new_batch(tmp_path, post_frame(rows)))
    counts = count_value_hours(batch, EVERY_POST, WORDS, 50)
    assert dict(zip(counts.keys, counts.posts.tolist(), strict=True)) == {"quist": 5}
    at = date(2026, 3, 2)
    peak = Peak(WORDS, "quist", "Quist", (MORE,), "day", at, at, 5, 0, None, None, 9.0)
    assert count_matching_posts(batch, filter_peak(EVERY_POST, peak)) == 5


def test_words_of_posts_that_are_filtered_by_words_are_not_tested(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    assert WORDS in list_tested_columns(batch, EVERY_POST)
    assert WORDS not in list_tested_columns(batch, Filters(words=("rain",)))


def posts_of(column: str, key: str, first: int, positions: range) -> HitPosts:
    """Make an unusual number of posts on a day, all of which are known."""
    of_day = replace(hit(column, len(positions), 1), key=key, title=key, first=first)
    places = np.array(positions)
    return HitPosts(of_day, places, places[:0], np.full(len(places), 24 * first), np.full(len(places), first))


def test_hashtags_mentions_and_words_of_the_same_letters_are_one_peak() -> None:
    series = [
        posts_of("hashtags", "harrowpine", 3, range(20)),
        posts_of(WORDS, "harrow", 3, range(100, 130)),
        posts_of(WORDS, "pine", 3, range(100, 125)),
        posts_of(WORDS, "nordhopper", 9, range(200, 220)),
        posts_of("hashtags", "nord_hopper", 9, range(230, 240)),
        posts_of("mentions", "nordhopper", 9, range(250, 260)),
        posts_of("mentions", "nordhopper", 15, range(300, 310)),
        posts_of(WORDS, "rain", 20, range(400, 420)),
        posts_of("hashtags", "rainbow", 20, range(500, 520)),
    ]
    found = [{each.hit.key for each in event.members} for event in group_hits(series, 1)]
    assert sorted(map(sorted, found)) == [
        ["harrow", "harrowpine", "pine"],
        ["nord_hopper", "nordhopper"],
        ["nordhopper"],
        ["rain"],
        ["rainbow"],
    ]
