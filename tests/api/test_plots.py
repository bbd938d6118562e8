"""Charts of scores in memory count as the queries over a workspace do."""

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import plotly.graph_objects as go
import pytest
from PIL import Image

import analysis as pl
from analysis import query
from analysis.api.plots import Plots
from analysis.charts import scores as charts
from analysis.charts.over_time import sentiment_over_time
from analysis.columns import LANGUAGES, TEXT_AND_IMAGE, UNCLEAR, VALUE_COLUMNS
from analysis.model.config import SENTIMENTS
from analysis.query import EVERY_POST, WEIGHTS
from analysis.workspace import Batch
from tests.scored import FIRST_DAY, HEADS, new_batch, score, some_posts

PERIODS = {"hour": "h", "day": "D", "week": "W-SUN", "month": "M", "year": "Y"}


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return score(new_batch(tmp_path, some_posts(150), part_posts=40))


def plots_of(batch: Batch) -> Plots:
    """The charts of the batch's posts as a table in memory."""
    bundle = SimpleNamespace(heads=HEADS, config=SimpleNamespace(modalities=TEXT_AND_IMAGE))
    return Plots(pd.concat(list(query.read_post_chunks(batch)), ignore_index=True), bundle)  # type: ignore[arg-type]


def bars_of(figure: go.Figure) -> list[tuple[list[object], list[object]]]:
    """The coordinates of the bars or points of each trace."""

    def rounded(values: Iterable[object]) -> list[object]:
        return [round(value, 9) if isinstance(value, float) else value for value in values]

    return [(rounded(trace.y), rounded(trace.x)) for trace in figure.data]


@pytest.mark.parametrize("column", ["sentiment", "topic", "emotion"])
def test_counts_equal_those_of_queries(batch: Batch, column: str) -> None:
    counts = query.count_by(batch, EVERY_POST, column)
    assert counts["posts"].sum() > 100
    (bars,) = plots_of(batch).classes(column).data
    assert dict(zip([name for _, name in bars.customdata], bars.x, strict=True)) == dict(
        zip(counts[column], counts["posts"], strict=True)
    )


def test_counts_by_two_columns_equal_those_of_queries(batch: Batch) -> None:
    titles = {
        **dict(zip(HEADS["topic"].classes, HEADS["topic"].titles, strict=True)),
        UNCLEAR: "No clear topic",
    }
    expected = charts.sentiment_by_topic(
        query.count_by(batch, EVERY_POST, "topic", "sentiment"), "topics", titles
    )
    assert bars_of(plots_of(batch).sentiment_by_topic()) == bars_of(expected)


@pytest.mark.parametrize("column", ["sentiment", "topic"])
def test_shares_equal_those_of_queries(batch: Batch, column: str) -> None:
    expected = query.average_shares_by(batch, EVERY_POST, column)
    text, image = plots_of(batch).shares(column).data
    assert list(text.x) == pytest.approx(expected["share_text"].tolist())
    assert list(image.x) == pytest.approx(expected["share_image"].tolist())


@pytest.mark.parametrize("days_apart", [0.1, 1, 10, 100])
def test_periods_equal_those_of_queries(tmp_path: Path, days_apart: float) -> None:
    posts = some_posts(40)
    posts["created_at"] = [
        FIRST_DAY + pd.Timedelta(days=days_apart * row) if row % 5 else None for row in range(40)
    ]
    batch = score(new_batch(tmp_path, posts, batch_id="dated"))
    unit, expected = query.count_by_period(batch)
    days = posts["created_at"].dropna().dt.tz_localize(None)
    assert expected[["negative", "neutral", "positive"]].sum(axis=1).tolist() == (
        days.dt.to_period(PERIODS[unit]).value_counts().sort_index().tolist()
    )
    assert bars_of(plots_of(batch).over_time()) == bars_of(sentiment_over_time(unit, expected))


