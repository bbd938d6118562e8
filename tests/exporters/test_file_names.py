"""Names of downloaded reports."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analysis.exporters.file_names import name_report_file
from analysis.query import EVERY_POST, Filters
from tests.scored import new_batch

NOW = datetime(2026, 11, 30, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "name"),
    [
        (EVERY_POST, "spring-2026-11-30.csv"),
        (Filters(sentiments=("negative",)), "spring-negative-2026-11-30.csv"),
        (Filters(search="../Zürich ; x", uncertain=True), "spring-zürich-x-uncertain-2026-11-30.csv"),
        (
            Filters(since=date(2026, 3, 1), valence=(-1.0, 0.5)),
            "spring-since-2026-03-01-1.0-0.5-2026-11-30.csv",
        ),
        (Filters(search="x" * 500), f"spring-{'x' * 60}-2026-11-30.csv"),
    ],
)
def test_the_name_of_a_report_tells_batch_filters_and_day(
    tmp_path: Path, filters: Filters, name: str
) -> None:
    assert name_report_file(new_batch(tmp_path), filters, ".csv", NOW) == name


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Autumn campaign", "autumn-campaign-2026-11-30.csv"),
        ("../Zürich: Q3/Q4 <b>", "zürich-q3-q4-b-2026-11-30.csv"),
        ("🎉", "spring-2026-11-30.csv"),
    ],
)
def test_the_name_of_a_report_begins_with_that_of_the_batch(tmp_path: Path, name: str, file: str) -> None:
    batch = new_batch(tmp_path)
    batch.rename(name)
    assert name_report_file(batch, EVERY_POST, ".csv", NOW) == file
