"""The Trends page: its table, its peaks and what made them, all of which open their posts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.posts import post_frame
from analysis.workspace import Batch
from pages.review.trends_table import _look_of
from pages.shared import places
from tests.pages.conftest import captions, open_at
from tests.scored import FIRST_DAY, new_batch, score

BUSY = 17


@pytest.fixture
def batch(home: Path) -> Batch:
    """Four posts a day for four weeks, and forty more on one day."""
    rows = [
        {
            "post_id": f"p{day}_{number}",
            "text": "[bridge](x) closed #storm" if number > 3 else f"a day like any other {number}",
            "author": "passerby" if number == 43 else "reporter" if number > 3 else f"user{number}",
            "created_at": FIRST_DAY + timedelta(days=day, minutes=number),
        }
        for day in range(28)
        for number in range(44 if day == BUSY else 4)
    ]
    return score(new_batch(home.parent, post_frame(rows), batch_id="trends"))


def open_trends(batch: Batch, **address: str | list[str]) -> AppTest:
    return open_at(places.TRENDS, {"batch": batch.id, "unit": "day", **address})


def choose_row(app: AppTest, table: int, row: int) -> AppTest:
    """Tick a row of a table of the page."""
    app.session_state[app.dataframe[table].key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


@pytest.mark.slow
def test_a_peak_is_listed_and_explained(batch: Batch) -> None:
    app = open_trends(batch)
    peaks, periods = (each.value for each in app.dataframe)
    assert set(peaks["When"]) == {"19 Mar 2026, 09:00 to 11:00"}
    assert peaks["What"].tolist() == ["Author: reporter"]
    assert "#storm" in peaks["Also"][0]
    assert peaks["Posts"].tolist() == [39]
    assert len(periods) == 28
    assert periods["Change"].tolist()[0] == "Incomplete"
    assert periods["Posts"].tolist()[10] == 44
    assert "Last complete day: 28 Mar 2026" in [each.value for each in app.subheader]
    assert "adjusted by Benjamini and Hochberg" in captions(app)
    choose_row(app, 0, 0)
    assert not app.exception
    assert any(each.value.endswith("reporter") for each in app.subheader)
    links = [each.proto.label for each in app.get("page_link")]
    assert any(label.startswith("Posts **39**") for label in links)
    assert any(label.startswith("\\#storm") for label in links)
    assert any(label.startswith("reporter **39 posts**") for label in links)


@pytest.mark.slow
def test_the_chosen_days_are_compared_with_those_before(batch: Batch) -> None:
    app = open_trends(batch, since="2026-03-16", until="2026-03-22")
    assert "16 to 22 Mar 2026" in [each.value for each in app.subheader]
    assert app.metric[0].value == "68"
    assert app.metric[0].delta.startswith("+143 %")
    assert "the 7 days before (9 to 15 Mar 2026)" in captions(app)


@pytest.mark.slow
def test_the_unit_is_in_the_address(batch: Batch) -> None:
    app = open_trends(batch, unit="week")
    assert app.dataframe[1].value.columns[0] == "Week"
    app.segmented_control(key="unit").set_value("month").run()
    assert app.query_params["unit"] == "month"


@pytest.mark.slow
def test_a_row_opens_the_posts_of_its_period(batch: Batch) -> None:
    app = open_trends(batch)
    choose_row(app, 1, 10)
    assert not app.exception
    assert app.title[0].value == "Posts"
    assert (app.query_params["since"], app.query_params["until"]) == ("2026-03-19", "2026-03-19")
    assert "**44 of 152 posts**" in captions(app)


def test_posts_without_dates_say_so(home: Path) -> None:
    posts = post_frame([{"post_id": "p", "text": "x"}])
    app = open_trends(score(new_batch(home.parent, posts, batch_id="undated")))
    assert [each.value for each in app.info] == ["None of these posts has a date."]


@pytest.mark.slow
def test_a_day_can_be_compared_with_the_same_weekday_a_week_before(batch: Batch) -> None:
    app = open_trends(batch)
    before = app.dataframe[1].value["Change"].tolist()[9:11]
    app.selectbox(key="step_day").set_value(7).run()
    assert not app.exception
    assert "Each day against the same weekday a week before" in [each.value for each in app.header]
    assert "Compared with the same weekday a week before (21 Mar 2026)" in captions(app)
    after = app.dataframe[1].value["Change"].tolist()
    assert before[0].startswith("−91 %")
    assert after[9].startswith("0 %")
    assert after[3].startswith("−91 %")


@pytest.mark.slow
def test_the_words_of_a_peak_are_listed_while_a_text_search_is_set(batch: Batch) -> None:
    app = choose_row(open_trends(batch, search="closed OR day"), 0, 0)
    assert not app.exception
    links = [each.proto for each in app.get("page_link")]
    (link,) = (each for each in links if each.label.startswith("closed **"))
    assert "words=closed" in link.query_string
    assert "search=" in link.query_string


@pytest.mark.slow
def test_one_post_of_an_author_is_not_called_posts(batch: Batch) -> None:
    app = choose_row(open_trends(batch, authors=["reporter", "passerby"]), 0, 0)
    labels = [each.proto.label for each in app.get("page_link")]
    assert {"reporter **39 posts**", "passerby **1 post**"} <= set(labels)


def test_a_fall_has_a_minus_sign_and_an_arrow_that_points_down() -> None:
    assert _look_of("−12 % (−20 to −3)", "green", "red") == {
        "delta": "−12 % (−20 to −3)",
        "delta_arrow": "down",
        "delta_color": "red",
    }
    assert _look_of("+3 %", "green", "red")["delta_color"] == "green"
    assert _look_of("0", "green", "red")["delta_arrow"] == "off"
    assert _look_of("")["delta"] is None
