"""Times and counts, as people and platforms write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from analysis.intake.values import find_timezone_in_column_name, read_count, read_counts, read_times


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02T14:05:00Z",
        "2026-03-02 14:05",
        "2026-03-02T16:05:00+02:00",
        "2026-03-02 09:05:00 -0500",
        "2026-03-02 14:05:00 UTC",
        "1772460300",
        "1772460300000",
        "1772460300.0",
        "Mon Mar 02 14:05:00 +0000 2026",
        "Mon, 02 Mar 2026 14:05:00 GMT",
        "Mon, Mar 2, 2026 2:05 PM",
        "02.03.2026 14:05",
        "2026/03/02 14:05:00",
        "March 2, 2026, 2:05 pm",
        "2 Mar 2026 14:05",
        " 2026-03-02T14:05:00 ",
        "Mon Mar 02 2026 15:05:00 GMT+0100 (Central European Standard Time)",
        "2026/03/02 3:05:00 PM GMT+1",
        "2026-03-02 14:05:00 (UTC)",
        "Mar 2, 2026 at 2:05 PM",
        "Mar 2, 2026, 2:05\u202fPM",
        "Mar 2, 2026, 2:05 p.m.",
        "March 2nd, 2026 14:05",
        "2:05 PM · Mar 2, 2026",
        "2/mar/2026 14:05",
        "2-Mar-26 14:05",
        "02.03.26 14:05",
        "2026年3月2日 14時05分",
        "2 марта 2026 г. 14:05",
        "1772460300000000000",
    ],
)
def test_usual_ways_to_write_a_time_are_read_as_utc(written: str) -> None:
    assert read_times([written]) == [datetime(2026, 3, 2, 14, 5, tzinfo=UTC)]


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2026-13-01", "31.02.2026", "12", "2026-01-01 25:00", "0001-01-01T00:00+10:00", "9" * 200,
     "2026-01-01 10:00 IST", "1e9", "٢٠٢٦-٠١-٠١"],
)  # fmt: skip
def test_what_is_no_certain_time_is_not_read(written: str) -> None:
    assert read_times([written]) == [None]


def test_other_dates_of_the_column_tell_day_from_month() -> None:
    fifth_of_june, sixth_of_may = datetime(2026, 6, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC)
    assert read_times(["05/06/2026", "25/06/2026"])[0] == fifth_of_june
    assert read_times(["05/06/2026", "05/25/26 3:04 PM"])[0] == sixth_of_may
    assert read_times(["05/06/2026"]) == [None]
    assert read_times(["05/06/2026", "25/06/2026", "05/25/2026"]) == [None, None, None]


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("12", 12),
        (" 1,234 ", 1_234),
        ("1.234.567", 1_234_567),
        ("1,204.00", 1_204),
        ("1.204,0", 1_204),
        ("1 234", 1_234),
        ("1\u202f234", 1_234),
        ("1'234", 1_234),
        ("12.0", 12),
        ("-3", -3),
        ("1.2K", 1_200),
        ("1,25 M", 1_250_000),
        ("12 Mio.", 12_000_000),
        ("3 Tsd.", 3_000),
        ("1,5 mil", 1_500),
        ("4B", 4_000_000_000),
        ("1.2万", 12_000),
        ("10K+", 10_000),
        ("12 px", None),
        ("K", None),
        ("12.5", None),
        ("1,23", None),
        ("1,234.567", None),
        ("many", None),
        ("", None),
        ("9223372036854775808", None),
        ("9" * 5_000, None),
    ],
)
def test_counts_are_read_with_separators_or_shortened_and_never_guessed(
    written: str, count: int | None
) -> None:
    assert read_count(written) == count


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-07-01 14:30", "2026-07-01T12:30"),
        ("2026-01-01T14:30", "2026-01-01T13:30"),
        ("1.7.2026 14:30", "2026-07-01T12:30"),
        ("2026-07-01_14-30-00", "2026-07-01T12:30"),
        ("2026-07-01_14-30-00_UTC", "2026-07-01T14:30"),
        ("2026-07-01T14:30Z", "2026-07-01T14:30"),
        ("2026-07-01 14:30 +05:00", "2026-07-01T09:30"),
        ("1782916200", "2026-07-01T14:30"),
        ("2026-07-01", "2026-07-01T00:00"),
        ("1 July 2026", "2026-07-01T00:00"),
        ("46204.5", "2026-07-01T10:00"),
        ("46204", "2026-07-01T00:00"),
    ],
)
def test_a_zone_is_that_of_times_without_one(written: str, utc: str) -> None:
    assert read_times([written], BERLIN) == [datetime.fromisoformat(f"{utc}Z")]


def test_skipped_and_repeated_hours_of_a_zone_are_settled() -> None:
    skipped, repeated = read_times(["2026-03-29 02:30", "2026-10-25 02:30"], BERLIN)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 in Berlin
    assert repeated == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first 02:30 of that night


def test_minus_one_is_a_hidden_count_unless_counts_can_be_negative() -> None:
    assert read_counts(["-1", "5", ""], hidden=True) == [None, 5, None]
    assert read_counts(["-1", "-4"], hidden=True) == [-1, -4]
    assert read_counts(["-1", "5"]) == [-1, 5]


@pytest.mark.parametrize(
    ("column", "hours"),
    [("Date (EST)", -5), ("date_utc", None), ("Posted [CET]", 1), ("Date", None), ("ABOUT", None)],
)
def test_a_zone_in_the_name_of_a_column_is_known(column: str, hours: int | None) -> None:
    zone = find_timezone_in_column_name(column)
    assert (None if zone is None else zone.utcoffset(None).total_seconds() / 3600) == hours
