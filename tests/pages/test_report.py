"""The Report page: columns, preview, the report on disk, heat maps."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis import query
from analysis.model import Bundle
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch
from pages.shared import places
from tests.pages.conftest import APP, Open, captions, change_settings, wait_for_job
from tests.scored import new_batch


@pytest.mark.slow
def test_report_previews_the_chosen_columns(open_page: Open) -> None:
    app = open_page(places.REPORT)
    app.segmented_control(key="selection").set_value("Custom").run()
    app.pills(key="columns").set_value(["post_id", "sentiment"]).run()
    preview = app.dataframe[0].value
    assert list(preview.columns) == ["post_id", "sentiment"]
    assert len(preview) == 20


@pytest.mark.slow
def test_heat_maps_of_the_filtered_posts_are_drawn_in_the_background(home: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(home.parent)
    score_batch(batch, tiny_bundle)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.switch_page(places.REPORT)
    app.query_params["batch"] = batch.id
    app.query_params["search"] = "p3"
    app.run()
    assert "1 image to draw" in captions(app)
    next(button for button in app.button if button.label == "Draw heat maps").click().run()
    wait_for_job(batch.id)
    app.run()
    assert not app.exception
    assert "Download heat maps as ZIP" in [one.label for one in app.get("download_button")]
    assert "to draw" not in captions(app)


@pytest.mark.slow
def test_a_large_report_is_written_to_disk(home: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    change_settings(monkeypatch, download_up_to=5)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.switch_page(places.REPORT)
    app.query_params["sentiments"] = "negative"
    app.run()
    next(button for button in app.button if button.label == "Write the CSV to disk").click().run()
    wait_for_job(batch.id)
    app.run()
    (path,) = batch.report_paths()
    assert app.code[0].value == str(path)
    assert len(pd.read_csv(path)) == query.count_matching_posts(batch, Filters(sentiments=("negative",)))


def test_a_workspace_may_have_other_limits_of_preview_and_heat_maps(
    batch: Batch, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, previewed_posts=3, heat_maps_up_to=19)
    app = open_page(places.REPORT)
    assert "Preview of 3 posts" in captions(app)
    assert "Heat maps are available for up to 19 posts." in captions(app)


def test_stored_image_maps_are_downloaded_without_drawing_them_first(open_page: Open, sums: Batch) -> None:
    app = open_page(places.REPORT, batch=sums.id)
    assert not app.exception
    labels = [each.label for each in app.get("download_button")]
    assert "Download heat maps as ZIP" in labels
    assert "Draw heat maps" not in [button.label for button in app.button]
    assert "Compute top words" not in [button.label for button in app.button]


def test_many_image_maps_are_drawn_in_the_background(
    open_page: Open, sums: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, heat_maps_at_once=2)
    app = open_page(places.REPORT, batch=sums.id)
    assert "Draw heat maps" in [button.label for button in app.button]


def test_top_words_that_are_missing_can_be_computed(home: Path, tiny_bundle: Bundle, open_page: Open) -> None:
    batch = new_batch(home.parent, batch_id="without")
    score_batch(batch, tiny_bundle)
    app = open_page(places.REPORT, batch=batch.id)
    assert "Compute top words" in [button.label for button in app.button]


@pytest.mark.slow
def test_formulas_are_harmless_in_csv_unless_switched_off(open_page: Open) -> None:
    app = open_page(places.REPORT)
    assert not app.warning
    assert "An apostrophe marks text" in captions(app)
    app.toggle(key="escape").set_value(False).run()
    assert "Do not open this file in a spreadsheet" in app.warning[0].value
    assert "An apostrophe marks text" not in captions(app)
    app.segmented_control(key="format").set_value("xlsx").run()
    assert not app.warning
    assert not app.exception


def test_the_chosen_privacy_applies_to_preview_and_heat_maps(
    open_page: Open, home: Path, sums: Batch
) -> None:
    app = open_page(places.REPORT, batch=sums.id)
    assert "as given in the files" in captions(app)
    assert "'@author1" in app.dataframe[0].value["author"].tolist()
    assert "Download heat maps as ZIP" in [each.label for each in app.get("download_button")]
    assert not (home / "pseudonyms.salt").exists()
    app.segmented_control(key="privacy").set_value("Pseudonyms").run()
    assert "replaced by stable pseudonyms" in captions(app)
    authors = set(app.dataframe[0].value["author"]) - {""}
    assert len(authors) == 3
    assert all(author.startswith("user_") for author in authors)
    assert "To download them, choose the privacy “As given”." in captions(app)
    assert "Download heat maps as ZIP" not in [each.label for each in app.get("download_button")]
    assert (home / "pseudonyms.salt").exists()
    app.segmented_control(key="privacy").set_value("Scores only").run()
    assert not {"text", "author", "top_words"} & set(app.dataframe[0].value.columns)
    assert "sentiment" in app.dataframe[0].value.columns
    assert not app.exception


@pytest.mark.slow
def test_columns_that_are_no_scores_are_not_offered_with_scores_only(open_page: Open) -> None:
    app = open_page(places.REPORT)
    app.segmented_control(key="selection").set_value("Custom").run()
    app.pills(key="columns").set_value(["text", "author"]).run()
    app.segmented_control(key="privacy").set_value("Scores only").run()
    assert "None of these columns is a score." in app.info[0].value
    assert not app.dataframe
    assert not app.exception


@pytest.mark.slow
def test_the_report_on_disk_has_the_chosen_privacy(
    home: Path, batch: Batch, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(monkeypatch, download_up_to=5)
    app = open_page(places.REPORT)
    app.segmented_control(key="privacy").set_value("Pseudonyms").run()
    next(button for button in app.button if button.label == "Write the CSV to disk").click().run()
    wait_for_job(batch.id)
    (path,) = batch.report_paths()
    assert path.name.endswith("-pseudonyms.csv")
    assert "author1" not in path.read_text(encoding="utf-8-sig")
    assert pd.read_csv(path)["author"].str.startswith("user_").sum() == 10


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The arguments of each download button by its key, as the last run of a page made it."""
    found: dict[str, dict[str, Any]] = {}
    monkeypatch.setattr("streamlit.download_button", lambda label, **how: found.update({how["key"]: how}))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "suffix"), [("Pseudonyms", "-pseudonyms"), ("Scores only", "-scores-only")]
)
def test_every_download_has_the_chosen_privacy(
    open_page: Open, offered: dict[str, dict[str, Any]], title: str, suffix: str
) -> None:
    app = open_page(places.REPORT)
    assert b"author1" in offered["download_summary"]["data"]()
    assert b"author1" in offered["download"]["data"]()
    assert "rejected_csv" in offered
    offered.clear()
    app.segmented_control(key="privacy").set_value(title).run()
    assert offered.keys() == {"download_summary", "download_slides", "download", "download_manifest"}
    summary, table = offered["download_summary"], offered["download"]
    assert f"<h3>Privacy: {title.lower()}</h3>".encode() in summary["data"]()
    assert b"author1" not in summary["data"]()
    with zipfile.ZipFile(io.BytesIO(offered["download_slides"]["data"]())) as slides:
        assert not any(b"author1" in slides.read(name) for name in slides.namelist())
    assert b"author1" not in table["data"]()
    assert summary["file_name"].endswith(f"{suffix}.html")
    assert offered["download_slides"]["file_name"].endswith(f"{suffix}.pptx")
    assert table["file_name"].endswith(f"{suffix}.csv")
    manifest = offered["download_manifest"]["file_name"]
    assert manifest.endswith(".csv.manifest.json")
    assert suffix not in manifest
    offered.clear()
    app.switch_page(places.EXPLAIN)
    app.query_params["post"] = "p1"
    app.run()
    explanation = offered["download_explanation_html"]
    assert explanation["file_name"].endswith(f"{suffix}.html")
    assert b"author1" not in explanation["data"]()


@pytest.mark.slow
def test_the_choice_of_privacy_is_kept_for_explanations(open_page: Open) -> None:
    app = open_page(places.REPORT)
    app.segmented_control(key="privacy").set_value("Scores only").run()
    app.switch_page(places.EXPLAIN)
    app.query_params["post"] = "p1"
    app.run()
    (download,) = [each for each in app.get("download_button") if each.label == "Download as HTML"]
    assert "As chosen on the Report page: Only times, scores" in download.proto.help
