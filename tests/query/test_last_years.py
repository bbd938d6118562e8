"""Posts of the first and the last day that dates have, such as 9999-12-31 for "never", in every time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.query import EVERY_POST
from analysis.query.period_sums import sum_periods
from tests.scored import new_batch, score, some_posts

TIMES = [
    datetime(9999, 12, 31, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    datetime(1, 1, 1, 0, 1, tzinfo=UTC),
]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_the_first_and_the_last_day_are_counted(tmp_path: Path, zone: str) -> None:
    posts = some_posts(3)
    batch = score(
        new_batch(tmp_path, posts.assign(created_at=pd.Series(TIMES, dtype=posts["created_at"].dtype)))
    )
    batch = batch.with_timezone(zone)
    _, counted = query.count_by_period(batch, EVERY_POST, "year")
    assert [each.year for each in counted["first"]] == [1, 9999]
    sums = sum_periods(batch, EVERY_POST, "year")
    assert sums["posts"].iloc[[0, -1]].tolist() == [1, 2]
