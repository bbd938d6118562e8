"""Every page on a scored batch: it opens, shows the right numbers, and leads to the right posts."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.model import Bundle
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch, Workspace
from pages.shared import places
from pages.shared.messages import plain
from tests.pages.conftest import APP, Open, captions, change_settings
from tests.scored import checked, new_batch, scores_of

PAGES = [
    places.UPLOAD,
    places.OVERVIEW,
    places.BREAKDOWN,
    places.TRENDS,
    places.THEMES,
    places.TOPICS,
    places.COMPARE,
    places.POSTS,
    places.REASONS,
    places.EXPLAIN,
    places.LABELLING,
    places.REPORT,
    places.DICTIONARY,
    places.CARD,
]


def link_labels(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_without_error(open_page: Open, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert not app.error
    assert app.title


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_the_docstring_of_a_constant(page: str) -> None:
    body = ast.parse((APP.parent / page).read_text(encoding="utf-8")).body
    shown = [
        node.lineno
        for node in body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    assert shown == [], "Streamlit shows such strings on the page; write a comment"


@pytest.mark.slow
def test_overview_numbers_are_those_of_the_posts(open_page: Open, batch: Batch) -> None:
    app = open_page(places.OVERVIEW)
    shown = {metric.label: metric.value for metric in app.metric}
    totals = query.compute_totals(batch)
    negative, positive = (
        query.count_matching_posts(batch, Filters(sentiments=(name,))) for name in ("negative", "positive")
    )
    assert shown["Posts"] == "20"
    assert shown["Net sentiment"] == f"{5 * (positive - negative):+d}".replace("-", "−")
    low, high = (round(100 * limit) for limit in query.compute_share_interval(negative, totals.scored))
    assert f"▼ Negative **{5 * negative} % ({low} to {high} %)**" in link_labels(app)
    assert f"Not sure **{totals.uncertain} of 20 posts**" in link_labels(app)


@pytest.mark.slow
def test_address_filters_every_page_that_shows_posts(open_page: Open, batch: Batch) -> None:
    found = query.count_matching_posts(batch, Filters(sentiments=("negative",)))
    for page in (places.OVERVIEW, places.POSTS, places.REPORT):
        app = open_page(page, batch=batch.id, sentiments="negative")
        assert f"**{found} of 20 posts**" in captions(app)


@pytest.mark.slow
def test_posts_show_top_words_if_there_are_any(
    open_page: Open, batch: Batch, home: Path, tiny_bundle: Bundle
) -> None:
    app = open_page(places.POSTS, batch=batch.id)
    table = app.dataframe[0].value
    assert set(table["top_words"]) == {"@rain +0.42, sun −0.10"}
    assert "image_map" not in table
    without = new_batch(home.parent, batch_id="without")
    score_batch(without, tiny_bundle)
    assert "top_words" not in open_page(places.POSTS, batch=without.id).dataframe[0].value


@pytest.mark.slow
def test_overview_links_emotions_tones_and_other_languages_to_their_posts(
    open_page: Open, batch: Batch
) -> None:
    app = open_page(places.OVERVIEW)
    shown = [label.partition(" **")[0] for label in link_labels(app)]
    tones = query.count_tones(batch).set_index("tone")
    ironic = tones.loc["irony"]
    assert f"Ironic **{ironic['posts']} of {ironic['judged']} posts**" in link_labels(app)
    assert {"Offensive", "Hate", "Other language"} <= set(shown)
    assert "Emotions" in [title.value for title in app.subheader]
    for address, filters in (
        ({"tones": ["irony", "hate"]}, Filters(tones=("irony", "hate"))),
        ({"emotions": "joy"}, Filters(emotions=("joy",))),
        ({"other_language": "yes"}, Filters(other_language=True)),
    ):
        app = open_page(places.POSTS, batch=batch.id, **address)
        found = query.count_matching_posts(batch, filters)
        assert 0 < found < 20
        assert f"**{found} of 20 posts**" in captions(app)
        assert set(app.dataframe[0].value["post_id"]) == set(query.read_page(batch, filters)["post_id"])


@pytest.mark.slow
def test_near_copies_are_counted_linked_and_can_be_excluded(
    open_page: Open, home: Path, tiny_bundle: Bundle
) -> None:
    rows = [{"post_id": f"p{n}", "text": "A good day for all" + "!" * (n % 2) * n} for n in range(4)]
    rows[2]["text"] = "A bad day for us"
    batch = Workspace(home).create(checked(post_frame(rows)), home, "Repeated")
    score_batch(batch, tiny_bundle)
    app = open_page(places.OVERVIEW, batch=batch.id)
    assert "Near copies **2 of 4 posts**" in link_labels(app)
    for requested, kept in (("yes", ["p1", "p3"]), ("no", ["p0", "p2"])):
        app = open_page(places.POSTS, batch=batch.id, near_copy=requested)
        assert list(app.dataframe[0].value["post_id"]) == kept
    dropped = next(button for button in app.button if button.label == "Without near copies").click().run()
    assert len(dropped.dataframe[0].value) == 4


def test_posts_show_emotion_tone_and_language(open_page: Open, batch: Batch) -> None:
    shown = open_page(places.POSTS).dataframe[0].value.set_index("post_id")
    for post in query.read_page(batch).to_dict("records"):
        row = shown.loc[post["post_id"]]
        assert ("Ironic" in row["tones"]) == (post["p_irony"] > 0.75)
        emotion = {"anger": "Anger", "joy": "Joy", "unclear": "No clear emotion"}.get(post["emotion"])
        assert row["emotion"] == emotion if emotion else pd.isna(row["emotion"])


@pytest.mark.slow
def test_a_batch_without_tone_scores_shows_no_tones(open_page: Open, batch: Batch) -> None:
    tone = ["emotion", "p_anger", "p_joy", "p_irony", "p_offensive", "p_hate"]
    batch.clear("embeddings")
    batch.write_part(
        "scores", 0, scores_of(batch.posts()).drop(columns=tone).assign(language=None, in_language=None)
    )
    for page in PAGES:
        app = open_page(page, batch=batch.id)
        assert not app.exception
        assert not app.error
        assert not any(label.startswith(("Ironic", "Other language")) for label in link_labels(app))
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    assert not app.exception


@pytest.mark.slow
def test_charts_are_drawn_once_the_browser_has_drawn_the_rest(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = SimpleNamespace(drawn=None)
    monkeypatch.setattr("pages.components.deferred._send_signal", lambda **_: drawn)
    app = open_page(places.OVERVIEW)
    assert app.header
    assert not app.get("plotly_chart")
    drawn.drawn = True
    assert app.run().get("plotly_chart")
    drawn.drawn = None  # the signal of another page; the session has drawn charts before
    assert app.run().get("plotly_chart")


@pytest.mark.slow
def test_the_period_of_the_chart_over_time_can_be_chosen(open_page: Open) -> None:
    app = open_page(places.OVERVIEW)
    before = app.get("plotly_chart")[0].proto.spec
    app.segmented_control(key="period").set_value("Month").run()
    assert not app.exception
    after = app.get("plotly_chart")[0].proto.spec
    assert "Posts per month" in after
    assert "Posts per month" not in before


def choose_row(app: AppTest, row: int) -> AppTest:
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def shown_ids(app: AppTest) -> list[str]:
    return [text.value.rsplit("ID: ", 1)[1] for text in app.text if "\nID: " in text.value]


def test_choosing_a_row_shows_its_post_and_the_reason(open_page: Open) -> None:
    app = choose_row(open_page(places.POSTS), 3)
    assert not app.exception
    assert shown_ids(app) == ["p3"]
    assert [header.value.split(",")[0] for header in app.header] == ["Not sure"]


@pytest.mark.slow
def test_the_next_and_the_previous_row_open_from_the_panel(open_page: Open) -> None:
    app = choose_row(open_page(places.POSTS), 18)
    app.button(key="panel_j").click().run()
    assert shown_ids(app) == ["p19"]
    assert app.button(key="panel_j").disabled
    app.button(key="panel_k").click().run()
    app.button(key="panel_k").click().run()
    assert shown_ids(app) == ["p17"]
    app.button(key="panel_close").click().run()
    assert shown_ids(app) == []
    assert shown_ids(choose_row(app, 18)) == []  # the row is still chosen, not chosen again
    assert shown_ids(choose_row(app, 0)) == ["p0"]


@pytest.mark.slow
def test_another_list_of_posts_does_not_open_the_post_of_the_same_row(open_page: Open) -> None:
    app = choose_row(open_page(places.POSTS), 3)
    app.selectbox(key="order").set_value(("valence", False)).run()
    assert shown_ids(app) in ([], ["p3"])


def test_rows_have_small_pictures(open_page: Open) -> None:
    app = open_page(places.POSTS)
    pictures = app.dataframe[0].value["picture"]
    assert pictures.notna().any()
    assert pictures.dropna().str.startswith("data:image/jpeg;base64,").all()


def test_posts_are_sorted_as_chosen(open_page: Open) -> None:
    app = open_page(places.POSTS)
    app.selectbox(key="order").set_value(("valence", False)).run()
    valences = app.dataframe[0].value["valence"]
    assert valences.is_monotonic_increasing
    assert app.query_params["sort"] == "valence"


def test_gallery_shows_at_most_one_page(open_page: Open) -> None:
    app = open_page(places.POSTS)
    app.segmented_control(key="view").set_value("gallery").run()
    assert sum(link.proto.label == "Full explanation" for link in app.get("page_link")) == 20


def test_unknown_batch_is_named_with_what_to_do(open_page: Open) -> None:
    app = open_page(places.POSTS, batch="nowhere")
    assert not app.exception
    assert "does not exist" in app.error[0].value


def test_unknown_post_is_named_with_what_to_do(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="<b>p99</b>")
    assert not app.exception
    assert "is not in the batch" in app.error[0].value
    assert "<b>" not in app.error[0].value.replace("\\", "\0")


def test_dictionary_search_finds_columns_by_their_meaning(open_page: Open) -> None:
    app = open_page(places.DICTIONARY)
    app.text_input(key="dictionary_search").set_value("shapley").run()
    table: pd.DataFrame = app.table[0].value
    assert {plain("phi_text"), plain("phi_image")} <= set(table["Column"])
    assert "author" not in set(table["Column"])


def test_batch_is_renamed(open_page: Open, batch: Batch) -> None:
    app = open_page(places.UPLOAD)
    app.text_input(key=f"name_{batch.id}").set_value("Autumn").run()
    app.button(key=f"rename_{batch.id}").click().run()
    assert app.selectbox(key="batch_choice").options == ["Autumn (20 posts)"]


def test_batch_is_deleted_only_after_it_is_confirmed(open_page: Open, batch: Batch) -> None:
    app = open_page(places.UPLOAD)
    app.button(key=f"delete_{batch.id}").click().run()
    assert batch.folder.exists()
    app.button(key="delete_for_good").click().run()
    assert not batch.folder.exists()
    assert not app.exception


def test_unfinished_batch_shows_progress_and_can_be_resumed(open_page: Open, batch: Batch) -> None:
    batch.clear("scores")
    app = open_page(places.OVERVIEW)
    assert "Scored 0 of 20 posts" in captions(app)
    assert app.button(key="resume").label == "Score"


def test_scores_of_another_model_are_named(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    assert "Scored with another model (compact" in captions(app)


@pytest.mark.slow
def test_a_workspace_may_have_other_limits_for_the_warnings_of_the_overview(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, uncertain = "There are only 20 posts", "Many of these predictions are uncertain"
    change_settings(monkeypatch, shares_from=21, max_uncertain=1.0)
    shown = captions(open_page(places.OVERVIEW))
    assert few in shown
    assert uncertain not in shown
    change_settings(monkeypatch, shares_from=20, max_uncertain=0.0)
    shown = captions(open_page(places.OVERVIEW))
    assert few not in shown
    assert uncertain in shown
