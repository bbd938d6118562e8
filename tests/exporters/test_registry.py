"""One more registered format is written by the command line and offered by the Report page, and gets typed values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import pandas as pd
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from analysis import exporters, query
from analysis.cli import main
from analysis.columns import Column
from analysis.exporters import Exporter, exporter_of, register, registry, report_columns, typed_chunks
from analysis.exporters import report as reports
from analysis.model.bundle import Bundle
from analysis.query import EVERY_POST
from pages.shared import places
from tests.pages.conftest import APP
from tests.scored import HEADS, new_batch, score


def write_lines(chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]) -> int:
    """Write one JSON list a post: its id, its valence, and the type of its strongest words."""
    count = 0
    for chunk in chunks:
        assert list(chunk.columns) == [column.name for column in columns]
        for post in chunk.to_dict("records"):
            values = [post["post_id"], post["valence"], type(post.get("top_words")).__name__]
            target.write(json.dumps(values).encode() + b"\n")
            count += 1
    return count


LINES = Exporter("lines", "JSON lines", ".jsonl", "application/jsonl", write_lines)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Exporter:
    monkeypatch.setattr(registry, "_exporters", dict(registry._exporters))
    register(LINES)
    return LINES


@pytest.mark.usefixtures("lines")
def test_a_file_has_the_format_of_its_suffix_and_else_the_default() -> None:
    assert exporter_of(Path("report.JSONL")) is LINES
    assert {exporter_of(Path(name)).name for name in ("report.csv", "report.txt", "report")} == {"csv"}


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize("change", [{"name": "csv"}, {"suffix": ".csv"}])
def test_a_name_or_suffix_is_given_once(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="CSV"):
        register(replace(LINES, **{"name": "other", "suffix": ".other", **change}))


@pytest.mark.usefixtures("lines")
def test_the_command_line_writes_a_registered_format(tmp_path: Path, tiny_bundle: Bundle) -> None:
    (tmp_path / "posts.csv").write_text("id,text\na,what a lovely day\nb,so awful\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    arguments = ["score", str(tmp_path / "posts.csv"), "--out", str(out), "--model", str(tiny_bundle.folder)]
    result = CliRunner().invoke(main, [*arguments, "--engine", "torch"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row[0] for row in rows] == ["a", "b"]
    assert all(isinstance(row[1], float) and row[2] == "list" for row in rows)


@pytest.mark.usefixtures("lines")
def test_the_report_page_offers_a_registered_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Bundle
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    batch = score(new_batch(tmp_path))
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.switch_page(places.REPORT)
    app.query_params["batch"] = batch.id
    app.run()
    assert "Download 20 posts as CSV" in [button.label for button in app.get("download_button")]
    app.segmented_control(key="format").set_value("lines").run()
    assert not app.exception
    assert "Download 20 posts as JSON lines" in [button.label for button in app.get("download_button")]


def test_a_report_on_disk_has_the_suffix_of_its_format(tmp_path: Path, lines: Exporter) -> None:
    batch = score(new_batch(tmp_path))
    assert reports.write_report(
        batch, EVERY_POST, report_columns(HEADS), lambda *_: None, lambda: False, lines
    )
    (path,) = reports.written_reports(batch)
    assert path.suffix == ".jsonl"
    assert len(path.read_bytes().splitlines()) == 20


def test_values_reach_a_writer_with_their_types(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    columns = report_columns(HEADS, exporters.original_names(batch))
    (chunk,) = typed_chunks(query.chunks(batch), columns)
    types = {column.name: column.kind for column in columns}
    assert chunk["valence"].dtype == "float64"
    assert str(chunk["uncertain"].dtype) == "boolean"
    assert str(chunk["likes"].dtype) == "Int64"
    assert str(chunk["created_at"].dtype).startswith("datetime64")
    assert chunk["top_words"].iloc[0] == [("@rain", 0.42), ("sun", -0.1)]
    assert chunk["images"].iloc[1] == ["photo 1.jpg"]
    assert chunk["original: reach"].iloc[0] == 12
    assert types["n_images"] == "count"
    assert list(chunk["n_images"].iloc[:2]) == [0, 1]
