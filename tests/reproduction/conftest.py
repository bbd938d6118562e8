"""A report of posts with images, mapped columns and filters, with its manifest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from PIL import Image

from analysis import query
from analysis.api.posts import read_files
from analysis.columns import report_columns
from analysis.exporters import AS_GIVEN, CSV, export_manifest, make_table_manifest, write_report_table
from analysis.importers import ColumnMapping
from analysis.intake import check_batch
from analysis.intake.record import record_input
from analysis.model.bundle import Bundle
from analysis.query import Filters
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Workspace
from tests.test_cli import run

HEADER = "key;Message;Note;Pic;When;Campaign\n"
ROWS = (
    "a;good day;x;one.jpg;2026-03-01 23:30;spring\n"
    "b;=1+1 awful rain;y;;2026-03-02 23:30;autumn\n"
    "c;lovely match;z;two.jpg;2026-03-03 23:30;spring\n"
    "d;;;;2026-03-04 23:30;spring\n"
)
MAPPING = ColumnMapping(post_id="key", text="Message", created_at="When", images=("Pic",))


@dataclass(frozen=True)
class MadeReport:
    """A report with its manifest, the folder of its input, and the model."""

    report: Path
    manifest: Path
    source: Path
    model: Path

    def reproduce(self, *options: object, source: Path | None = None) -> Result:
        done = run("reproduce", self.manifest, source or self.source, "--model", self.model, *options)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the manifest."""
        content = json.loads(self.manifest.read_bytes())
        change(content)
        self.manifest.write_text(json.dumps(content))


@pytest.fixture
def made(tmp_path: Path, made_once: Path, additive_bundle: Bundle) -> MadeReport:
    """A report, its manifest and its input, which the test may change."""
    for name in ("in", "report.csv", "manifest.json"):
        found = made_once / name
        (shutil.copytree if found.is_dir() else shutil.copy)(found, tmp_path / name)
    return MadeReport(
        tmp_path / "report.csv", tmp_path / "manifest.json", tmp_path / "in", additive_bundle.folder
    )


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, additive_bundle: Bundle) -> Path:
    """The folder of a report, its manifest and its input."""
    tmp_path = tmp_path_factory.mktemp("made")
    source = tmp_path / "in"
    source.mkdir()
    (source / "posts.csv").write_text(HEADER + ROWS, encoding="utf-8")
    for name, colour in (("one.jpg", "teal"), ("two.jpg", "red")):
        Image.new("RGB", (40, 30), colour).save(source / name)
    media = tmp_path / "media"
    inputs = read_files(source, None, media)
    checked = check_batch(inputs, MAPPING, timezones="Europe/Berlin")
    record = record_input(inputs, {"posts.csv": MAPPING}, "Europe/Berlin", ("Campaign",))
    batch = Workspace(tmp_path / "home").create(checked, media, "May", kept=("Campaign",), record=record)
    score_batch(batch, additive_bundle)
    batch = batch.with_timezone("Asia/Tokyo")  # where the first post is of 2 March
    filters = Filters(own_0=("spring",), valence=(-1.0, 0.99), since=date(2026, 3, 2))
    columns = report_columns(additive_bundle.heads, query.list_own_columns(batch))
    report, manifest = tmp_path / "report.csv", tmp_path / "manifest.json"
    with report.open("wb") as file:
        write_report_table(batch, filters, columns, file, CSV)
    manifest.write_bytes(export_manifest(make_table_manifest(batch, filters, columns, CSV, AS_GIVEN)))
    return tmp_path
