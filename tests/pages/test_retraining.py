"""The section “Retrain” of Review: a model is trained in the background, compared, used, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.model import SENTIMENTS, Bundle
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch, Label, TrainedModels, Workspace
from pages.shared import engine, places
from tests.pages.conftest import app_at, captions, wait_for_job
from tests.scored import new_batch, some_posts


@pytest.fixture
def shipped(home: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The tiny model is the one that ships with PostLens."""
    monkeypatch.delenv("POSTLENS_MODEL")
    monkeypatch.setattr(engine, "SHIPPED_MODEL", str(tiny_bundle.folder))
    engine.forget_model()
    yield tiny_bundle.id
    engine.forget_model()


@pytest.fixture
def batch(home: Path, tiny_bundle: Bundle) -> Batch:
    """A batch of 48 scored posts, of which nobody labels any."""
    made = new_batch(home.parent, some_posts(48), batch_id="retrained")
    score_batch(made, tiny_bundle)
    return made


def label_posts(batch: Batch, count: int) -> None:
    given = [Label(place, "sentiment", SENTIMENTS[place % 3]) for place in range(count)]
    Workspace(batch.folder.parents[1]).reviews.save_labels(batch.id, "Ann", given)


def models_of(batch: Batch) -> TrainedModels:
    return Workspace(batch.folder.parents[1]).trained_models


def bundle_of(batch: Batch) -> str | None:
    return Workspace(batch.folder.parents[1]).open(batch.id).manifest.bundle


def open_section(batch: Batch, section: str = "Retrain") -> AppTest:
    app = app_at(places.LABELLING)
    app.query_params["batch"] = batch.id
    app.session_state["review_section"] = section
    app.run()
    assert not app.exception
    assert not app.error
    return app


def test_with_too_few_labels_nothing_starts(shipped: str, batch: Batch) -> None:
    label_posts(batch, 7)
    app = open_section(batch)
    assert "The field Sentiment has labels for only 7 readable posts" in captions(app).replace("\\", "")
    assert app.button(key="train").disabled
    assert app.dataframe[0].value["Labelled posts"].tolist() == [3, 2, 2]


def test_a_model_set_by_the_environment_cannot_be_changed(home: Path, batch: Batch) -> None:
    app = open_section(batch)
    assert "POSTLENS" in app.info[0].value
    assert not any(button.key == "train" for button in app.button)


@pytest.mark.slow
def test_a_model_is_trained_used_and_taken_back(shipped: str, batch: Batch) -> None:
    label_posts(batch, 36)
    open_section(batch).button(key="train").click().run()
    wait_for_job(batch.id)
    (trained,) = models_of(batch).list_models()

    app = open_section(batch)
    table = app.dataframe[1].value
    assert table["Metric"].tolist() == ["Accuracy", "Macro F1"]
    assert table["Held-out labels"].tolist() == ["Sentiment, 36 posts"] * 2
    assert table[["Before", "After", "Change"]].notna().all(axis=None)
    assert engine.model_id() == shipped
    assert app.button(key="score_again").disabled

    app.button(key="use_model").click().run()
    assert engine.model_id() == engine.model().id == trained.id
    assert bundle_of(batch) == shipped
    app.button(key="score_again").click().run()
    wait_for_job(batch.id)
    assert bundle_of(batch) == trained.id
    shares = open_section(batch, "Corrected shares")
    assert "These labels trained the model that scored the posts" in captions(shares)
    overview = app_at(places.OVERVIEW)
    overview.query_params["batch"] = batch.id
    assert "These labels trained the model" in captions(overview.run())
    assert "0 of 12 posts that did not train the model labelled" in captions(
        open_section(batch, "Label posts")
    )

    label_posts(batch, 48)
    assert "the labels of all 48 posts" in captions(open_section(batch, "Corrected shares"))
    assert any("and of 36 that trained the model" in each.value for each in overview.run().markdown)

    app = open_section(batch)
    app.button(key="use_previous").click().run()
    assert engine.model_id() == shipped
    app.button(key="score_again").click().run()
    wait_for_job(batch.id)
    assert open_section(batch, "Corrected shares").dataframe[0].value["Class"].tolist()[0] == "Negative"


@pytest.mark.slow
def test_a_damaged_model_gives_way_to_the_shipped_one_on_every_page(
    shipped: str, batch: Batch, tiny_bundle: Bundle
) -> None:
    label_posts(batch, 48)
    open_section(batch).button(key="train").click().run()
    wait_for_job(batch.id)
    open_section(batch).button(key="use_model").click().run()
    (trained,) = models_of(batch).list_models()
    (trained.folder / "model.safetensors").write_bytes(b"nothing")
    engine.forget_model()
    app = open_section(batch)
    assert "is damaged" in app.warning[0].value
    assert engine.model_id() == shipped
    app.button(key="use_previous").click().run()
    assert not app.warning
