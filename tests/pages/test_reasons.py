"""The Reasons page: its numbers are those of the posts, and the effect of images is measured on demand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis import query
from analysis.model import Bundle
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import Open, captions, wait_for_job
from tests.scored import new_batch


def test_posts_with_a_conflict_are_shown_with_a_link_to_all_of_them(open_page: Open, batch: Batch) -> None:
    app = open_page(places.REASONS)
    assert not app.exception
    counts = query.count_by_deciding_modality(batch)
    assert sum(counts.values()) > 0
    assert "Text alone" in captions(app)
    for modality, count in counts.items():
        assert query.count_matching_posts(batch, Filters(decided_by=(modality,))) == count


@pytest.mark.slow
def test_the_effect_of_images_is_measured_on_demand(open_page: Open) -> None:
    app = open_page(places.REASONS)
    assert len(app.metric) == 0
    button = next(button for button in app.button if button.label.startswith("Measure on"))
    button.click().run()
    assert not app.exception
    assert [metric.label for metric in app.metric] == [
        "With another image",
        "With another text",
        "Without interaction",
    ]
    assert all(metric.value.endswith("%") for metric in app.metric)


def test_posts_of_one_modality_have_nothing_to_compare(open_page: Open) -> None:
    app = open_page(places.REASONS, inputs="text")
    assert not app.exception
    assert "nothing to compare" in captions(app)


def test_a_filter_by_the_deciding_modality_hides_the_other(open_page: Open) -> None:
    app = open_page(places.REASONS, decided_by="image")
    assert not app.exception
    titles = [title.value for title in app.subheader]
    assert "Image outweighed text" in titles
    assert "Text outweighed image" not in titles


def test_the_filter_by_the_deciding_modality_is_in_the_address(open_page: Open, batch: Batch) -> None:
    app = open_page(places.POSTS, decided_by="image")
    count = query.count_matching_posts(batch, Filters(decided_by=("image",)))
    assert f"**{count} of 20 posts**" in captions(app)


def test_words_of_an_additive_model_are_there_at_once(open_page: Open, sums: Batch) -> None:
    app = open_page(places.REASONS, batch=sums.id)
    assert not app.exception
    assert "Report page" not in captions(app)
    app = open_page(places.REASONS, batch=sums.id, search="p0")
    assert "No word is among the top words of at least two posts." in captions(app)
    assert "Report page" not in captions(app)


@pytest.mark.slow
def test_words_that_are_missing_can_be_computed_here(
    home: Path, tiny_bundle: Bundle, open_page: Open
) -> None:
    batch = new_batch(home.parent, batch_id="without")
    score_batch(batch, tiny_bundle)
    app = open_page(places.REASONS, batch=batch.id)
    assert "The most influential words are missing" in captions(app)
    app.button(key="compute_words").click().run()
    wait_for_job(batch.id)
    assert batch.has_part("words", 0)
    assert "The most influential words are missing" not in captions(app.run())


def test_posts_are_shown_before_the_browser_has_loaded_charts(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.components.deferred._send_signal", lambda **_: SimpleNamespace(drawn=False))
    app = open_page(places.REASONS, batch=batch.id)
    assert not app.exception
    assert not app.get("plotly_chart")
    assert "Image outweighed text" in [each.value for each in app.subheader]
    monkeypatch.setattr("pages.components.deferred._send_signal", lambda **_: SimpleNamespace(drawn=True))
    app.run()
    assert app.get("plotly_chart")
