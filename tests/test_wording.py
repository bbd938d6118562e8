"""Names and number formats."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from analysis.wording import (
    format_day,
    format_long_day,
    format_percent,
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


def test_days_and_times_are_in_words() -> None:
    assert format_day(date(2026, 11, 3)) == "3 Nov 2026"
    assert format_long_day(date(2026, 11, 3)) == "3 November 2026"
    assert format_time(datetime(2026, 11, 3, 14, 5, tzinfo=UTC)) == "3 Nov 2026, 14:05 UTC"


def test_top_words_are_listed_briefly() -> None:
    words = [("awful", 0.61), ("great\u202e", -0.2), ("day", 0.1), ("rain", 0.1)]
    assert format_top_words(words) == "awful +0.61, great −0.20, day +0.10"
    assert format_top_words([]) == ""
