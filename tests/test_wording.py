"""Names and number formats."""

from __future__ import annotations

import pytest

from analysis.wording import percent, signed, title_of


@pytest.mark.parametrize(
    ("value", "written"), [(0.424, "+0.42"), (-0.3, "−0.30"), (0.004, "0.00"), (-0.004, "0.00")]
)
def test_values_are_formatted_with_their_sign(value: float, written: str) -> None:
    assert signed(value) == written


def test_names_become_titles() -> None:
    assert title_of("science_technology") == "Science technology"
    assert (
        title_of("science_technology", {"science_technology": "Science & technology"})
        == "Science & technology"
    )
    assert percent(0.256) == "26 %"