@pytest.mark.slow
def test_every_chart_is_a_figure_of_all_posts(model: pl.Model) -> None:
    frame = pd.DataFrame({"text": ["good day #x", "bad"] * 120, "created_at": "2026-03-02"})
    frame["images"] = [Image.new("RGB", (64, 64)), None] * 120
    plot = model.score(frame, engine="torch").plot
    methods = [name for name in dir(plot) if not name.startswith("_")]
    assert len(methods) == 11
    for name in methods:
        choices = ["emotion"] if name == "classes" else []
        assert isinstance(getattr(plot, name)(*choices), go.Figure), name
    assert sum(plot.sentiment().data[0].x) == 240


def test_charts_without_their_data_say_what_is_missing(model: pl.Model) -> None:
    scores = model.score(["good"])
    with pytest.raises(pl.PostLensError, match="needs dates, but no post has one"):
        scores.plot.over_time()
    with pytest.raises(pl.PostLensError, match="needs posts with likes"):
        scores.plot.sentiment(weight="likes")
    with pytest.raises(pl.PostLensError, match="Use one of posts, likes, interactions"):
        scores.plot.topics(weight="views")
    with pytest.raises(pl.PostLensError, match="no post has a value"):
        scores.plot.breakdown("hashtags")
    with pytest.raises(pl.PostLensError, match=r"A breakdown by text is not possible\. Use one of hashtags"):
        scores.plot.breakdown("text")
    with pytest.raises(pl.PostLensError, match="Use one of hour"):
        scores.plot.over_time(unit="minute")
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


@pytest.mark.slow
@pytest.mark.parametrize("weight", WEIGHTS)
def test_weighted_charts_equal_those_of_queries(batch: Batch, weight: str) -> None:
    plots = plots_of(batch)
    counts = query.count_by(batch, EVERY_POST, "sentiment", weight=weight)
    assert bars_of(plots.sentiment(weight)) == bars_of(charts.sentiment_bar(counts, weight))
    periods = query.count_by_period(batch, unit="month", weight=weight)
    expected = bars_of(sentiment_over_time(*periods, weight=weight))
    assert bars_of(plots.over_time("month", weight)) == expected
    amounts = query.count_by_hour(batch, EVERY_POST, weight)[list(SENTIMENTS)].sum(axis=1)
    shown = [text for trace in reversed(plots.hours(weight).data) for text in trace.hovertext]
    assert [f": {amount:,} {weight}," in text for amount, text in zip(amounts, shown, strict=True)] == [
        True
    ] * 168


def test_a_breakdown_has_the_numbers_of_the_query(batch: Batch) -> None:
    found = query.count_values(batch, EVERY_POST, "author", "likes", limit=2).table
    figure = plots_of(batch).breakdown("author", "likes", most=2)
    assert list(figure.data[0].y) == [
        f"{value.title} ({value.amount:,} likes)" for value in found.itertuples()
    ]
    assert [list(trace.x) for trace in figure.data] == [
        pytest.approx((found[name] / found["amount"]).tolist()) for name in SENTIMENTS
    ]


@pytest.mark.slow
def test_a_breakdown_by_language_names_the_languages_and_its_bars_set_filters(batch: Batch) -> None:
    found = query.count_values(batch, EVERY_POST, "language", titles=LANGUAGES).table
    (bars, *_) = plots_of(batch).breakdown("language").data
    assert list(bars.y) == [f"{value.title} ({value.posts:,})" for value in found.itertuples()]
    assert set(found["title"]) <= set(LANGUAGES.values())
    for by in (*VALUE_COLUMNS, "language"):
        if query.count_values(batch, EVERY_POST, by).n_values:
            for trace in plots_of(batch).breakdown(by).data:
                for pairs, posts in zip(trace.customdata, trace.text, strict=True):
                    counted = query.count_matching_posts(batch, EVERY_POST.with_selection(pairs))
                    assert f"{counted:,}" == (posts or "0")


def test_tables_of_scores_list_hashtags_and_mentions(model: pl.Model) -> None:
    table = model.score(["#Good day @ann https://www.x.org/a", "nothing"], engine="torch").to_pandas()
    assert table["hashtags"].tolist() == [["Good"], []]
    assert table["mentions"].tolist() == [["ann"], []]
    assert table["domains"].tolist() == [["x.org"], []]
    assert table["emoji"].tolist() == [[], []]
