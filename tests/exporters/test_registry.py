"""A registered exporter is available everywhere; `tests.pages.test_exporters` tests the pages."""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import analysis as pl
from analysis import exporters, query
from analysis.cli import main
from analysis.columns import report_columns
from analysis.exporters import (
    CSV,
    ExplanationExporter,
    Exporter,
    HeatMapExporter,
    ReportExporter,
    SummaryExporter,
    get_exporter,
    read_report_chunks,
    register_exporter,
)
from analysis.exporters import report as reports
from analysis.model.bundle import Bundle
from analysis.query import EVERY_POST
from analysis.registry import Registry
from tests.exporters import lines
from tests.scored import HEADS, new_batch, score

USE = r"Use \.csv, \.xlsx, \.parquet or \.jsonl"
KINDS = (ReportExporter, SummaryExporter, ExplanationExporter, HeatMapExporter)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text("id,text\na,what a lovely day\nb,so awful\n", encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_each_kind_of_output_has_a_format_and_reports_are_csv_by_default() -> None:
    assert [[exporter.name for exporter in exporters.list_exporters(kind)] for kind in KINDS] == [
        ["csv", "xlsx", "parquet"],
        ["summary", "slides"],
        ["html"],
        ["zip"],
    ]
    assert exporters.list_exporters(Exporter)[0] == CSV


def test_a_file_that_is_added_to_the_package_is_an_exporter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from tests.exporters.lines import EXPORTER"
    (tmp_path / "added_to_the_package.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(exporters, "__path__", [*exporters.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    found = Registry("analysis.exporters", "EXPORTER", Exporter).all()
    del sys.modules["analysis.exporters.added_to_the_package"]
    assert lines.EXPORTER in found
    assert len(found) == 1 + len(exporters.list_exporters(Exporter))


@pytest.mark.usefixtures("added_exporters")
def test_a_file_has_the_format_of_its_suffix() -> None:
    assert get_exporter(Path("report.JSONL"), ReportExporter) is lines.EXPORTER
    assert get_exporter(Path("report.csv"), ReportExporter) is CSV


@pytest.mark.usefixtures("added_exporters")
@pytest.mark.parametrize("name", ["report.txt", "report", "report.html", "report.csv.gz"])
def test_a_suffix_without_a_format_is_refused_with_those_that_have_one(name: str) -> None:
    with pytest.raises(pl.PostLensError, match=rf"^{name} has .* no report format\. {USE}\.$"):
        get_exporter(Path(name), ReportExporter)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_a_pipe_without_a_suffix_gets_the_default(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert get_exporter(tmp_path / "pipe", ReportExporter) is CSV


@pytest.mark.parametrize("change", [{"name": "csv"}, {"suffixes": (".other", ".csv")}])
def test_a_name_or_suffix_is_given_once(monkeypatch: pytest.MonkeyPatch, change: dict[str, object]) -> None:
    monkeypatch.setattr(lines, "EXPORTER", replace(lines.EXPORTER, **change))  # type: ignore[arg-type]
    known = exporters.list_exporters(ReportExporter)
    with pytest.raises(ValueError, match="CSV"):
        register_exporter(lines.__name__)
    assert exporters.list_exporters(ReportExporter) == known


def test_another_constant_than_an_exporter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "EXPORTER", "lines")
    with pytest.raises(TypeError, match=r"EXPORTER of tests\.exporters\.lines is not an Exporter"):
        register_exporter(lines.__name__)


@pytest.mark.usefixtures("added_exporters")
def test_added_exporters_are_listed_by_kind() -> None:
    listed = [line.split() for line in run("exporters").output.splitlines()]
    assert listed == [
        ["report", "csv", "CSV", ".csv"],
        ["report", "xlsx", "Excel", ".xlsx"],
        ["report", "parquet", "Parquet", ".parquet"],
        ["report", "lines", "JSON", "lines", ".jsonl"],
        ["summary", "summary", "HTML", ".html", ".htm"],
        ["summary", "slides", "PowerPoint", ".pptx"],
        ["explanation", "html", "HTML", ".html", ".htm"],
        ["explanation", "numbers", "Numbers", ".num"],
        ["heat", "maps", "zip", "ZIP", ".zip"],
        ["heat", "maps", "names", "Names", ".names"],
    ]


@pytest.mark.usefixtures("added_exporters")
def test_the_help_of_a_command_lists_the_suffixes() -> None:
    assert "--out FILE (.csv, .xlsx, .parquet or .jsonl)" in run("score", "--help").output
    assert "--out FILE (.html, .htm or .num)" in run("explain", "--help").output


@pytest.mark.slow
@pytest.mark.usefixtures("added_exporters")
def test_the_command_line_writes_an_added_report_format(
    tmp_path: Path, posts: Path, tiny_bundle: Bundle
) -> None:
    out = tmp_path / "out.jsonl"
    done = run("score", posts, "--out", out, "--model", tiny_bundle.folder, "--engine", "torch")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row[0] for row in rows] == ["a", "b"]
    assert all(isinstance(row[1], float) and row[2] == "list" for row in rows)


@pytest.mark.usefixtures("added_exporters")
def test_the_command_line_writes_an_added_explanation_format(
    tmp_path: Path, posts: Path, tiny_bundle: Bundle
) -> None:
    out = tmp_path / "b.num"
    done = run("explain", posts, "--post", "b", "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 0, done.output
    assert out.read_text() == "b sentiment 0"


@pytest.mark.parametrize("command", [["score"], ["explain", "--post", "a"]])
def test_an_unknown_suffix_is_refused_before_anything_is_read(
    tmp_path: Path, posts: Path, command: list[str]
) -> None:
    done = run(*command, posts, "--out", tmp_path / "out.txt", "--model", "nowhere")
    assert done.exit_code == 2
    assert "out.txt has the suffix .txt" in done.output
    assert "Use ." in done.output
    assert list(tmp_path.iterdir()) == [posts]


@pytest.mark.slow
@pytest.mark.usefixtures("added_exporters")
def test_scores_and_explanations_are_saved_in_added_formats(tmp_path: Path, tiny_bundle: Bundle) -> None:
    scores = pl.load(tiny_bundle.folder).score(["what a lovely day", "so awful"])
    scores.save(tmp_path / "scores.jsonl")
    assert len((tmp_path / "scores.jsonl").read_text().splitlines()) == 2
    scores.explain(1).save(tmp_path / "why.num")
    assert (tmp_path / "why.num").read_text() == "1 sentiment 0"


def test_a_report_on_disk_has_the_suffix_of_its_format(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    assert reports.write_report(
        batch, EVERY_POST, report_columns(HEADS), lambda *_: None, lambda: False, lines.EXPORTER
    )
    (path,) = batch.report_paths()
    assert path.suffix == ".jsonl"
    assert len(path.read_bytes().splitlines()) == 20


def test_values_reach_a_writer_with_their_types(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    columns = report_columns(HEADS, query.list_own_columns(batch))
    (chunk,) = read_report_chunks(query.read_post_chunks(batch), columns)
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
