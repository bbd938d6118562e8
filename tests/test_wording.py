"""Names and number formats."""

from __future__ import annotations

import pytest

from analysis.wording import format_percent, format_signed, title_from_name


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
