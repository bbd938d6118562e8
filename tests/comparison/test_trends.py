"""Each period against the one before: numbers computed by hand, incomplete periods, and the number of tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analysis.comparison import compare_days, compare_periods, count_tests
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters, sum_periods
from analysis.workspace import Batch
from tests.scored import new_batch, scores_of

MONDAY = date(2026, 3, 2)


def batch_of(folder: Path, *days: tuple[int, int, int], hours: tuple[int, ...] = (0,)) -> Batch:
    """Make a batch of negative, neutral and positive posts on days from a Monday on, in turn at these hours."""
    rows, sentiments = [], []
    for day, counts in enumerate(days):
        for sentiment, count in zip(("negative", "neutral", "positive"), counts, strict=True):
            for _ in range(count):
                time = datetime(2026, 3, 2, hours[len(rows) % len(hours)], tzinfo=UTC) + timedelta(days=day)
                rows.append(
                    {"post_id": f"p{len(rows)}", "text": "x", "created_at": time, "likes": len(rows) % 3}
                )
                sentiments.append(sentiment)
    posts = post_frame(rows)
    batch = new_batch(folder, posts, part_posts=10_000)
    batch.write_part("scores", 0, scores_of(posts).assign(sentiment=sentiments))
    return batch


def test_shares_and_changes_are_those_of_the_counts(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, (30, 20, 50), (60, 60, 80))
    before, now = compare_periods(sum_periods(batch, EVERY_POST, "day"))
    assert (before.amount, now.amount) == (100, 200)
    assert before.negative
    assert now.negative
    assert (before.negative.value, now.negative.value) == pytest.approx((0.3, 0.3))
    # Wilson's interval of 30 of 100
    assert (before.negative.low, before.negative.high) == pytest.approx((0.2189, 0.3958), abs=1e-4)
    assert before.net
    assert now.net
    assert now.net_change
    assert (before.net.value, now.net.value) == pytest.approx((0.2, 0.1))
    assert now.net_change.value == pytest.approx(-0.1)
    assert now.net_change.low < -0.1 < now.net_change.high
    # Of 300 posts, 200 are of the second day: Wilson's interval of this share is 0.6115 to 0.7176
    assert now.growth
    assert now.growth.low is not None
    assert now.growth.value == 1
    assert (now.growth.low, now.growth.high) == pytest.approx((0.5741, 1.541), abs=1e-3)
    assert before.growth is None
    assert now.negative_change
    assert now.negative_change.p == pytest.approx(1)


def test_p_values_are_adjusted_for_all_periods_together(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, (30, 0, 70), (50, 0, 50), (50, 0, 50), (52, 0, 48))
    periods = compare_periods(sum_periods(batch, EVERY_POST, "day"))
    changes = [each.negative_change for each in periods[1:]]
    assert changes[0]
    assert changes[0].p
    assert changes[0].p == pytest.approx(0.0039, abs=1e-4)  # chi-squared 8.33 of 30 and 50 of 100
    assert count_tests(periods) == 6
    assert changes[0].adjusted == pytest.approx(
        3 * changes[0].p
    )  # with that of net sentiment, the two smallest of 6
    assert changes[0].is_clear
    assert [change is not None and change.is_clear for change in changes[1:]] == [False, False]


def test_incomplete_periods_are_marked_and_not_compared(tmp_path: Path) -> None:
    ten_days = [(5, 5, 5)] * 10
    batch = batch_of(
        tmp_path, *ten_days
    )  # dates without times from a Monday on: the second week has three days
    weeks = compare_periods(sum_periods(batch, EVERY_POST, "week"))
    assert [each.is_complete for each in weeks] == [True, False]
    assert (weeks[1].growth, weeks[1].negative_change) == (None, None)
    until = Filters(until=date(2026, 3, 10))
    days = compare_periods(sum_periods(batch, until, "day"))
    assert [each.is_complete for each in days] == [True] * 9


def test_a_first_and_last_day_with_posts_of_a_few_hours_are_incomplete(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, *[(2, 2, 2)] * 3, hours=(9, 12, 15))
    days = sum_periods(batch, EVERY_POST, "day")
    assert days["is_complete"].tolist() == [False, True, False]


def test_periods_without_posts_are_listed_without_shares(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, (5, 5, 5), (0, 0, 0), (5, 5, 5))
    periods = compare_periods(sum_periods(batch, EVERY_POST, "day"))
    assert [each.amount for each in periods] == [15, 0, 15]
    assert (periods[1].negative, periods[1].negative_change) == (None, None)
    assert periods[1].growth
    assert periods[1].growth.value == -1
    assert periods[2].growth is None


def test_chosen_days_are_compared_with_as_many_before(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, (10, 0, 10), (10, 0, 10), (10, 0, 30), (20, 0, 20))
    before, now = compare_days(batch, EVERY_POST, date(2026, 3, 4), date(2026, 3, 5))
    assert (before.first, before.last) == (MONDAY, date(2026, 3, 3))
    assert (before.amount, now.amount) == (40, 80)
    assert now.negative_change
    assert now.negative_change.value == pytest.approx(30 / 80 - 20 / 40)
    before, now = compare_days(batch, EVERY_POST, date(2026, 3, 3), date(2026, 3, 5))
    assert not before.is_complete
    assert compare_days(batch, EVERY_POST, date(1, 1, 1), date(9999, 12, 31))[1].amount == 120
    assert (now.growth, now.negative_change) == (None, None)


def test_likes_have_no_interval_of_their_number(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, (5, 5, 5), (5, 5, 5))
    _, now = compare_periods(sum_periods(batch, EVERY_POST, "day", "likes"), "likes")
    assert now.growth
    assert now.growth.low is None
    assert now.negative
    assert now.negative.low < now.negative.value < now.negative.high


def test_sums_over_a_zone_are_those_of_its_days(tmp_path: Path) -> None:
    batch = batch_of(tmp_path, (3, 0, 0), (0, 4, 0), hours=(23,)).with_timezone("Europe/Berlin")
    sums = sum_periods(batch, EVERY_POST, "day")
    assert list(sums["first"]) == [date(2026, 3, 3), date(2026, 3, 4)]
    assert sums[["negative", "neutral"]].to_numpy().tolist() == [[3, 0], [0, 4]]
