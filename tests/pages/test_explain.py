"""The Explain page: explanations that add up, for every class, and posts that lack a modality."""

from __future__ import annotations

import pytest

from analysis.attribution import Completeness, explain
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions


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

    monkeypatch.setattr(explain, "judge", failed)
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
    text = "\n".join(markdown.value for markdown in app.markdown)
    for title in ("**Most influential words**", "feature ablation", "Grad-CAM"):
        assert title in text
