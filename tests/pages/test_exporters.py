"""The pages offer every registered exporter: of reports, of explanations, of heat maps."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.attribution import Output
from analysis.exporters.heatmaps import export_heat_maps, list_heat_maps
from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch
from pages.review.explained import content_of
from pages.shared import places
from tests.exporters import numbers
from tests.pages.conftest import Open, captions, change_settings, wait_for_job
from tests.scored import new_batch

pytestmark = pytest.mark.usefixtures("added_exporters")


def downloads(app: AppTest) -> list[str]:
    return [button.label for button in app.get("download_button")]


def test_the_report_page_offers_an_added_format_with_the_same_preview(open_page: Open) -> None:
    app = open_page(places.REPORT)
    assert "Download 20 posts as CSV" in downloads(app)
    app.segmented_control(key="format").set_value("lines").run()
    assert not app.exception
    assert "Download 20 posts as JSON lines" in downloads(app)
    assert "Preview of 20 posts: the values of" in captions(app)
    assert len(app.dataframe[0].value) == 20


@pytest.mark.slow
def test_a_large_report_is_written_to_disk_in_an_added_format(
    open_page: Open, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, download_up_to=5)
    app = open_page(places.REPORT)
    app.segmented_control(key="format").set_value("lines").run()
    next(button for button in app.button if button.label == "Write the JSON lines to disk").click().run()
    wait_for_job(batch.id)
    (path,) = batch.report_paths()
    assert path.suffix == ".jsonl"
    assert len(path.read_bytes().splitlines()) == 20


@pytest.mark.slow
def test_heat_maps_are_offered_in_an_added_format(home: Path, tiny_bundle: Bundle, open_page: Open) -> None:
    batch = new_batch(home.parent, batch_id="drawn")
    score_batch(batch, tiny_bundle)
    one_post = query.Filters(search="p3")
    export_heat_maps(
        batch, lambda: tiny_bundle, list_heat_maps(batch, query.read_post_chunks(batch, one_post))
    )
    app = open_page(places.REPORT, batch="drawn", search="p3")
    assert [label for label in downloads(app) if "heat maps" in label] == [
        "Download heat maps as ZIP",
        "Download heat maps as Names",
    ]


def test_an_explanation_is_offered_in_an_added_format(open_page: Open, batch: Batch) -> None:
    app = open_page(places.EXPLAIN, batch=batch.id, post="p3")
    assert not app.exception
    assert downloads(app) == ["Download as HTML", "Download as Numbers"]


def test_a_downloaded_explanation_is_that_of_the_chosen_output(batch: Batch) -> None:
    post = query.read_post(batch, "p3")
    written = content_of(batch, post, Output("topic", "daily_life"), numbers.EXPORTER)
    assert written == b"p3 topic 1"
