"""The Review page and the label panel: labels are stored under the coder's name, blind, and correct the shares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from analysis import query
from analysis.query import EVERY_POST
from analysis.review import compute_random_keys, read_random_seed
from analysis.workspace import Batch, Label, ReviewStore, Workspace
from pages.shared import places
from tests.pages.conftest import app_at, captions, open_at, open_filters
from tests.scored import new_batch, score, some_posts

EVIL = "<b>x</b> ![i](https://evil.example/p.png) :material/home:"


@pytest.fixture
def sixty(home: Path) -> Batch:
    return score(new_batch(home.parent, some_posts(60), batch_id="sixty"))


def store_of(batch: Batch) -> ReviewStore:
    return Workspace(batch.folder.parents[1]).reviews


def open_review(batch: Batch, coder: str = "", section: str = "Label posts", **address: str) -> AppTest:
    state = {"coder": coder} if coder else {}
    return open_at(places.LABELLING, {"batch": batch.id, **address}, review_section=section, **state)


def button_of(app: AppTest, title: str) -> Button:
    """Find the button of a sentiment."""
    return next(each for each in app.button if each.label.endswith(title))


def labels_of(batch: Batch, coder: str) -> dict[int, object]:
    return {
        each.position: each.value for each in store_of(batch).read_labels(batch.id) if each.owner == coder
    }


def in_random_order(batch: Batch) -> list[int]:
    return np.argsort(compute_random_keys(read_random_seed(batch), np.arange(60))).tolist()


def label_all(batch: Batch, coder: str, places_: list[int], value: str = "") -> None:
    sentiments = query.read_arrays(batch, EVERY_POST, ["position", "sentiment"])
    by_place = dict(zip(sentiments["position"].tolist(), sentiments["sentiment"].tolist(), strict=True))
    given = [Label(place, "sentiment", value or by_place[place]) for place in places_]
    store_of(batch).save_labels(batch.id, coder, given)


def test_without_a_name_nothing_can_be_labelled(sixty: Batch) -> None:
    app = open_review(sixty)
    assert button_of(app, "Negative").disabled
    assert app.button(key="label_undo").disabled


@pytest.mark.slow
def test_a_label_is_stored_and_the_next_post_of_the_random_order_is_shown(sixty: Batch) -> None:
    first, second = in_random_order(sixty)[:2]
    app = open_review(sixty, "Ann")
    button_of(app, "Negative").click().run()
    assert labels_of(sixty, "Ann") == {first: "negative"}
    button_of(app, "Positive").click().run()
    assert labels_of(sixty, "Ann") == {first: "negative", second: "positive"}
    assert "You have labelled 2 posts." in captions(app)
    app.button(key="label_undo").click().run()
    assert labels_of(sixty, "Ann") == {first: "negative"}


def test_a_second_coder_starts_with_the_same_post_and_sees_no_labels(sixty: Batch) -> None:
    label_all(sixty, "Ann", in_random_order(sixty)[:5], "negative")
    app = open_review(sixty, "Ben")
    assert not any("Ann" in each.value for each in app.text)
    button_of(app, "Neutral").click().run()
    assert labels_of(sixty, "Ben") == {in_random_order(sixty)[0]: "neutral"}


def test_the_models_scores_are_hidden_until_they_are_asked_for(sixty: Batch) -> None:
    app = open_review(sixty, "Ann")
    assert "Confidence" not in captions(app)
    app.toggle(key="shows_scores").set_value(True).run()
    assert "Confidence" in captions(app)


@pytest.mark.slow
def test_topics_tone_tags_and_notes_are_stored(sixty: Batch) -> None:
    app = open_review(sixty, "Ann")
    place = in_random_order(sixty)[0]
    app.button(key="label_open_topics").click().run()
    topics = next(each for each in app.button_group if each.label == "Topics")
    topics.set_value(["sports_gaming"]).run()
    app.button(key="label_open_note").click().run()
    app.text_area[0].set_value(EVIL).run()
    app.multiselect[-1].set_value(["urgent"]).run()
    stored = {(each.field, each.value) for each in store_of(sixty).read_labels(sixty.id)}
    assert stored == {("topics", ("sports_gaming",)), ("note", EVIL), ("tags", ("urgent",))}
    assert {each.position for each in store_of(sixty).read_labels(sixty.id)} == {place}
    assert app.text_area[0].value == EVIL


@pytest.mark.slow
def test_none_of_these_excludes_other_topics(sixty: Batch) -> None:
    app = open_review(sixty, "Ann")
    app.button(key="label_open_topics").click().run()
    for values in (["sports_gaming"], ["sports_gaming", "none"]):
        next(each for each in app.button_group if each.label == "Topics").set_value(values).run()
    assert [each.value for each in store_of(sixty).read_labels(sixty.id)] == [("none",)]


@pytest.mark.slow
def test_corrected_shares_need_thirty_labels_and_then_stand_on_overview_too(sixty: Batch) -> None:
    order = in_random_order(sixty)
    label_all(sixty, "Ann", order[:29])
    app = open_review(sixty, section="Corrected shares")
    assert "Label 1 more of the random sample" in captions(app)
    label_all(sixty, "Ann", order[29:40])
    table = open_review(sixty, section="Corrected shares").dataframe[0].value
    assert table["Class"].tolist() == ["Negative", "Neutral", "Positive"]
    assert table["Model is right"].tolist() == ["40 of 40"] * 3
    overview = app_at(places.OVERVIEW)
    overview.query_params["batch"] = sixty.id
    overview.run()
    assert any("Corrected by labels of 40 posts" in each.value for each in overview.markdown)


def test_agreement_names_every_two_coders(sixty: Batch) -> None:
    order = in_random_order(sixty)
    label_all(sixty, "Ann", order[:20])
    app = open_review(sixty, section="Agreement")
    assert "second coder" in app.info[0].value
    label_all(sixty, "Ben", order[:20])
    label_all(sixty, "Ben", order[:2], "unsure")
    app = open_review(sixty, section="Agreement")
    table = app.dataframe[0].value
    assert table["Compared"].tolist()[:2] == ["Sentiment: all coders", "Sentiment: Ann and Ben"]
    assert table["Posts with two labels"].tolist()[:2] == ["20", "20"]
    assert table["Same label"].tolist()[:2] == ["90 % (70 to 97 %)"] * 2
    assert "disagree on the sentiment of 2 posts" in captions(app)


@pytest.mark.slow
def test_a_disagreement_is_decided(sixty: Batch) -> None:
    place = in_random_order(sixty)[7]
    label_all(sixty, "Ann", [place], "negative")
    label_all(sixty, "Ben", [place], "positive")
    app = open_review(sixty, "Cy")
    app.selectbox(key="queue_order").set_value("disagreements").run()
    assert [each.value for each in app.text][:2] == ["Ann: ▼ Negative", "Ben: ▲ Positive"]
    button_of(app, "Neutral").click().run()
    assert Workspace(sixty.folder.parents[1]).open(sixty.id).labels.final("sentiment") == {place: "neutral"}
    assert "No coders disagree" in app.success[0].value


def test_history_lists_changes_with_ids(sixty: Batch) -> None:
    label_all(sixty, "Ann", [3], "negative")
    table: pd.DataFrame = open_review(sixty, section="Import and history").dataframe[0].value
    row = table.iloc[0].to_dict()
    assert (row["Coder"], row["Post ID"], row["After"], row["How"]) == ("Ann", "p3", "negative", "labelled")


def test_labels_of_a_file_are_added(sixty: Batch) -> None:
    app = open_review(sixty, section="Import and history")
    content = b"post_id,sentiment,coder\np1,positive,Dee\np2,wrong,Dee\np999,negative,Dee\n"
    app.file_uploader[0].upload("labels.csv", content, "text/csv").run()
    assert not app.error
    assert app.dataframe[0].value["Row"].tolist() == [2, 3]
    next(each for each in app.button if each.label.startswith("Add labels of")).click().run()
    assert labels_of(sixty, "Dee") == {1: "positive"}


def test_a_file_that_is_no_table_is_refused_by_name(sixty: Batch) -> None:
    app = open_review(sixty, section="Import and history")
    app.file_uploader[0].upload("labels.pdf", b"%PDF-1.4 nothing", "application/pdf").run()
    assert "labels" in app.error[0].value


def test_a_post_is_labelled_on_explain(sixty: Batch) -> None:
    app = app_at(places.EXPLAIN)
    app.query_params["batch"], app.query_params["post"] = sixty.id, "p4"
    app.session_state["coder"] = "Ann"
    app.session_state["label_panel"] = True
    app.run()
    button_of(app, "Neutral").click().run()
    assert labels_of(sixty, "Ann") == {4: "neutral"}
    button_of(app, "Neutral").click().run()
    assert labels_of(sixty, "Ann") == {}


@pytest.mark.slow
def test_tags_are_a_filter(sixty: Batch) -> None:
    store_of(sixty).save_labels(sixty.id, "Ann", [Label(5, "tags", ("urgent",))])
    app = open_filters(open_review(sixty))
    assert app.multiselect(key="filter_tags").options == ["urgent"]
    app.multiselect(key="filter_tags").set_value(["urgent"]).run()
    app = open_review(sixty, tags="urgent")
    assert "1 of 60 posts" in captions(app)


@pytest.mark.slow
def test_a_filter_by_labels_gives_no_corrected_shares_and_says_why(sixty: Batch) -> None:
    label_all(sixty, "Ann", in_random_order(sixty)[:40])
    reason = "the filter “Review” selects posts by what people labelled"
    for app in (
        open_at(places.OVERVIEW, {"batch": sixty.id, "review": "agreed"}),
        open_review(sixty, section="Corrected shares", review="agreed"),
        open_review(sixty, review="agreed"),
    ):
        assert reason in captions(app)
        assert not any("Corrected by labels" in each.value for each in app.markdown)


def test_a_label_for_a_batch_that_was_deleted_meanwhile_is_an_error(sixty: Batch) -> None:
    app = open_review(sixty, "Ann")
    Workspace(sixty.folder.parents[1]).delete(sixty.id)
    button_of(app, "Negative").click().run()
    assert any("was deleted" in each.value for each in app.error)
    assert store_of(sixty).read_changes(sixty.id) == []
