"""Search by meaning, posts like one, and the analyst's custom topics, on pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import query
from analysis.custom_topics import NO_TOPIC
from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.search import find_custom_topics, make_example_target, make_text_target, rank_posts
from analysis.workspace import Batch
from pages.shared import places
from pages.shared.engine import workspace
from tests.pages.conftest import Open, captions, change_settings
from tests.scored import new_batch

pytestmark = pytest.mark.slow


@pytest.fixture
def scored(batch: Batch, tiny_bundle: Bundle) -> Batch:
    """The batch, scored with the model that the pages load."""
    score_batch(batch, tiny_bundle)
    return batch


def test_posts_similar_to_a_query_are_sorted_by_similarity(
    open_page: Open, scored: Batch, tiny_bundle: Bundle
) -> None:
    app = open_page(places.POSTS, batch=scored.id)
    app.text_input(key="meaning").set_value("lovely rain").run()
    assert not app.exception
    assert app.query_params["meaning"] == "lovely rain"
    expected = rank_posts(scored, make_text_target(tiny_bundle, "lovely rain"))
    assert list(app.dataframe[0].value["post_id"]) == list(expected["post_id"])
    app.button(key="drop_near").click().run()
    assert "meaning" not in app.query_params
    assert list(app.dataframe[0].value["post_id"]) == [f"p{i}" for i in range(20)]


def test_a_search_by_meaning_stays_within_the_filters_and_in_links(open_page: Open, scored: Batch) -> None:
    app = open_page(places.POSTS, batch=scored.id, meaning="rain", inputs="text")
    assert set(app.dataframe[0].value["post_id"]) == {"p0", "p4", "p8", "p12", "p16"}
    assert "**5 posts**, most similar first" in captions(app)
    app.text_input(key="filter_search").set_value("SUNSHINE").run()
    assert app.query_params["meaning"] == "rain"
    assert set(app.dataframe[0].value["post_id"]) == {"p0", "p12"}


def test_posts_like_one_are_shown(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, like="p3")
    found = rank_posts(batch, make_example_target([(batch, "p3")]))
    shown = app.dataframe[0].value
    assert list(shown["post_id"]) == list(found["post_id"])
    assert list(shown["similarity"]) == pytest.approx(list(found["similarity"]))
    images = {
        post_id: len(images) > 0 for post_id, images in batch.posts().set_index("post_id")["images"].items()
    }
    pictures = [str(each).startswith("data:image/jpeg") for each in shown["picture"]]
    assert pictures == [images[post_id] for post_id in shown["post_id"]]
    app.segmented_control(key="view").set_value("gallery").run()
    assert [each.value for each in app.caption if each.value.endswith(("(text)", "(image)"))] == [
        f"Similarity {post.similarity:.2f} ({post.match})".replace("-", "−") for post in found.itertuples()
    ]


def test_custom_topics_are_counted_and_open_their_posts(
    open_page: Open, scored: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, custom_topic_from=0.0)
    app = open_page(places.OVERVIEW, batch=scored.id, own_topics=" rain,  good day,, rain")
    assert not app.exception
    assert "Posts by custom topic" in [title.value for title in app.subheader]
    assert "A post counts in each of its topics" in captions(app)
    scored = workspace().open(scored.id)
    scored = scored.with_custom_topics(find_custom_topics(scored, tiny_bundle, ["rain", "good day"]))
    posts = query.read_page(scored).set_index("post_id")["own_topics"]
    for name in ("rain", "good day", NO_TOPIC):
        app = open_page(places.POSTS, batch=scored.id, own_topics="rain, good day", own_topic=name)
        expected = posts[posts.str.contains(name)]
        shown = app.dataframe[0].value.set_index("post_id")["own_topics"] if len(expected) else {}
        assert dict(shown) == dict(expected)
        assert f"**{len(expected)} of 20 posts**" in captions(app)
        assert app.button(key="drop_own_topic").label == name


def test_custom_topics_are_columns_of_the_report_and_the_dictionary(open_page: Open, scored: Batch) -> None:
    app = open_page(places.REPORT, batch=scored.id, own_topics="rain, =1+1")
    assert "own_topics" in app.dataframe[0].value.columns
    app.segmented_control(key="selection").set_value("Probabilities").run()
    assert {"similarity: rain", "similarity: =1+1"} <= set(app.dataframe[0].value.columns)
    shown = app.switch_page(places.DICTIONARY).run().table[0].value["Title"]
    assert {"Custom topics", "Similarity: rain"} <= {
        title.replace("\u2060", "").replace("\\", "") for title in shown
    }


def test_custom_topics_are_kept_when_another_batch_is_chosen(
    open_page: Open, scored: Batch, home: Path, tiny_bundle: Bundle
) -> None:
    other = new_batch(home.parent, batch_id="autumn")
    app = open_page(places.OVERVIEW, batch=scored.id, own_topics="rain", own_topic="rain")
    app.selectbox(key="batch_choice").set_value(other.id).run()
    assert not app.exception
    assert (app.query_params["batch"], app.query_params["own_topics"]) == ("autumn", "rain")
    assert "own_topic" not in app.query_params


def test_custom_topics_of_a_batch_of_another_model_are_an_error(open_page: Open, batch: Batch) -> None:
    app = open_page(places.OVERVIEW, batch=batch.id, own_topics="rain")
    assert not app.exception
    assert "was scored with another model" in app.error[0].value
    assert app.metric


def test_a_batch_without_embeddings_offers_to_be_scored_again(open_page: Open, batch: Batch) -> None:
    batch.clear("embeddings")
    for page in (places.POSTS, places.OVERVIEW):
        app = open_page(page, batch=batch.id, meaning="rain")
        assert not app.exception
        assert not app.error
        assert app.button(key="score_again")


def test_searching_a_batch_of_another_model_shows_a_message(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, meaning="rain")
    assert not app.exception
    assert "was scored with another model" in app.error[0].value


def test_posts_can_be_broken_down_by_custom_topic(
    open_page: Open, scored: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, custom_topic_from=0.0)
    app = open_page(places.BREAKDOWN, batch=scored.id, own_topics="rain, good day", by="own_topics")
    assert not app.exception
    assert app.selectbox(key="by").value == "own_topics"
    table = app.dataframe[0].value
    opened = workspace().open(scored.id)
    named = opened.with_custom_topics(find_custom_topics(opened, tiny_bundle, ["rain", "good day"]))
    expected = query.count_custom_topics(named).groupby("topic")["posts"].sum()
    assert dict(zip(table["value"], table["amount"], strict=True)) == expected.to_dict()
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert app.title[0].value == "Posts"
    assert app.query_params["own_topic"] == table["value"].iloc[0]
