"""The Explain page: explanations that add up, for every class, and posts that lack a modality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from analysis.attribution import Completeness, explain
from analysis.model.modalities import image, text
from analysis.workspace import Batch
from pages.review import explained
from pages.shared import places
from tests.pages.conftest import Open, captions
from tests.scored import new_batch, score, some_posts


def test_a_post_with_text_and_image_is_explained_by_both(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    assert not app.exception
    assert not app.error
    text = "\n".join(markdown.value for markdown in app.markdown)
    assert "**Words**" in text
    assert "**Image regions**" in text
    assert "The words add up" in captions(app)
    assert "The regions add up" in captions(app)


def test_an_explanation_mentions_that_a_post_has_no_image(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p0")
    assert any("There is no image." in markdown.value for markdown in app.markdown)
    assert "The regions add up" not in captions(app)


def test_metadata_of_a_post_are_on_separate_lines(open_page: Open, home: Path) -> None:
    posts = some_posts()
    posts.loc[0, "author"] = "eve\u202e\nLikes: 9999"
    hostile = score(new_batch(home.parent, posts, batch_id="hostile"))
    app = open_page(places.EXPLAIN, batch=hostile.id, post="p0")
    (known,) = (text.value for text in app.text if text.value.startswith("Author:"))
    assert known.splitlines()[0] == "Author: eve Likes: 9999"
    assert "\u202e" not in known


def test_any_topic_can_be_explained(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    app.selectbox(key="output_p3").select_index(5).run()
    assert not app.exception
    assert any(
        r"raise (solid line) or lower (dashed line) the score for sports \& gaming" in text.value
        for text in app.markdown
    )


def test_the_valence_can_be_explained_and_each_part_shows_its_reliability(
    open_page: Open, batch: Batch
) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    app.selectbox(key="output_p3").select_index(3).run()
    assert not app.exception
    assert any("lower (dashed line) the score for a positive valence" in text.value for text in app.markdown)
    assert captions(app).count("ranking") == 2
    assert "compared with a blank text and a black image" in captions(app)


def test_an_attribution_that_does_not_add_up_is_not_shown(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*_: object) -> Completeness:
        return Completeness(1.0, 0.1, 64, "failed")

    monkeypatch.setattr(explain, "check_attribution_sum", failed)
    app = open_page(places.EXPLAIN, batch=batch.id, post="p1")
    assert [warning.value.split(".")[0] for warning in app.warning] == [
        "Not shown, because the words do not add up",
        "Not shown, because the regions do not add up",
    ]


def test_explain_without_a_post_offers_the_list(open_page: Open) -> None:
    assert "Choose a post from the list" in captions(open_page(places.EXPLAIN))


def test_details_show_words_ablation_and_grad_cam(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    app.session_state["details"] = True
    app.run()
    assert not app.exception
    shown = "\n".join(markdown.value for markdown in app.markdown)
    for title in ("**Most influential words**", "feature ablation", "Grad-CAM"):
        assert title in shown


def test_the_first_view_cleans_decodes_and_encodes_the_post_once(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
    calls: list[str] = []

    def counted(name: str, function: Any) -> Any:
        def count(*given: Any) -> Any:
            calls.append(name)
            return function(*given)

        return count

    for module, name in (
        (explained, "read_stored_image"),
        (image, "encode_pixels"),
        (text, "preprocess_text"),
        (text, "encode_clean_texts"),
    ):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    assert not app.exception
    assert "The words add up" in captions(app)
    assert sorted(calls) == ["encode_clean_texts", "encode_pixels", "preprocess_text", "read_stored_image"]
