"""Days and hours in a time zone: daylight saving, half hours, and dates without a time of day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from analysis import query
from analysis.errors import IntakeError
from analysis.model.config import SENTIMENTS
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.timezones import list_offsets, to_local_time
from analysis.workspace import Batch
from tests.query.compared import ids
from tests.scored import new_batch, score

BERLIN = "Europe/Berlin"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hourly_batch(folder: Path, start: datetime, hours: int) -> Batch:
    """Make a batch with one post in each hour, at half past, named by its number."""
    times = [start + timedelta(hours=hour, minutes=30) for hour in range(hours)]
    rows = [{"post_id": f"p{row}", "text": "x", "created_at": time} for row, time in enumerate(times)]
    return score(new_batch(folder, post_frame(rows)))


def amounts(batch: Batch, unit: str, filters: Filters = EVERY_POST) -> dict[object, int]:
    """Return the number of posts by the start of each period with posts."""
    _, periods = query.count_by_period(batch, filters, unit)
    return dict(zip(periods["first"], periods[list(SENTIMENTS)].sum(axis=1), strict=True))


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_has_as_many_hours_as_the_clock_of_the_zone(tmp_path: Path, day: date, hours: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    batch = hourly_batch(tmp_path, midnight - timedelta(days=1), 72).with_timezone(BERLIN)
    assert amounts(batch, "day")[day] == hours
    assert len(ids(batch, Filters(since=day, until=day))) == hours


def test_an_hour_that_the_clock_skips_or_repeats_is_one_period(tmp_path: Path) -> None:
    spring = hourly_batch(tmp_path / "spring", datetime(2026, 3, 29, tzinfo=UTC), 4).with_timezone(BERLIN)
    assert [first.hour for first in amounts(spring, "hour")] == [1, 3, 4, 5]
    autumn = hourly_batch(tmp_path / "autumn", datetime(2026, 10, 25, tzinfo=UTC), 4).with_timezone(BERLIN)
    assert list(amounts(autumn, "hour").values()) == [2, 1, 1]
    assert len(ids(autumn, Filters(hours=("2",)))) == 2


def test_a_zone_may_be_half_an_hour_off(tmp_path: Path) -> None:
    start = datetime(2026, 6, 1, 17, tzinfo=UTC)  # 17:30 UTC is 23:00 in India
    batch = hourly_batch(tmp_path, start, 3).with_timezone("Asia/Kolkata")
    assert list(amounts(batch, "hour")) == [
        datetime(2026, 6, 1, 23),
        datetime(2026, 6, 2, 0),
        datetime(2026, 6, 2, 1),
    ]
    assert ids(batch, Filters(until=date(2026, 6, 1))) == ["p0"]
    assert ids(batch, Filters(hours=("0",))) == ["p1"]


def test_a_date_without_a_time_is_the_same_date_in_every_zone(tmp_path: Path) -> None:
    times = [datetime(2026, 6, 2, tzinfo=UTC), datetime(2026, 6, 2, 2, tzinfo=UTC)]
    rows = [{"post_id": f"p{row}", "text": "x", "created_at": time} for row, time in enumerate(times)]
    batch = score(new_batch(tmp_path, post_frame(rows))).with_timezone("America/New_York")
    assert amounts(batch, "day") == {date(2026, 6, 1): 1, date(2026, 6, 2): 1}
    assert ids(batch, Filters(since=date(2026, 6, 2))) == ["p0"]
    assert query.count_at_midnight(batch) == 1
    hours = query.count_by_hour(batch)
    found = hours[hours[list(SENTIMENTS)].sum(axis=1) > 0]
    assert found[["weekday", "hour"]].to_numpy().tolist() == [[1, 22]]
    assert [to_local_time(each, batch.timezone).day for each in times] == [2, 1]


@pytest.mark.parametrize("zone", [BERLIN, "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"])
def test_queries_and_pages_convert_times_alike(tmp_path: Path, zone: str) -> None:
    batch = hourly_batch(tmp_path, datetime(2026, 1, 1, tzinfo=UTC), 100).with_timezone(zone)
    for when in (datetime(2026, 1, 1, 0, 30, tzinfo=UTC), datetime(2026, 1, 4, 3, 30, tzinfo=UTC)):
        local = to_local_time(when, zone)
        assert amounts(batch, "hour")[local.replace(minute=0)] == 1


def test_offsets_are_those_of_the_database() -> None:
    offsets = list_offsets("Europe/Berlin", 1980, 2026)
    with duckdb.connect() as database:
        for start, offset in offsets[1:]:
            for moment, expected in ((start, offset), (start - 1, None)):
                time = EPOCH + timedelta(microseconds=moment)
                local = database.execute(
                    "SELECT timezone($zone, $time)", {"zone": BERLIN, "time": time}
                ).fetchall()
                found = (local[0][0].replace(tzinfo=UTC) - time) / timedelta(microseconds=1)
                assert (found == offset) == (expected is not None)
    assert len(offsets) == 95


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="Mars/Olympus"):
        hourly_batch(tmp_path, datetime(2026, 1, 1, tzinfo=UTC), 1).with_timezone("Mars/Olympus")


def test_the_same_days_in_two_zones_are_two_questions(tmp_path: Path) -> None:
    posts = post_frame(
        [{"post_id": "a", "text": "late", "created_at": datetime(2026, 3, 2, 23, 30, tzinfo=UTC)}]
    )
    batch = score(new_batch(tmp_path, posts))
    day = Filters(since=date(2026, 3, 3))
    counts = [
        query.count_matching_posts(batch.with_timezone(zone), day)
        for zone in ("UTC", "Europe/Berlin", "UTC", "Europe/Berlin")
    ]
    assert counts == [0, 1, 0, 1]
