"""A registered modality is stored, queried, filtered, reported and explained like text and image."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import query
from analysis.api.model import Model
from analysis.attribution import (
    Output,
    encode_post,
    explain_post,
    list_further_contents,
    score_modalities_alone,
)
from analysis.attribution.sentences import describe_contributions
from analysis.charts.explanations import class_probabilities_bar, waterfall_chart
from analysis.columns import input_titles, report_columns
from analysis.errors import BundleError
from analysis.exporters import ExplainedPost, export_explanation_html, write_csv
from analysis.model.bundle import Bundle, load_model
from analysis.model.config import Head
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.scoring.columns import check_scores
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch
from pages.shared import places
from tests.columns.conftest import pages_of
from tests.columns.test_catalogue import opened
from tests.scored import IMAGE, new_batch
from tests.vector import VECTOR, register_vector, write_vector_bundle

COLUMNS = {"vector_sentiment", "vector_valence", "phi_vector", "share_vector", "phi_vector_topic"}
FURTHER = json.dumps({"vector": VECTOR})
ROWS = [
    {"post_id": "all", "text": "lovely day", "images": [IMAGE], "image_names": ["a.jpg"], "extra": FURTHER},
    {"post_id": "two", "text": "awful rain", "extra": FURTHER},
    {"post_id": "text", "text": "awful rain"},
    {"post_id": "vector", "extra": FURTHER},
]


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """Register the modality and load a tiny bundle that reads it."""
    register_vector(monkeypatch)
    return load_model(write_vector_bundle(tmp_path / "bundles"))


@pytest.fixture
def batch(tmp_path: Path, bundle: Bundle) -> Batch:
    """A batch of posts with and without the modality, scored by the bundle."""
    batch = new_batch(tmp_path, post_frame(ROWS))
    assert score_batch(batch, bundle)
    return batch


@pytest.fixture
def pages(tmp_path: Path, batch: Batch, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    """Let the pages read the batch and the bundle."""
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    with pages_of(bundle, monkeypatch):
        yield batch


def test_scores_of_a_further_modality_are_stored_with_its_vectors(batch: Batch, bundle: Bundle) -> None:
    ((_, scores),) = batch.read_parts("scores")
    assert set(scores.column_names) >= COLUMNS
    assert scores["inputs_used"].to_pylist() == ["vector+image+text", "vector+text", "text", "vector"]
    assert [value is None for value in scores["vector_sentiment"].to_pylist()] == [False, False, True, False]
    shares = scores.select(["share_vector", "share_image", "share_text"]).to_pandas()
    np.testing.assert_allclose(shares.loc[[0, 1]].sum(axis=1), 1)
    ((_, encodings),) = batch.read_parts("encodings")
    assert len(encodings["vector_encoding"][0]) == bundle.config.encoders["vector"].dim
    ((_, embeddings),) = batch.read_parts("embeddings")
    assert embeddings["vector_embedding"][2].as_py() is None


def test_posts_are_queried_and_sorted_by_a_further_modality(batch: Batch) -> None:
    assert set(query.list_sortable_columns(batch)) >= COLUMNS
    found = query.read_page(batch, Filters(inputs=("vector+text",)))
    assert list(found["post_id"]) == ["two"]
    ordered = query.read_page(batch, sort="phi_vector", descending=True)
    assert list(ordered["phi_vector"]) == sorted(ordered["phi_vector"], reverse=True)
    assert query.count_by(batch, EVERY_POST, "vector_sentiment")["posts"].sum() == 3


def test_a_report_has_the_columns_of_a_further_modality(batch: Batch, bundle: Bundle) -> None:
    columns = report_columns(bundle.heads, modalities=bundle.config.modalities)
    target = io.BytesIO()
    write_csv(batch, EVERY_POST, columns, target)
    report = pd.read_csv(io.BytesIO(target.getvalue())).set_index("post_id")
    assert set(report.columns) >= COLUMNS
    assert report["phi_vector"].ne(0).tolist() == [True, True, False, True]
    by_name = {column.name: column for column in columns}
    assert by_name["phi_vector"].label == "Weight of the sensor"
    assert by_name["vector_valence"].meaning.endswith("Empty for a post without sensor.")


def test_scores_in_memory_have_the_columns_of_a_further_modality(bundle: Bundle) -> None:
    posts = pd.DataFrame({"text": ["lovely day", "awful rain"], "vector": [json.dumps(VECTOR), None]})
    scores = Model(bundle).score(posts)
    table = scores.to_pandas()
    assert set(table.columns) >= COLUMNS
    assert table["phi_vector"].ne(0).tolist() == [True, False]
    explained = scores.explain(0)
    assert explained.modalities["vector"] == pytest.approx(table["phi_vector"][0], abs=1e-5)


@pytest.mark.slow
def test_pages_filter_sort_and_describe_a_further_modality(pages: Batch) -> None:
    app = opened(places.POSTS, batch=pages.id, inputs="vector+text")
    assert list(app.dataframe[0].value["post_id"]) == ["two"]
    assert app.button(key="drop_inputs").label == "Text and sensor"
    assert "Strongest sensor support first" in app.selectbox(key="order").options
    app.switch_page(places.REPORT).run().segmented_control(key="selection").set_value("Custom").run()
    options = app.pills(key="columns").options
    assert {option.replace("\\", "") for option in options} >= COLUMNS
    shown = app.switch_page(places.DICTIONARY).run().table[0].value
    assert {"Sentiment of the sensor", "Share of the sensor"} <= set(shown["Title"])
    app = opened(places.OVERVIEW, batch=pages.id)
    assert not app.error


@pytest.mark.slow
@pytest.mark.parametrize(("post", "raised"), [("all", 3), ("vector", 1)])
def test_the_explain_page_shows_what_a_further_modality_adds(pages: Batch, post: str, raised: int) -> None:
    app = opened(places.EXPLAIN, batch=pages.id, post=post)
    app.session_state["evidence"] = True
    app.run()
    assert not app.error
    (sentence,) = [
        each.value for each in app.markdown if "the score for" in each.value and "**" not in each.value
    ]
    assert "sensor" in sentence.lower()
    assert ("There is no text" in sentence) == (raised == 1)


def test_an_explanation_of_a_further_modality_adds_up_and_is_exported(batch: Batch, bundle: Bundle) -> None:
    post = query.read_post(batch, "two")
    contents = list_further_contents(bundle.model.modalities, post)
    assert contents == {"vector": VECTOR}
    assert list_further_contents(bundle.model.modalities, query.read_post(batch, "text")) == {}
    encoded = encode_post(bundle, post["text"], (), contents)
    ledger = explain_post(bundle, encoded, Output("sentiment", post["sentiment"]))
    assert ledger.phi["vector"] == pytest.approx(post["phi_vector"], abs=1e-5)
    assert ledger.base + sum(ledger.phi.values()) == pytest.approx(ledger.total, abs=1e-5)
    assert list(waterfall_chart(ledger).data[0].x) == [
        "Empty post",
        "Sensor",
        "No image",
        "Text",
        "This post",
    ]
    assert "the sensor" in describe_contributions(ledger, "negative").lower()
    alone = score_modalities_alone(bundle, encoded)
    figure = class_probabilities_bar(alone, "sentiment", modalities=ledger.titles)
    assert [bar.name for bar in figure.data] == ["Sensor and text", "Sensor alone", "Text alone"]
    assert len({bar.marker.color for bar in figure.data}) == 3
    page = export_explanation_html(ExplainedPost(post, ledger, alone, [], bundle.id))
    assert "text, images and sensor</h2>" in page
    assert "<th>Sensor</th>" in page
    assert "<th>Sensor alone</th>" in page
    assert "the interaction of sensor and text" in page


def test_a_head_cannot_take_the_column_of_a_further_modality(bundle: Bundle) -> None:
    head = Head("vector_sentiment", ("a", "b"), ("A", "B"))
    heads = {**bundle.heads, head.name: head}
    check_scores(bundle.config)
    with pytest.raises(BundleError, match="two report columns named vector_sentiment"):
        check_scores(type(bundle.config)("three", bundle.config.encoders, bundle.config.fusion, heads))


def test_every_set_of_modalities_has_a_title() -> None:
    assert input_titles({"text": "Text", "image": "Image"}) == {
        "text": "Text only",
        "image": "Image only",
        "both": "Text and image",
    }
    three = input_titles({"video": "Video", "image": "Image", "text": "Text"})
    assert three["both"] == "Text and image"
    assert three["video+text"] == "Text and video"
    assert three["video+image+text"] == "Text, image and video"
