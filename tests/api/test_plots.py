"""Charts of scores in memory count as the queries over a workspace do."""

from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from PIL import Image

import analysis as pl
from analysis import query
from analysis.api.plots import average_shares, count_over_time, count_table_rows_by
from analysis.query import EVERY_POST
from analysis.workspace import Batch
from tests.scored import FIRST_DAY, new_batch, score, some_posts


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return score(new_batch(tmp_path, some_posts(150), part_posts=40))


@pytest.fixture
def table(batch: Batch) -> pd.DataFrame:
    return pd.concat(list(query.chunks(batch)), ignore_index=True)


@pytest.mark.parametrize("columns", [["sentiment"], ["topic"], ["emotion"], ["topic", "sentiment"]])
def test_counts_equal_those_of_queries(batch: Batch, table: pd.DataFrame, columns: list[str]) -> None:
    expected = query.count_by(batch, EVERY_POST, *columns)
    assert expected["posts"].sum() > 100
    pd.testing.assert_frame_equal(count_table_rows_by(table, *columns), expected, check_dtype=False)


@pytest.mark.parametrize("column", ["sentiment", "topic"])
def test_shares_equal_those_of_queries(batch: Batch, table: pd.DataFrame, column: str) -> None:
    expected = query.shares_by(batch, EVERY_POST, column)
    pd.testing.assert_frame_equal(average_shares(table, column), expected, check_dtype=False)


@pytest.mark.parametrize("days_apart", [0.1, 1, 10, 100])
def test_periods_equal_those_of_queries(tmp_path: Path, days_apart: float) -> None:
    posts = some_posts(40)
    posts["created_at"] = [
        FIRST_DAY + pd.Timedelta(days=days_apart * row) if row % 5 else None for row in range(40)
    ]
    batch = score(new_batch(tmp_path, posts, batch_id="dated"))
    unit, expected = query.over_time(batch)
    found_unit, found = count_over_time(pd.concat(list(query.chunks(batch))))
    assert found_unit == unit
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_every_chart_is_a_figure_of_all_posts(model: pl.Model) -> None:
    frame = pd.DataFrame({"text": ["good day", "bad"] * 120, "created_at": "2026-03-02"})
    frame["images"] = [Image.new("RGB", (64, 64)), None] * 120
    plot = model.score(frame, engine="torch").plot
    charts = [name for name in dir(plot) if not name.startswith("_")]
    assert len(charts) == 9
    for name in charts:
        choices = ["emotion"] if name == "classes" else []
        assert isinstance(getattr(plot, name)(*choices), go.Figure), name
    assert sum(plot.sentiment().data[0].x) == 240


def test_charts_without_their_data_say_what_is_missing(model: pl.Model) -> None:
    scores = model.score(["good"])
    with pytest.raises(pl.PostLensError, match="needs dates, but no post has one"):
        scores.plot.over_time()
    with pytest.raises(pl.PostLensError, match="Use sentiment or topic"):
        scores.plot.shares("author")
    scores._table = scores._table.drop(columns="emotion")
    with pytest.raises(pl.PostLensError, match="needs a head that this model lacks"):
        scores.plot.emotions()


def test_charts_of_no_posts_are_empty_figures(model: pl.Model) -> None:
    plot = model.score([]).plot
    for chart in (
        plot.sentiment,
        plot.topics,
        plot.sentiment_by_topic,
        plot.inputs,
    ):
        assert isinstance(chart(), go.Figure)
