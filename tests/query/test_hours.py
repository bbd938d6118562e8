"""Hours of the week and hours as periods: what is counted, and what is a peak."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analysis import query
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.query.compared import ids, table
from tests.scored import new_batch, score

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def batch_at(folder: Path, *hours: float) -> Batch:
    """Make a batch of posts that many hours after a Monday."""
    times = [MONDAY + timedelta(hours=each) for each in hours]
    rows = [{"post_id": f"p{row}", "text": "x", "created_at": time} for row, time in enumerate(times)]
    return score(new_batch(folder, post_frame([*rows, {"post_id": "undated", "text": "x"}])))


def test_hours_of_the_week_equal_those_of_pandas(tmp_path: Path) -> None:
    batch = batch_at(tmp_path, *(7.3 * row for row in range(1, 61)), -40_000, -700_000)
    hours = query.count_by_hour(batch)
    assert len(hours) == 168
    times = table(batch)["created_at"].dropna()
    expected = times.groupby([times.dt.day_of_week + 1, times.dt.hour]).size().to_dict()
    amounts = hours.set_index(["weekday", "hour"])[list(SENTIMENTS)].sum(axis=1)
    assert amounts[amounts > 0].to_dict() == expected
    for weekday, hour in list(expected)[:5]:
        only = EVERY_POST.with_selection(("weekdays", str(weekday), "hours", str(hour)))
        assert len(ids(batch, only)) == expected[weekday, hour]


def test_dates_without_times_are_counted_by_weekday(tmp_path: Path) -> None:
    batch = batch_at(tmp_path, 0, 24, 24, 7 * 24)
    hours = query.count_by_hour(batch)
    assert hours[list(SENTIMENTS)].sum(axis=1).tolist() == [2, 2, 0, 0, 0, 0, 0]
    assert "hour" not in query.list_units(batch)
    assert query.count_by_period(batch, Filters(until=MONDAY.date()))[0] == "day"


def test_dates_without_times_are_not_posts_of_midnight(tmp_path: Path) -> None:
    batch = batch_at(tmp_path, 0, 0, 0, 0.5, 9.5)
    hours = query.count_by_hour(batch).set_index(["weekday", "hour"])[list(SENTIMENTS)].sum(axis=1)
    assert hours[hours > 0].to_dict() == {(1, 0): 1, (1, 9): 1}
    assert query.count_at_midnight(batch) == 3
    assert ids(batch, EVERY_POST.with_selection(("weekdays", "1", "hours", "0"))) == ["p3"]
    full = query.count_by_hour(batch_at(tmp_path / "full", 0, *(hour + 0.5 for hour in range(168))))
    assert full["hour"].tolist() == [*range(24)] * 7
    assert full["hour"].dtype == "int64"


def test_posts_of_a_day_are_shown_by_the_hour(tmp_path: Path) -> None:
    batch = batch_at(tmp_path, 9.2, 9.9, 13.5)
    unit, periods = query.count_by_period(batch)
    assert unit == "hour"
    assert [first.hour for first in periods["first"]] == [9, 13]
    assert (periods["first"] == periods["last"]).all()
    assert periods[list(SENTIMENTS)].sum(axis=1).tolist() == [2, 1]


@pytest.mark.parametrize(("days", "is_offered"), [(14, True), (15, False)])
def test_hours_are_offered_for_a_short_span(tmp_path: Path, days: int, is_offered: bool) -> None:
    units = query.list_units(batch_at(tmp_path, 1, 24 * days + 1))
    assert ("hour" in units) == is_offered


def test_no_unit_with_too_many_periods_is_offered(tmp_path: Path) -> None:
    century = batch_at(tmp_path, 1, 24 * 36_500)
    assert query.list_units(century, max_periods=3_000) == ["month", "year"]
    assert query.list_units(century) == ["day", "week", "month", "year"]


@pytest.mark.parametrize(
    ("days", "unit"), [(0, "hour"), (70, "day"), (184, "day"), (185, "week"), (900, "month")]
)
def test_trends_suggest_days_for_up_to_half_a_year(tmp_path: Path, days: int, unit: str) -> None:
    assert query.suggest_unit(batch_at(tmp_path, 1, 24 * days + 2)) == unit


def test_an_hour_far_above_the_others_is_a_peak(tmp_path: Path) -> None:
    batch = batch_at(tmp_path, *range(12), *[9.5] * 15)
    _, periods = query.count_by_period(batch, unit="hour")
    assert [periods["first"][row].hour for row in query.find_peaks("hour", periods)] == [9]


def test_an_hour_of_the_week_is_a_peak_only_among_hours_with_posts(tmp_path: Path) -> None:
    few = query.count_by_hour(batch_at(tmp_path / "few", *range(12), *[9.5] * 15))
    assert query.find_peak_hours(few) == []
    hours = query.count_by_hour(batch_at(tmp_path / "many", *range(168), *[33.5] * 15))
    peaks = [(hours["weekday"][row], hours["hour"][row]) for row in query.find_peak_hours(hours)]
    assert peaks == [(2, 9)]
