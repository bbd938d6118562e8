"""The Compare page: its numbers are those of the posts, rows and words open them, and limits are named."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.comparison import Difference, Estimate
from analysis.posts import post_frame
from analysis.query import Filters, Segment
from analysis.workspace import Batch, Workspace
from pages.review.compare_segments import BATCHES, DATES, VIEWS, Choice, _title_range, read_range
from pages.review.compare_table import describe_difference
from pages.shared import places
from pages.shared.estimates import format_points, format_share
from tests.pages.conftest import captions, open_at
from tests.scored import FIRST_DAY, IMAGE, new_batch, score

EVIL = "<b>x</b> ![i](https://evil.example/p.png) $x^2$ :material/home:"
AUTHORS = ("ann", "bob", EVIL)


def posts_of_authors(n: int = 90) -> pd.DataFrame:
    """Posts of three authors in turn; those of bob are about the rain, and every fifth has a second hashtag."""
    rows = [
        {
            "post_id": f"p{row}",
            "text": f"Day {row} {'so wet #rain' if row % 3 == 1 else 'and #sun'} {'#rain' if row % 5 == 0 else ''}",
            "author": AUTHORS[row % 3],
            "created_at": FIRST_DAY + timedelta(days=row),
            "likes": row if row % 4 else None,
            "images": [IMAGE] if row % 2 else [],
            "image_names": ["a.jpg"] if row % 2 else [],
            "extra": json.dumps({"brand": "x" if row % 2 else "y"}),
        }
        for row in range(n)
    ]
    return post_frame(rows)


@pytest.fixture
def batch(home: Path) -> Batch:
    return score(new_batch(home.parent, posts_of_authors(), batch_id="authors"))


def open_compare(batch: Batch, **address: str | list[str]) -> AppTest:
    return open_at(places.COMPARE, {"batch": batch.id, **address})


def values_of(app: AppTest, name: str) -> list[str]:
    value = app.query_params[name]
    return [value] if isinstance(value, str) else list(value)


def link_of(app: AppTest, label: str) -> str:
    """The query of the first link with this label."""
    return next(
        link.proto.query_string for link in app.get("page_link") if link.proto.label.startswith(label)
    )


def tick(app: AppTest, row: int) -> AppTest:
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


@pytest.mark.slow
def test_the_numbers_are_those_of_the_posts(batch: Batch) -> None:
    app = open_compare(batch, by="author")
    table = app.dataframe[0].value
    assert set(table["segment"]) == set(AUTHORS)
    assert table["amount"].tolist() == [30, 30, 30]
    assert table["voice"].tolist() == ["33 % (24 to 44)"] * 3
    for row in table.itertuples():
        negative = query.count_matching_posts(
            batch, Filters(authors=(row.segment,), sentiments=("negative",))
        )
        low, high = (100 * limit for limit in query.compute_share_interval(negative, 30))
        assert row.negative == f"{100 * negative / 30:.0f} % ({low:.0f} to {high:.0f})"
    assert {title.value for title in app.subheader} >= {"Sentiment", "Net sentiment", "Topics"}


@pytest.mark.slow
def test_the_page_is_useful_without_any_choice(batch: Batch) -> None:
    app = open_compare(batch)
    assert app.selectbox(key="compare_by").value == "language"  # the posts name no platform
    assert len(app.multiselect(key="compared").value) >= 2
    assert not app.info


@pytest.mark.slow
def test_choices_are_in_the_address(batch: Batch) -> None:
    app = open_compare(batch)
    app.selectbox(key="compare_by").set_value("author").run()
    assert values_of(app, "by") == ["author"]
    app.multiselect(key="compared").set_value(["bob", "ann"]).run()
    assert values_of(app, "segment") == ["bob", "ann"]
    assert app.dataframe[0].value["segment"].tolist() == ["bob", "ann"]
    app.selectbox(key="reference").set_value("ann").run()
    assert values_of(app, "reference") == ["ann"]
    assert app.dataframe[1].value["segment"].tolist() == ["bob"]
    app.selectbox(key="compare_by").set_value("hashtags").run()
    assert not app.exception
    assert "segment" not in app.query_params


@pytest.mark.slow
def test_a_row_opens_its_posts_with_the_filters_of_the_page(batch: Batch) -> None:
    app = open_compare(batch, by="author", segment=["ann", "bob"], sentiments="negative")
    app = tick(app, 1)
    assert not app.exception
    assert app.title[0].value == "Posts"
    assert (values_of(app, "authors"), values_of(app, "sentiments")) == (["bob"], ["negative"])
    expected = query.count_matching_posts(batch, Filters(authors=("bob",), sentiments=("negative",)))
    assert f"**{expected} of 90 posts**" in captions(app)


@pytest.mark.slow
def test_words_are_links_to_their_posts(batch: Batch) -> None:
    app = open_compare(batch, by="author", segment=["ann", "bob"])
    link = link_of(app, "wet **30**")
    assert "words=wet" in link
    assert "authors=bob" in link
    assert "post=p" in link_of(app, "Open post")


@pytest.mark.slow
def test_it_says_how_many_tests_were_corrected_for(batch: Batch) -> None:
    app = open_compare(batch, by="author")
    assert (
        "Corrected for 4 tests: p-values are adjusted by the procedure of Benjamini & Hochberg"
        in captions(app)
    )
    assert set(app.dataframe[1].value["net_p"]) - {""}


@pytest.mark.slow
def test_segments_that_overlap_are_not_tested(batch: Batch) -> None:
    app = open_compare(batch, by="hashtags")
    shared = len(
        query.read_page(batch, Filters(search="#rain"), columns=["text"]).query("text.str.contains('#sun')")
    )
    assert app.dataframe[1].value["result"].tolist() == [f"Not tested: shares {shared} posts with it"]
    assert "Segments overlap" in captions(app)
    assert "so they are not tested" in captions(app)
    assert "Corrected for" not in captions(app)


@pytest.mark.slow
def test_likes_are_counted_and_posts_without_them_are_not(batch: Batch) -> None:
    app = open_compare(batch, by="author", count="likes")
    found = query.count_values(batch, query.EVERY_POST, "author", "likes").table.set_index("key")
    table = app.dataframe[0].value
    assert table["amount"].sum() == found["amount"].sum()
    assert "Posts without a known number of likes are not counted." in captions(app)


@pytest.mark.slow
def test_two_ranges_of_dates_are_compared(batch: Batch) -> None:
    app = open_compare(batch, by=DATES)
    assert app.dataframe[0].value["amount"].tolist() == [45, 45]
    first, last = FIRST_DAY.date(), FIRST_DAY.date() + timedelta(days=9)
    app.date_input(key="first_range").set_value((first, last)).run()
    assert values_of(app, "segment")[0] == f"{first}~{last}"
    assert app.dataframe[0].value["amount"].tolist() == [10, 45]


@pytest.mark.slow
def test_months_are_compared(batch: Batch) -> None:
    app = open_compare(batch, by="month")
    assert app.dataframe[0].value["segment"].tolist() == ["March 2026", "April 2026", "May 2026"]
    assert app.dataframe[0].value["amount"].tolist() == [30, 30, 30]


@pytest.mark.slow
def test_batches_are_compared_under_the_same_filters(batch: Batch, home: Path) -> None:
    other = score(new_batch(home.parent, posts_of_authors(30), batch_id="other"))
    app = open_compare(batch, by=BATCHES, authors="bob")
    assert app.dataframe[0].value["amount"].tolist() == [30, 10]
    app = tick(app, 1)
    assert app.title[0].value == "Posts"
    assert values_of(app, "batch") == [other.id]
    assert "**10 of 30 posts**" in captions(app)


def test_fewer_than_two_segments_cannot_be_compared(batch: Batch) -> None:
    app = open_compare(batch, by="author", authors="bob")
    assert "Choose at least two segments" in app.info[0].value
    assert len(app.dataframe) == 0
    assert "Choose at least two segments" in open_compare(batch, by=BATCHES).info[0].value


@pytest.mark.slow
def test_unknown_values_in_the_address_do_no_harm(batch: Batch) -> None:
    app = open_compare(batch, by=DATES, segment=["x~y", "2026-03-09~2026-03-02"])
    assert app.dataframe[0].value["amount"].tolist() == [45, 45]
    assert open_compare(batch, by=BATCHES, segment=["../etc", "none"]).info
    app = open_compare(batch, by="author", segment=["nobody", "BOB"])
    assert app.dataframe[0].value["amount"].tolist() == [0, 30]


@pytest.mark.slow
def test_names_are_escaped(batch: Batch) -> None:
    app = open_compare(batch, by="author")
    shown = [title.value for title in app.subheader] + [each.value for each in app.caption]
    assert not any("![i](" in text or "<b>" in text or ":material/home:" in text for text in shown)


def test_values_are_found_in_any_case() -> None:
    choice = Choice({"rain": "#Rain", "sun": "#Sun"}, (), lambda _: None)
    assert [choice.find_value(text) for text in ("RAIN", " #rain ", "#snow")] == ["rain", "rain", "#snow"]


@pytest.mark.parametrize("text", ["", "2026-03-02", "2026-03-02~", "2026-03-09~2026-03-02", "a~b", "1~2~3"])
def test_ranges_of_dates_that_are_not_valid_are_none(text: str) -> None:
    assert read_range(text) is None
    assert read_range("2026-03-02~2026-03-09") == (date(2026, 3, 2), date(2026, 3, 9))


def test_ranges_up_to_the_last_day_that_dates_have_are_named() -> None:
    assert _title_range(date(9999, 1, 1), date(9999, 12, 31)) == "9999"
    assert _title_range(date(9999, 12, 1), date(9999, 12, 31)) == "December 9999"
    assert _title_range(date(2026, 2, 1), date(2026, 2, 27)) == "1 to 27 Feb 2026"


def test_narrow_intervals_have_decimals() -> None:
    assert format_share(Estimate(0.2, 0.15, 0.26, 0.2, 100)) == "20 % (15 to 26)"
    assert format_share(Estimate(0.2, 0.195, 0.2051, 0.2, 9e4)) == "20.0 % (19.5 to 20.5)"
    assert format_points(Estimate(-0.001, -0.002, 0.0001, 1, 9e9)) == "−0.1 (−0.2 to 0)"
    assert format_points(Difference(0.12, 0.05, 0.19, 0.01, 0.01)) == "+12 (+5 to +19)"
    assert format_share(None) == format_points(None) == ""


def test_results_are_said_in_words() -> None:
    higher, lower = Difference(0.1, 0, 0.2, 0.01, 0.02), Difference(-0.1, -0.2, 0, 0.01, 0.02)
    assert describe_difference(higher, lower) == "Higher net sentiment, smaller negative share"
    assert describe_difference(Difference(0.1, 0, 0.2, 0.04, 0.08), None) == "No clear difference"
    assert describe_difference(Difference(0.1, 0, 0.2, None), None) == "Not tested: too few posts"


def test_a_segment_is_any_filter(batch: Batch) -> None:
    saved = Segment("Saved", batch, Filters(search="rain", sentiments=("negative", "neutral")))
    members = query.find_members([saved, Segment("All", batch, query.EVERY_POST)])
    assert query.count_segments(members).table["posts"].tolist() == [
        query.count_matching_posts(batch, saved.filters),
        90,
    ]


@pytest.mark.slow
def test_saved_views_are_segments(batch: Batch) -> None:
    views = Workspace(batch.folder.parents[1]).views
    views.save("Rain", places.POSTS, {"search": "rain", "sort": "likes"})
    views.save("Bob", places.OVERVIEW, {"authors": ["bob"]})
    app = open_compare(batch, by=VIEWS)
    table = app.dataframe[0].value
    assert table["segment"].tolist() == ["Bob", "Rain"]
    rain = query.count_matching_posts(batch, Filters(search="rain"))
    assert table["amount"].tolist() == [30, rain]
