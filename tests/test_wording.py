"""Names and number formats."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from analysis.wording import (
    format_day,
    format_days,
    format_long_day,
    format_number,
    format_percent,
    format_share_with_interval,
    format_signed,
    format_time,
    format_top_words,
    title_from_name,
)


@pytest.mark.parametrize(
    ("value", "written"), [(0.424, "+0.42"), (-0.3, "−0.30"), (0.004, "0.00"), (-0.004, "0.00")]
)
def test_values_are_formatted_with_their_sign(value: float, written: str) -> None:
    assert format_signed(value) == written


def test_names_become_titles() -> None:
    assert title_from_name("science_technology") == "Science technology"
    assert (
        title_from_name("science_technology", {"science_technology": "Science & technology"})
        == "Science & technology"
    )
    assert format_percent(0.256) == "26 %"


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), "2 Nov 2026"),
        (date(2026, 11, 2), date(2026, 11, 8), "2 to 8 Nov 2026"),
        (date(2026, 11, 30), date(2026, 12, 2), "30 Nov to 2 Dec 2026"),
        (date(2026, 12, 31), date(2027, 1, 2), "31 Dec 2026 to 2 Jan 2027"),
        (date(2025, 11, 2), date(2026, 11, 2), "2 Nov 2025 to 2 Nov 2026"),
    ],
)
def test_days_do_not_repeat_a_month_or_a_year(first: date, last: date, written: str) -> None:
    assert format_days(first, last) == written


def test_days_and_times_are_in_words() -> None:
    assert format_day(date(2026, 11, 3)) == "3 Nov 2026"
    assert format_long_day(date(2026, 11, 3)) == "3 November 2026"
    assert format_time(datetime(2026, 11, 3, 14, 5, tzinfo=UTC)) == "3 Nov 2026, 14:05 UTC"


def test_top_words_are_listed_briefly() -> None:
    words = [("awful", 0.61), ("great\u202e", -0.2), ("day", 0.1), ("rain", 0.1)]
    assert format_top_words(words) == "awful +0.61, great −0.20, day +0.10"
    assert format_top_words([]) == ""


@pytest.mark.parametrize(
    ("shares", "written"),
    [
        ((0.31, 0.27, 0.36), "31 % (27 to 36 %)"),
        ((0.011, 0.01, 0.012), "1.1 % (1.0 to 1.2 %)"),
        ((0.0005, 0.0001, 0.0012), "0.05 % (0.01 to 0.12 %)"),
        ((0.008, 0.0041, 0.0149), "0.8 % (0.4 to 1.5 %)"),
        ((0.9995, 0.997, 0.9999), "99.95 % (99.70 to 99.99 %)"),
        ((0.0, 0.0, 0.49), "0 % (0 to 49 %)"),
        ((1.0, 0.9, 1.0), "100 % (90 to 100 %)"),
        ((0.5, 0.5, 0.5), "50 % (50 to 50 %)"),
    ],
)
def test_a_share_has_the_decimals_of_its_interval(shares: tuple[float, float, float], written: str) -> None:
    assert format_share_with_interval(*shares) == written


def test_negative_numbers_have_a_minus_sign() -> None:
    assert (format_number(-0.3), format_number(0.314), format_number(-2, 0)) == ("−0.30", "0.31", "−2")
