"""Charts of scores: correct numbers, a filter on every mark, and no text of posts interpreted as markup."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from analysis import query
from analysis.charts import scores as charts
from analysis.charts.over_time import hours_of_the_week, sentiment_over_time
from analysis.query import EVERY_POST
from analysis.workspace import Batch
from tests.scored import new_batch, score, some_posts

TITLES = {"arts_culture": "Arts & culture"}


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("charts"), some_posts(60)))


def figures(batch: Batch) -> dict[str, go.Figure]:
    return {
        "sentiment": charts.sentiment_bar(query.count_by(batch, EVERY_POST, "sentiment")),
        "topic": charts.class_bar(query.count_by(batch, EVERY_POST, "topic"), "topic", "topics", TITLES),
        "emotion": charts.class_bar(
            query.count_by(batch, EVERY_POST, "emotion"), "emotion", "emotions", TITLES
        ),
        "by topic": charts.sentiment_by_topic(
            query.count_by(batch, EVERY_POST, "topic", "sentiment"), "topics", TITLES
        ),
        "inputs": charts.sentiment_by_content_type(
            query.count_by(batch, EVERY_POST, "inputs_used", "sentiment")
        ),
        "time": sentiment_over_time(*query.count_by_period(batch)),
        "hours": sentiment_over_time(*query.count_by_period(batch, unit="hour")),
        "agreement": charts.agreement_scatter(query.read_page(batch), 0.6),
    }


def marks(figure: go.Figure) -> list[tuple[go.bar.Marker, list[str], float]]:
    """Trace, custom data and length of each bar or point."""
    return [
        (trace, list(pairs), value)
        for trace in figure.data
        for pairs, value in zip(
            trace.customdata, trace.y if trace.orientation != "h" else trace.x, strict=True
        )
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sentiment", "topic", "emotion", "time", "hours"])
def test_each_bar_is_as_long_as_the_number_of_posts_that_its_filter_finds(batch: Batch, name: str) -> None:
    bars = [mark for mark in marks(figures(batch)[name]) if mark[0].type == "bar"]
    assert bars
    for _, pairs, posts in bars:
        assert query.count_matching_posts(batch, EVERY_POST.with_selection(pairs)) == posts


@pytest.mark.parametrize("name", ["by topic", "inputs"])
def test_each_part_of_a_divided_bar_is_labelled_with_the_posts_that_its_filter_finds(
    batch: Batch, name: str
) -> None:
    figure = figures(batch)[name]
    for trace in figure.data:
        for pairs, text in zip(trace.customdata, trace.text, strict=True):
            assert query.count_matching_posts(batch, EVERY_POST.with_selection(pairs)) == int(text or 0)
    lengths = zip(*(trace.x for trace in figure.data), strict=True)
    assert [sum(parts) for parts in lengths] == pytest.approx([1.0] * len(figure.data[0].x))


def test_bars_of_custom_topics_keep_the_users_names_and_order() -> None:
    counts = pd.DataFrame({"topic": ["prices", "<b>DELIVERY</b>", "none of these"], "posts": [1, 5, 2]})
    bar = charts.custom_topic_bar(counts, total=10).data[0]
    assert list(bar.y) == ["prices", "&lt;b&gt;DELIVERY&lt;/b&gt;", "none of these"]
    assert list(bar.x) == [1, 5, 2]
    assert list(bar.customdata[1]) == ["own_topic", "<b>DELIVERY</b>"]
    assert [text.split()[0] for text in bar.text] == ["1", "5", "2"]
    assert "50 %" in bar.text[1]  # of the posts: the bars add up to less or more


def test_points_of_agreement_are_the_posts_with_both_inputs(batch: Batch) -> None:
    points = marks(figures(batch)["agreement"])
    assert {pairs[1] for _, pairs, _ in points} == {f"p{i}" for i in range(60) if i % 2}
    assert all(pairs[0] == "post_ids" for _, pairs, _ in points)


def test_the_dashed_lines_are_where_text_and_image_disagree(batch: Batch) -> None:
    for line in figures(batch)["agreement"].layout.shapes:
        for x, y in ((line.x0, line.y0), (line.x1, line.y1)):
            assert 1 - abs(x - y) / 2 == pytest.approx(0.6)
            assert max(abs(x), abs(y)) <= 1


@pytest.mark.slow
def test_sentiments_differ_in_more_than_colour(batch: Batch) -> None:
    bar = figures(batch)["sentiment"].data[0]
    assert len(set(bar.marker.pattern.shape)) == len(set(bar.marker.color)) == 3
    assert len({trace.marker.symbol for trace in figures(batch)["agreement"].data}) == 3
    assert len({trace.marker.pattern.shape for trace in figures(batch)["by topic"].data}) == 3


@pytest.mark.slow
def test_unclear_topics_are_last(batch: Batch) -> None:
    for name in ("topic", "by topic"):
        assert figures(batch)[name].data[0].customdata[-1][1] == "unclear"


def test_topics_have_their_titles_and_markup_in_them_is_inert(batch: Batch) -> None:
    counts = query.count_by(batch, EVERY_POST, "topic")
    labels = charts.class_bar(counts, "topic", "topics", {"arts_culture": "<b>Arts</b> & $x$"}).data[0].y
    assert "&lt;b&gt;Arts&lt;/b&gt; &amp; &#36;x&#36;" in labels
    assert "Daily life" in labels


def test_topics_with_equal_titles_have_separate_bars(batch: Batch) -> None:
    counts = query.count_by(batch, EVERY_POST, "topic")
    titles = dict.fromkeys(counts["topic"], "Food")
    (bars,) = charts.class_bar(counts, "topic", "topics", titles).data
    assert len(set(bars.y)) == len(counts)
    by_sentiment = query.count_by(batch, EVERY_POST, "topic", "sentiment").assign(posts=1)
    for trace in charts.sentiment_by_topic(by_sentiment, "topics", titles).data:
        assert len(set(trace.y)) == len(counts)


def test_text_of_posts_is_inert_in_the_scatter(batch: Batch) -> None:
    posts = query.read_page(batch).assign(text="<a href='x'>%{x}</a>\n$y$ " + "long " * 50)
    for trace in charts.agreement_scatter(posts, 0.6).data:
        assert not trace.hovertemplate
        for text in trace.hovertext:
            assert text.startswith("&lt;a href='x'&gt;%{x}&lt;/a&gt; &#36;y&#36; long")
            assert text.endswith("…")


def test_figures_are_transparent_and_leave_the_font_to_the_theme(batch: Batch) -> None:
    for figure in figures(batch).values():
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
        assert figure.layout.font.color is None
        assert figure.layout.title.text is None


def test_a_batch_without_scores_still_gives_figures(tmp_path: Path) -> None:
    unscored = figures(new_batch(tmp_path))
    assert sum(value for figure in unscored.values() for _, _, value in marks(figure)) == 0


def test_periods_are_named_by_days_in_words() -> None:
    sentiments = {"negative": 1, "neutral": 0, "positive": 0, "mean_valence": 0.0}
    for unit, first, last, expected in (
        ("day", date(2026, 11, 3), date(2026, 11, 3), "3 Nov 2026"),
        ("week", date(2026, 11, 2), date(2026, 11, 8), "2 to 8 Nov 2026"),
        ("hour", datetime(2026, 11, 3, 14), datetime(2026, 11, 3, 14), "3 Nov 2026, 14:00"),
    ):
        row = {"first": first, "last": last, **sentiments}
        periods = pd.DataFrame([row]).astype({"first": object, "last": object})
        (text,) = sentiment_over_time(unit, periods).data[0].hovertext
        assert text == f"{expected}: 1 negative"


def test_each_field_of_the_week_opens_the_posts_that_it_counts(batch: Batch) -> None:
    hours = query.count_by_hour(batch)
    figure = hours_of_the_week(hours, [0])
    fields = [pair for trace in figure.data for pair in zip(trace.customdata, trace.hovertext, strict=True)]
    assert len(fields) == 168
    shown = [(pairs, text) for pairs, text in fields if ": 0 posts" not in text]
    for pairs, text in shown:
        posts = query.count_matching_posts(batch, EVERY_POST.with_selection(pairs))
        assert f": {posts:,} posts, " in text
    assert shown
    assert [note.text for note in figure.layout.annotations] == ["▲"]


def test_charts_of_likes_say_so(batch: Batch) -> None:
    counts = query.count_by(batch, EVERY_POST, "topic", "sentiment", weight="likes")
    figure = charts.sentiment_by_topic(counts, "topics", TITLES, "likes")
    assert all(label.endswith(" likes)") for label in figure.data[0].y)
    assert all(" likes, negative" in text for text in figure.data[0].hovertext)
    bars = charts.class_bar(
        query.count_by(batch, EVERY_POST, "topic", weight="likes"), "topic", "topics", TITLES, "likes"
    )
    assert all(" likes (" in text for text in bars.data[0].text)
    over = sentiment_over_time(*query.count_by_period(batch, weight="likes"), weight="likes")
    assert over.layout.yaxis.title.text.startswith("Likes per ")
