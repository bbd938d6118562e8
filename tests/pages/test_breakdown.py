"""The Breakdown page: its numbers are those of the posts, its rows open them, and empty cases say what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.exporters import PrivacyLevel
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from pages.review.breakdown_table import draw_sentiments, format_net
from pages.shared import places
from tests.pages.conftest import app_at, captions, change_settings, open_at, open_filters
from tests.scored import FIRST_DAY, new_batch, score

EVIL = "#<b>x</b> #a![i](https://evil.example/p.png) #$x^2$ #:material/home:"


@pytest.fixture
def tagged(home: Path) -> Batch:
    rows = [
        {
            "post_id": f"p{row}",
            "text": f"Day {row} #rain {'#Sun @ann' if row % 2 else EVIL}",
            "author": f"author{row % 3}",
            "created_at": FIRST_DAY + timedelta(hours=row),
            "likes": row if row % 4 else None,
            "comments": row % 3 if row % 4 else None,
        }
        for row in range(40)
    ]
    return score(new_batch(home.parent, post_frame(rows), batch_id="tagged"))


def open_breakdown(batch: Batch, **address: str) -> AppTest:
    return open_at(places.BREAKDOWN, {"batch": batch.id, **address})


def address_of(app: AppTest) -> dict[str, str]:
    """The last value of each parameter of the address, which `AppTest` has as a text or as a list."""
    values = {key: app.query_params[key] for key in app.query_params}
    return {key: value if isinstance(value, str) else value[-1] for key, value in values.items()}


def shown_table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


@pytest.mark.slow
def test_rows_are_those_of_the_query(tagged: Batch) -> None:
    app = open_breakdown(tagged)
    found = query.count_values(tagged, EVERY_POST, "hashtags").table
    shown = shown_table(app)
    assert app.selectbox(key="by").value == "hashtags"
    assert shown["value"].tolist() == [f"#{title}" for title in found["title"]]
    assert shown["amount"].tolist() == found["posts"].tolist()
    assert shown["likes"].tolist() == found["likes"].tolist()
    assert shown["negative"].tolist() == pytest.approx((100 * found["negative"] / found["posts"]).tolist())
    assert [sum(trend) for trend in shown["trend"]] == found["posts"].tolist()
    assert f"**{len(found)} hashtags** in 40 of 40 posts." in captions(app)


@pytest.mark.slow
def test_a_row_opens_its_posts(tagged: Batch) -> None:
    app = open_breakdown(tagged, sentiments="positive")
    row = shown_table(app)["value"].tolist().index("#Sun")
    key = app.dataframe[0].key
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert app.title[0].value == "Posts"
    assert address_of(app)["hashtags"] == "sun"
    expected = query.count_matching_posts(tagged, Filters(sentiments=("positive",), hashtags=("sun",)))
    assert f"**{expected} of 40 posts**" in captions(app)
    assert app.button(key="drop_hashtags").label == "\\#sun"


@pytest.mark.slow
def test_a_name_opens_as_many_posts_as_it_counts(home: Path) -> None:
    texts = [
        "we had Nordic Bean again",
        "is nordic bean open",
        "try NORDIC BEAN or #rain",
        "such a Nordic Bean day",
    ]
    rows = [
        {"post_id": f"p{row}", "text": text}
        for row, text in enumerate((*texts, "so Nordic Bean is it", "no"))
    ]
    app = open_breakdown(score(new_batch(home.parent, post_frame(rows))), by="names")
    assert shown_table(app)[["value", "amount"]].to_numpy().tolist() == [["Nordic Bean", 5]]
    assert "written with a capital inside sentences" in captions(app)
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert address_of(app)["names"] == "nordic bean"
    assert "**5 of 6 posts**" in captions(app)
    assert app.button(key="drop_names").label == "Name nordic bean"


@pytest.mark.slow
def test_counting_likes_is_in_the_address_and_says_what_is_left_out(tagged: Batch) -> None:
    app = open_breakdown(tagged)
    app.segmented_control(key="counted").set_value("likes").run()
    assert address_of(app)["count"] == "likes"
    found = query.count_values(tagged, EVERY_POST, "hashtags", "likes")
    assert shown_table(app)["amount"].tolist() == found.table["amount"].tolist()
    assert "10 of 40 posts have no known number of likes and are not counted." in captions(app)
    assert any(title.value == "Weekday and hour (UTC), by likes" for title in app.subheader)
    app = app.switch_page(places.OVERVIEW).run()
    assert not app.exception
    assert "Sentiment by topic, by likes" in [title.value for title in app.subheader]
    assert "Shares of likes." in captions(app)
    app.segmented_control(key="counted").set_value("posts").run()
    assert "count" not in app.query_params


@pytest.mark.slow
def test_values_can_be_chosen_sorted_and_searched(tagged: Batch) -> None:
    app = open_breakdown(tagged)
    app.selectbox(key="by").set_value("author").run()
    assert address_of(app)["by"] == "author"
    assert shown_table(app)["value"].tolist() == ["author0", "author1", "author2"]
    app.selectbox(key="breakdown_order").set_value("title").run()
    app.text_input(key=f"breakdown_search_author_{tagged.id}").set_value("R2").run()
    assert shown_table(app)["value"].tolist() == ["author2"]
    posts = query.count_values(tagged, EVERY_POST, "author", search="R2").posts_found
    assert 0 < posts < 40
    assert f"**1 author** that contains “R2” in {posts} of 40 posts." in captions(app)
    app.text_input(key=f"breakdown_search_author_{tagged.id}").set_value("*nobody*").run()
    assert not app.dataframe
    assert "nobody" in app.info[0].value
    assert "*nobody" not in app.info[0].value.replace("\\*", "")


@pytest.mark.slow
def test_words_are_first_sorted_by_how_unusual_they_are(tagged: Batch) -> None:
    app = open_breakdown(tagged, by="words")
    found = query.count_values(tagged, EVERY_POST, "words", order=query.UNUSUAL).table
    assert shown_table(app)["value"].tolist() == found["title"].tolist()
    assert shown_table(app)["times"].tolist() == found["times"].tolist()
    app.selectbox(key="by").set_value("hashtags").run()
    assert query.UNUSUAL not in app.selectbox(key="breakdown_order").options
    assert "times" not in shown_table(app)


@pytest.mark.parametrize(
    ("by", "typed", "shown"),
    [
        ("language", "ENGL", ["English"]),
        ("inputs_used", "text on", ["Text only"]),
        ("hashtags", "#su", ["#Sun"]),
        ("hashtags", " su ", ["#Sun"]),
    ],
)
def test_values_are_found_by_the_name_that_is_shown(
    tagged: Batch, by: str, typed: str, shown: list[str]
) -> None:
    app = open_breakdown(tagged, by=by)
    app.text_input(key=f"breakdown_search_{by}_{tagged.id}").set_value(typed).run()
    assert shown_table(app)["value"].tolist() == shown


def test_topics_are_sorted_by_the_name_that_is_shown(tagged: Batch) -> None:
    app = open_breakdown(tagged, by="topic")
    app.selectbox(key="breakdown_order").set_value("title").run()
    titles = shown_table(app)["value"].tolist()
    assert len(titles) > 1
    assert titles == sorted(titles, key=str.lower)
    assert not any("_" in title for title in titles)


@pytest.mark.parametrize(
    ("points", "expected"),
    [(0.0, "0"), (0.3, "0"), (-0.4, "0"), (12.4, "+12"), (-3.0, "−3"), (float("nan"), "")],
)
def test_net_sentiments_have_a_sign_unless_they_are_zero(points: float, expected: str) -> None:
    assert format_net(points) == expected


def test_long_lists_have_pages(tagged: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    change_settings(monkeypatch, breakdown_values=2)
    app = open_breakdown(tagged, by="author")
    assert len(shown_table(app)) == 2
    app.pagination[0].set_value(2).run()
    assert shown_table(app)["value"].tolist() == ["author2"]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["mentions", "emoji", "domains", "platform"])
def test_a_column_without_values_says_so_and_offers_others(home: Path, by: str) -> None:
    posts = post_frame([{"post_id": f"p{row}", "text": "plain words"} for row in range(5)])
    batch = score(new_batch(home.parent, posts, batch_id="bare"))
    app = open_breakdown(batch, by=by)
    noun = {"mentions": "a mention", "emoji": "an emoji", "domains": "a domain", "platform": "a platform"}[by]
    assert app.info[0].value == f"None of these posts has {noun}."
    offered = {button.key for button in app.button if button.key and button.key.startswith("by_")}
    assert {"by_topic", "by_inputs_used"} <= offered
    assert "by_hashtags" not in offered
    assert "None of these posts has a date." in captions(app)
    assert not app.segmented_control
    app.button(key="by_topic").click().run()
    assert not app.exception
    assert address_of(app)["by"] == "topic"
    assert len(app.dataframe) == 1


def test_the_first_column_with_values_is_shown_at_first(home: Path) -> None:
    posts = post_frame([{"post_id": "a", "text": "see https://www.x.org/a"}, {"post_id": "b", "text": "y"}])
    app = open_breakdown(score(new_batch(home.parent, posts, batch_id="links")))
    assert app.selectbox(key="by").value == "domains"
    assert shown_table(app)["value"].tolist() == ["x.org"]


def test_hostile_hashtags_are_escaped_wherever_markdown_is_rendered(tagged: Batch) -> None:
    app = open_breakdown(
        tagged, hashtags="a![i](https://evil.example/p.png)", authors="<b>:material/home:</b>"
    )
    label = app.button(key="drop_hashtags").label
    assert "![" not in label
    assert "](" not in label.replace("\\]", "").replace("]\\(", "")
    assert "<b>" not in app.button(key="drop_authors").label
    assert ":material/" not in app.button(key="drop_authors").label


@pytest.mark.slow
def test_filters_of_values_are_in_the_filter_bar(tagged: Batch) -> None:
    app = open_filters(open_breakdown(tagged))
    widget = app.multiselect(key="filter_hashtags")
    assert "#Sun" in widget.options
    widget.set_value(["Sun"]).run()
    assert address_of(app)["hashtags"] == "Sun"
    assert "**20 of 40 posts**" in captions(app)
    app.multiselect(key="filter_hours").set_value(["9"]).run()
    expected = query.count_matching_posts(tagged, Filters(hashtags=("sun",), hours=("9",)))
    assert f"**{expected} of 40 posts**" in captions(app)
    assert app.button(key="drop_hours").label == "09\\:\u206000"


def test_bars_of_sentiments_are_pictures_without_text() -> None:
    assert draw_sentiments({"negative": float("nan"), "neutral": 0.0, "positive": 0.0}) is None
    drawn = draw_sentiments({"negative": 50.0, "neutral": 0.0, "positive": 50.0})
    assert drawn is not None
    assert drawn.startswith("data:image/svg+xml;base64,")


@pytest.mark.slow
def test_overview_shows_likes_interactions_and_volume(tagged: Batch) -> None:
    app = app_at(places.OVERVIEW)
    app.query_params["batch"] = tagged.id
    app.run()
    assert not app.exception
    engagement = query.sum_engagement(tagged)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Likes"] == f"{engagement['likes'].total:,}"
    assert shown["Interactions"] == f"{engagement['interactions'].total:,}"
    assert any("Posts per day" in each.proto.body for each in app.get("html"))
    assert "Hour" in app.segmented_control(key="period").options
    app.segmented_control(key="period").set_value("Hour").run()
    assert not app.exception
    assert query.count_by_period(tagged)[0] == "day"
    assert any("Posts per hour" in chart.proto.spec for chart in app.get("plotly_chart"))


@pytest.mark.slow
def test_the_download_has_the_privacy_of_the_report_page(
    tagged: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", str(tagged.folder.parents[1]))
    found: dict[str, dict[str, Any]] = {}
    monkeypatch.setattr("streamlit.download_button", lambda label, **how: found.update({how["key"]: how}))

    def open_with(privacy: PrivacyLevel, by: str) -> AppTest:
        found.clear()
        app = app_at(places.BREAKDOWN)
        app.query_params["batch"], app.query_params["by"] = tagged.id, by
        app.session_state["privacy"] = privacy.title
        return app.run()

    open_with(PrivacyLevel.EVERYTHING, "author")
    assert "author0" in found["download_breakdown"]["data"]().decode()
    app = open_with(PrivacyLevel.PSEUDONYMS, "author")
    content = found["download_breakdown"]["data"]().decode()
    assert "author0" not in content
    assert content.count("user_") == 3
    assert found["download_breakdown"]["file_name"].endswith("-pseudonyms-author.csv")
    assert "Privacy: pseudonyms, as chosen on Report." in captions(app)
    app = open_with(PrivacyLevel.SCORES_ONLY, "author")
    assert not found
    assert "this table cannot be downloaded: it shows more than scores." in captions(app)
    app = open_with(PrivacyLevel.PSEUDONYMS, "words")
    assert not found
    assert "this table cannot be downloaded: it lists words of texts, which may be names" in captions(app)
    open_with(PrivacyLevel.SCORES_ONLY, "topic")
    assert found
