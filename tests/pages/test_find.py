"""Find on the Posts page: by marked posts and by a picture, in one batch or in all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from analysis.intake import InputFile, read_image_in_worker
from analysis.model import Bundle
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.search import make_example_target, make_image_target, rank_posts
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions, change_settings
from tests.scored import new_batch, score, some_posts

PNG = io.BytesIO()
Image.new("RGB", (40, 30), "orange").save(PNG, "PNG")


@pytest.fixture
def autumn(home: Path) -> Batch:
    """A second batch, with some of the texts of the first."""
    return score(new_batch(home.parent, some_posts(6), batch_id="autumn"))


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return list(app.dataframe[0].value["post_id"])


def mark(app: AppTest, key: str, post_id: str) -> AppTest:
    """Mark a post in the gallery: by the key M or X."""
    app.segmented_control(key="view").set_value("gallery").run()
    app.button(key=f"mark_{key}_spring_{post_id}").click().run()
    return app.segmented_control(key="view").set_value("table").run()


@pytest.mark.slow
def test_posts_are_ranked_by_marked_ones_within_the_filters(open_page: Open, batch: Batch) -> None:
    app = mark(open_page(places.POSTS, batch=batch.id), "x", "p1")
    assert app.button(key="rank_by_marks").disabled  # nothing that posts should be like
    app = mark(mark(app, "m", "p3"), "m", "p4")
    app.button(key="rank_by_marks").click().run()
    target = make_example_target([(batch, "p3"), (batch, "p4")], [(batch, "p1")])
    expected = rank_posts(batch, target)
    assert shown(app) == list(expected["post_id"])
    assert list(app.dataframe[0].value["similarity"]) == pytest.approx(list(expected["similarity"]))
    assert not {"p1", "p3", "p4"} & set(shown(app))
    app.text_input(key="filter_search").set_value("SUNSHINE").run()
    assert shown(app) == list(rank_posts(batch, target, Filters(search="SUNSHINE"))["post_id"])


@pytest.mark.slow
def test_marks_are_chips_that_can_be_removed(open_page: Open, batch: Batch) -> None:
    app = mark(mark(open_page(places.POSTS, batch=batch.id), "m", "p3"), "m", "p4")
    app.button(key="rank_by_marks").click().run()
    app.button(key="drop_mark_0").click().run()
    assert shown(app) == list(rank_posts(batch, make_example_target([(batch, "p4")]))["post_id"])
    app = mark(app, "m", "p3")
    assert app.button(key="drop_mark_1")
    app.button(key="drop_all_marks").click().run()
    assert len(shown(app)) == 20
    assert "rank_by_marks" not in {button.key for button in app.button}


@pytest.mark.slow
def test_a_mark_is_changed_and_removed_by_its_buttons(open_page: Open, batch: Batch) -> None:
    app = mark(open_page(places.POSTS, batch=batch.id), "m", "p3")
    assert ":material/thumb_up:" in app.button(key="drop_mark_0").label
    app = mark(app, "x", "p3")
    assert ":material/thumb_down:" in app.button(key="drop_mark_0").label
    app = mark(app, "x", "p3")
    assert "drop_mark_0" not in {button.key for button in app.button}


@pytest.mark.slow
def test_the_number_of_marks_is_limited(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, max_marked_posts=1)
    app = mark(open_page(places.POSTS, batch=batch.id), "m", "p3")
    app.segmented_control(key="view").set_value("gallery").run()
    assert app.button(key="mark_m_spring_p4").disabled
    assert not app.button(key="mark_x_spring_p3").disabled


def test_hostile_texts_of_marked_posts_are_shown_as_they_are(open_page: Open, home: Path) -> None:
    text = "[x](https://evil.example) **b** <b>"
    batch = score(
        new_batch(home.parent, post_frame([{"post_id": "p0", "text": text}] * 1), batch_id="hostile")
    )
    app = open_page(places.POSTS, batch=batch.id)
    app.segmented_control(key="view").set_value("gallery").run()
    app.button(key="mark_m_hostile_p0").click().run()
    label = app.button(key="drop_mark_0").label
    assert "](https" not in label
    assert "**b**" not in label


@pytest.mark.slow
def test_words_are_searched_in_all_batches(open_page: Open, batch: Batch, autumn: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, search="sunshine")
    app.toggle(key="all_batches").set_value(True).run()
    assert app.query_params["all_batches"] == "yes"
    table = app.dataframe[0].value
    assert list(zip(table["batch_name"], table["post_id"], strict=True)) == [
        *(("Spring", post_id) for post_id in ("p0", "p3", "p9", "p12", "p15")),
        ("Spring (2)", "p0"),
        ("Spring (2)", "p3"),
    ]
    assert "**7 posts** of 2 batches, one batch after the other" in captions(app)
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [6], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert app.button(key="panel_close")
    assert app.button(key="mark_m_autumn_p3")


@pytest.mark.slow
def test_similar_posts_of_all_batches_are_ranked_together(
    open_page: Open, batch: Batch, autumn: Batch
) -> None:
    app = open_page(places.POSTS, batch=batch.id, like="p3", all_batches="yes")
    target = make_example_target([(batch, "p3")])
    ranked = [(each.manifest.name, *post) for each in (batch, autumn)
              for post in rank_posts(each, target)[["similarity", "post_id"]].itertuples(index=False)]  # fmt: skip
    ranked.sort(key=lambda post: -post[1])
    table = app.dataframe[0].value
    assert list(zip(table["batch_name"], table["post_id"], strict=True)) == [
        (name, post_id) for name, _, post_id in ranked
    ]
    autumn.clear("embeddings")
    app = open_page(places.POSTS, batch=batch.id, like="p3", all_batches="yes")
    assert "batch_name" not in app.dataframe[0].value or set(app.dataframe[0].value["batch_name"]) == {
        "Spring"
    }
    assert "Not searched, as scored with another model or without embeddings: “Spring" in captions(app)


def test_posts_are_ranked_by_similarity_to_a_post_of_another_batch(
    open_page: Open, batch: Batch, autumn: Batch
) -> None:
    app = open_page(places.POSTS, batch=batch.id, like="p3", like_batch=autumn.id)
    assert shown(app) == list(rank_posts(batch, make_example_target([(autumn, "p3")]))["post_id"])


def test_a_search_without_results_says_so_and_ends_with_a_click(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, batch=batch.id, like="nowhere")
    assert not app.exception
    assert "No posts were found" in app.info[0].value
    app.button(key="end_search").click().run()
    assert len(shown(app)) == 20


@pytest.mark.slow
def test_posts_are_ranked_by_similarity_to_a_picture(
    open_page: Open, batch: Batch, tiny_bundle: Bundle
) -> None:
    score_batch(batch, tiny_bundle)
    app = open_page(places.POSTS, batch=batch.id, inputs=["image", "both"])
    app.segmented_control(key="find_by").set_value("picture").run()
    app.file_uploader(key="picture_0").set_value(("sun.png", PNG.getvalue(), "image/png")).run()
    assert not app.error
    image = read_image_in_worker(InputFile("sun.png", PNG.getvalue()))
    target = make_image_target(tiny_bundle, image)
    assert shown(app) == list(rank_posts(batch, target, Filters(inputs=("image", "both")))["post_id"])
    address = dict(app.query_params)
    app.button(key="drop_near").click().run()
    assert "picture" not in app.query_params
    later = open_page(places.POSTS, batch=batch.id, picture=address["picture"])
    assert "no longer open" in later.info[0].value
    assert len(shown(later)) == 20


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\x89PNG\r\n\x1a\n not an image", "damaged or truncated"), (b"not an image", "is not an image")],
)
def test_a_file_that_is_not_an_image_is_refused_with_a_reason(
    open_page: Open, batch: Batch, content: bytes, reason: str
) -> None:
    app = open_page(places.POSTS, batch=batch.id)
    app.segmented_control(key="find_by").set_value("picture").run()
    app.file_uploader(key="picture_0").set_value(("sun.png", content, "image/png")).run()
    assert reason in app.error[0].value
    assert len(shown(app)) == 20
