"""Totals, counts and periods of the matching posts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analysis import query
from analysis.model.presets import default_marks
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.query.compared import ids, table
from tests.scored import new_batch, score


def test_totals_agree_with_pandas(batch: Batch) -> None:
    rows, totals = table(batch), query.compute_totals(batch)
    assert (totals.posts, totals.scored) == (20, 20)
    assert totals.uncertain == rows["uncertain"].sum()
    assert totals.both == (rows["inputs_used"] == "both").sum()
    assert totals.disagree == (rows["agreement"] < 0.6).sum()
    assert totals.in_a_language == rows["language"].notna().sum()
    assert totals.other_language == (rows["language"] == "es").sum() > 0
    assert totals.mean_valence == pytest.approx(rows["valence"].mean())


@pytest.mark.parametrize(
    "columns",
    [("sentiment",), ("topic",), ("emotion",), ("topic", "sentiment"), ("inputs_used", "sentiment")],
)
def test_counts_agree_with_pandas(batch: Batch, columns: tuple[str, ...]) -> None:
    expected = table(batch).query("not uncertain").groupby(list(columns)).size().to_dict()
    counted = query.count_by(batch, Filters(uncertain=False), *columns)
    found = {
        (row[:-1] if len(columns) > 1 else row[0]): row[-1]
        for row in counted.itertuples(index=False, name=None)
    }
    assert found == expected
    assert counted["posts"].is_monotonic_decreasing


def test_tones_are_counted_among_the_posts_with_text(batch: Batch) -> None:
    rows, counted = table(batch), query.count_tones(batch).set_index("tone")
    for tone in default_marks():
        assert counted.loc[tone, "posts"] == (rows[f"p_{tone}"] > 0.75).sum()
        assert counted.loc[tone, "posts"] == query.count_matching_posts(
            batch, EVERY_POST.with_selection(("tones", tone))
        )
        assert counted.loc[tone, "judged"] == (rows["inputs_used"] != "image").sum()


def test_counting_by_another_column_is_refused(batch: Batch) -> None:
    with pytest.raises(ValueError, match="not by"):
        query.count_by(batch, EVERY_POST, "text")


@pytest.mark.parametrize(
    ("days_apart", "unit", "second_period"),
    [
        (3, "day", (date(2026, 3, 5), date(2026, 3, 5))),
        (100, "week", (date(2026, 6, 8), date(2026, 6, 14))),
        (800, "month", (date(2028, 5, 1), date(2028, 5, 31))),
        (8000, "year", (date(2048, 1, 1), date(2048, 12, 31))),
    ],
)
def test_periods_follow_the_span_of_the_posts(
    tmp_path: Path, days_apart: int, unit: str, second_period: tuple[date, date]
) -> None:
    first = datetime(2026, 3, 2, 12, tzinfo=UTC)
    posts = post_frame(
        [
            {"post_id": "a", "text": "x", "created_at": first},
            {"post_id": "b", "text": "x", "created_at": first + pd.Timedelta(days=days_apart)},
            {"post_id": "c", "text": "x"},
        ]
    )
    batch = score(new_batch(tmp_path, posts))
    found_unit, periods = query.count_by_period(batch)
    assert (found_unit, len(periods)) == (unit, 2)
    assert (periods["first"][1], periods["last"][1]) == second_period
    assert periods[["negative", "neutral", "positive"]].sum(axis=None) == 2
    kept = EVERY_POST.with_selection(("since", str(periods["first"][1]), "until", str(periods["last"][1])))
    assert ids(batch, kept) == ["b"]


def test_periods_can_be_chosen(tmp_path: Path) -> None:
    first = datetime(2026, 3, 2, 12, tzinfo=UTC)
    times = [first, first + pd.Timedelta(days=1), first + pd.Timedelta(days=31)]
    posts = post_frame([{"post_id": str(n), "text": "x", "created_at": time} for n, time in enumerate(times)])
    batch = score(new_batch(tmp_path, posts))
    rows = {unit: query.count_by_period(batch, unit=unit)[1] for unit in ("day", "week", "month", "year")}
    assert [len(found) for found in rows.values()] == [3, 2, 2, 1]
    assert rows["month"]["first"].tolist() == [date(2026, 3, 1), date(2026, 4, 1)]
    with pytest.raises(ValueError, match="'minute' is not a unit of time"):
        query.count_by_period(batch, unit="minute")
