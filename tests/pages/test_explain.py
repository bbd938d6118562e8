"""The Explain page: explanations that add up, for every class, and posts that lack a modality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.attribution import Completeness, Output, explain
from analysis.exporters import html
from analysis.model.modalities import image, text
from analysis.query import EVERY_POST
from analysis.workspace import Batch
from pages.review import explained
from pages.review.explained import content_of
from pages.shared import labels, places
from tests.pages.conftest import Open, captions
from tests.scored import new_batch, score, some_posts


def test_a_post_with_text_and_image_is_explained_by_both(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    assert not app.exception
    assert not app.error
    assert [header.value for header in app.header] == [r"Not sure, closest to negative, like an empty post\."]
    assert any("for negative" in each.proto.body for each in app.get("html"))
    assert "The words add up" in captions(app)
    assert "The regions add up" in captions(app)


def test_the_stored_reason_is_shown_before_the_model_is_loaded(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explained, "ledger_of", lambda *_: st.stop())  # as if the model took forever
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    (shown,) = [header.value for header in app.header]
    assert shown == labels.reason(batch, query.read_post(batch, "p3"))
    assert shown.startswith("Not sure, closest to negative")


def show_evidence(app: AppTest) -> AppTest:
    app.session_state["evidence"] = True
    return app.run()


def test_highlights_can_be_turned_off(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    text = query.read_post(batch, "p3")["text"]
    assert text not in [each.value for each in app.text]
    app.toggle(key="highlights").set_value(False).run()
    assert text in [each.value for each in app.text]
    assert "speaks for" not in captions(app)


def test_a_language_that_is_not_covered_is_named_above_the_post(open_page: Open, batch: Batch) -> None:
    posts = query.read_page(batch, EVERY_POST)
    for covered, warnings in ((False, [labels.other_language()]), (True, [])):
        post_id = posts.loc[posts["in_language"].eq(covered), "post_id"].iloc[0]
        app = open_page(places.EXPLAIN, batch=batch.id, post=post_id)
        assert [warning.value for warning in app.warning] == warnings


def test_an_explanation_mentions_that_a_post_has_no_image(open_page: Open, batch: Batch) -> None:
    app = show_evidence(open_page(places.EXPLAIN, batch=batch.id, post="p0"))
    assert any("There is no image" in markdown.value for markdown in app.markdown)
    assert "The regions add up" not in captions(app)


def test_metadata_of_a_post_are_on_separate_lines(open_page: Open, home: Path) -> None:
    posts = some_posts()
    posts.loc[0, "author"] = "eve\u202e\nLikes: 9999"
    hostile = score(new_batch(home.parent, posts, batch_id="hostile"))
    app = open_page(places.EXPLAIN, batch=hostile.id, post="p0")
    (known,) = (text.value for text in app.text if text.value.startswith("Author:"))
    assert known.splitlines()[0] == "Author: eve Likes: 9999"
    assert "\u202e" not in known


@pytest.mark.slow
def test_any_topic_can_be_explained(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    app.selectbox(key="output_p3").select_index(5).run()
    assert not app.exception
    assert r"the effect on the score for sports \& gaming" in captions(app)
    assert r"sports \& gaming" in app.header[0].value


@pytest.mark.slow
def test_the_valence_can_be_explained_and_each_part_shows_its_reliability(
    open_page: Open, batch: Batch
) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    app.selectbox(key="output_p3").select_index(3).run()
    assert not app.exception
    assert "the effect on the score for a positive valence" in captions(app)
    assert captions(app).count("ranking") == 2
    show_evidence(app)
    assert "compared with a blank text and a black image" in captions(app)


@pytest.mark.slow
def test_an_attribution_that_does_not_add_up_is_not_shown(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*_: object) -> Completeness:
        return Completeness(1.0, 0.1, 64, "failed")

    monkeypatch.setattr(explain, "check_attribution_sum", failed)
    app = open_page(places.EXPLAIN, batch=batch.id, post="p1")
    assert [warning.value.split(".")[0] for warning in app.warning] == [
        "Not highlighted, because the words do not add up",
        "Not highlighted, because the regions do not add up",
    ]


def test_explain_without_a_post_offers_the_list(open_page: Open) -> None:
    assert "Choose a post from the list" in captions(open_page(places.EXPLAIN))


@pytest.mark.slow
def test_details_show_words_ablation_and_grad_cam(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    app.session_state["details"] = True
    app.run()
    assert not app.exception
    shown = "\n".join(markdown.value for markdown in app.markdown)
    for title in ("**Most influential words**", "feature ablation", "Grad-CAM"):
        assert title in shown


@pytest.mark.slow
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


def refuse(*_: object) -> None:
    raise AssertionError("this takes a second")


@pytest.mark.slow
def test_an_additive_model_is_explained_without_gradients_or_checks(
    open_page: Open, sums: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "attribute_until_complete", refuse)
    monkeypatch.setattr(explained, "check_explanation", refuse)
    app = show_evidence(open_page(places.EXPLAIN, batch=sums.id, post="p3"))
    assert not app.exception
    shown = "\n".join(markdown.value for markdown in app.markdown)
    assert "Compared with the average post with text and image, the" in shown
    assert "interaction" not in shown
    assert "The words add up to" in captions(app)
    assert "logits of the image, exactly." in captions(app)
    assert "integrated gradients" not in shown + captions(app)
    assert any(caption.help and "class activation mapping" in caption.help for caption in app.caption)


@pytest.mark.slow
def test_verify_shows_integrated_gradients_and_how_well_they_agree(open_page: Open, sums: Batch) -> None:
    app = show_evidence(open_page(places.EXPLAIN, batch=sums.id, post="p3"))
    verify = next(button for button in app.button if button.label == "Verify")
    verify.click().run()
    assert not app.exception
    shown = "\n".join(markdown.value for markdown in app.markdown)
    assert "**The same words by integrated gradients**" in shown
    assert "**The same regions by integrated gradients**" in shown
    assert captions(app).count("rank correlation") == 2
    assert "which words of the post itself led to the score" in captions(app)
    assert captions(app).count("ranking") == 4  # of words and regions, by both methods
    assert "compared with a blank text and a black image" in captions(app)
    assert "Verify" not in [button.label for button in app.button]
    app.selectbox(key="output_p3").select_index(3).run()
    assert "Verify" in [button.label for button in app.button]  # it was another output


@pytest.mark.slow
def test_a_mix_has_nothing_to_verify(open_page: Open, batch: Batch) -> None:
    app = show_evidence(open_page(places.EXPLAIN, batch=batch.id, post="p3"))
    assert "Verify" not in [button.label for button in app.button]
    assert "average post" not in "\n".join(markdown.value for markdown in app.markdown)


@pytest.mark.slow
def test_a_score_that_does_not_depend_on_the_image_says_so(open_page: Open, sums: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=sums.id, post="p3")
    emotion = next(
        index for index, name in enumerate(app.selectbox(key="output_p3").options) if "Joy" in name
    )
    show_evidence(app.selectbox(key="output_p3").select_index(emotion).run())
    assert not app.exception
    assert "The score does not depend on the image." in captions(app)
    assert "the image" not in app.header[0].value


@pytest.mark.slow
def test_a_download_contains_the_verification_that_is_shown(sums: Batch) -> None:
    post = query.read_post(sums, "p3")
    for is_verified in (False, True):
        page = content_of(sums, post, Output("sentiment", "positive"), html.EXPORTER, is_verified).decode()
        assert ("Verified by integrated gradients" in page) == is_verified
