"""The manifest of a report from the dashboard: what the user chose for the upload is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.intake.files import InputFile
from analysis.intake.inputs import Inputs
from analysis.intake.record import record_input
from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Batch, Workspace
from pages.shared import places
from tests.pages.conftest import APP, Open, captions, wait_for_job
from tests.pages.uploads import drop, png
from tests.scored import checked, media_with_image, some_posts
from tests.test_cli import read, run

pytestmark = pytest.mark.slow

FIRST = b"\n".join(
    b"%d,good day,%s,%s,2026-03-0%d 23:30,pic.png" % (number, note, team, number)
    for number, note, team in ((1, b"awful rain", b"red"), (2, b"lovely match", b"blue"), (3, b"bad", b"red"))
)
FIRST = b"id,words,note,team,date,image\n" + FIRST + b"\n"
REFUSED = "id;text;team\n8;awful Привет;red\n9;good day;blue\n".encode("utf-16-le")
LAST = b"id,text,team\n20,good day,red\n21,,red\n"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The arguments of each download button by its key, as the last run of a page made it."""
    found: dict[str, dict[str, Any]] = {}
    monkeypatch.setattr("streamlit.download_button", lambda label, **how: found.update({how["key"]: how}))
    return found


def test_a_corrected_upload_in_several_steps_is_reproduced_from_its_files(
    upload_page: AppTest, home: Path, offered: dict[str, dict[str, Any]], tmp_path: Path, tiny_bundle: Bundle
) -> None:
    app = drop(upload_page, ("a.csv", REFUSED), ("first.csv", FIRST))
    app.selectbox(key="refused_encoding_a.csv").set_value("utf-16").run()
    app.button(key="refused_read_a.csv").click().run()
    drop(app, ("pic.png", png()), ("last.csv", LAST))
    numbers = {table.name: number for number, table in enumerate(app.session_state["drop"].inputs.tables)}
    first = f"{numbers['first.csv']}_first.csv"
    app.selectbox(key=f"column_text_{first}").set_value("note").run()
    app.selectbox(key=f"timezone_{first}").set_value("Europe/Berlin").run()
    app.multiselect(key="kept").set_value(["team"]).run()
    app.button(key="score").click().run()
    assert not app.exception
    (info,) = Workspace(home).batches()
    wait_for_job(info.id)
    app.switch_page(places.REPORT)
    app.query_params["batch"] = info.id
    app.query_params["own_0"] = "red"
    offered.clear()
    app.run()
    app.segmented_control(key="selection").set_value("Everything").run()
    assert not offered["download_manifest"]["disabled"]
    assert offered["download_manifest"]["file_name"].endswith(".csv.manifest.json")
    original, manifest = tmp_path / "original.csv", tmp_path / "manifest.json"
    original.write_bytes(offered["download"]["data"]())
    manifest.write_bytes(offered["download_manifest"]["data"]())
    assert len(read(original)) == 4
    rows = {row["post_id"]: row for row in read(original)}
    assert rows["1"]["text"] == "awful rain"
    assert rows["1"]["created_at"] == "2026-03-01T22:30:00Z"
    assert rows["1"]["inputs_used"] == "both"
    files = tmp_path / "files"
    files.mkdir()
    for number, content in enumerate((LAST, png(), FIRST, REFUSED)):
        (files / f"{number}.download").write_bytes(content)
    done = run("reproduce", manifest, files, "--model", tiny_bundle.folder, "--out", tmp_path / "again.csv")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "again.csv").read_bytes() == original.read_bytes()


def test_a_file_that_is_read_again_last_is_reproduced_at_its_place(
    upload_page: AppTest, home: Path, offered: dict[str, dict[str, Any]], tmp_path: Path, tiny_bundle: Bundle
) -> None:
    app = drop(upload_page, ("a.csv", REFUSED), ("last.csv", LAST))
    app.selectbox(key="refused_encoding_a.csv").set_value("utf-16").run()
    app.button(key="refused_read_a.csv").click().run()
    app.button(key="score").click().run()
    (info,) = Workspace(home).batches()
    wait_for_job(info.id)
    app.switch_page(places.REPORT)
    app.query_params["batch"] = info.id
    app.run()
    original, manifest = tmp_path / "original.csv", tmp_path / "manifest.json"
    original.write_bytes(offered["download"]["data"]())
    manifest.write_bytes(offered["download_manifest"]["data"]())
    assert [row["post_id"] for row in read(original)] == ["20", "8", "9"]
    for name, content in (("a.csv", REFUSED), ("last.csv", LAST)):
        (tmp_path / name).write_bytes(content)
    model = ("--model", tiny_bundle.folder)
    done = run("reproduce", manifest, tmp_path / "a.csv", tmp_path / "last.csv", *model)
    assert done.exit_code == 0, done.output


def test_a_batch_without_a_record_of_its_files_has_no_manifest(
    open_page: Open, offered: dict[str, dict[str, Any]]
) -> None:
    assert not open_page(places.REPORT).exception
    assert offered["download_manifest"]["disabled"]
    assert "earlier version" in offered["download_manifest"]["help"]
    assert not offered["download"].get("disabled")


def test_the_manifest_of_a_private_table_has_a_warning_and_what_the_table_hides(
    home: Path, offered: dict[str, dict[str, Any]], tiny_bundle: Bundle
) -> None:
    files = (InputFile("posts.csv", b"text"),)
    record = record_input(Inputs((), {}, (), 1, files=files))
    media = media_with_image(home.parent / "media")
    batch = Workspace(home).create(checked(some_posts(8)), media, "May", record=record)
    score_batch(batch, tiny_bundle)
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.switch_page(places.REPORT)
    app.query_params["batch"] = batch.id
    app.query_params["authors"] = "author1"
    app.run()
    assert "Keep this manifest private" not in captions(app)
    app.segmented_control(key="privacy").set_value("Scores only").run()
    assert not app.exception
    assert "Keep this manifest private" in captions(app)
    content = offered["download_manifest"]["data"]()
    assert json.loads(content)["choices"]["filters"]["values"]["authors"] == ["author1"]
    assert b"author1" not in offered["download"]["data"]()
    name = offered["download_manifest"]["file_name"]
    assert "scores-only" not in name
    assert "author1" not in name


def test_the_sample_posts_have_a_manifest(home: Path, offered: dict[str, dict[str, Any]]) -> None:
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    (sample,) = Workspace(home).batches()
    wait_for_job(sample.id)
    app.switch_page(places.REPORT).run()
    assert not app.exception
    assert not offered["download_manifest"]["disabled"]
    batch: Batch = Workspace(home).open(sample.id)
    record = batch.input_record()
    assert record is not None
    assert [table.name for table in record.tables] == ["posts.csv"]
    assert all(file.sha256 for file in record.files)
