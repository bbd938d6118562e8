from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner

from analysis.bench.intake import (
    FORMS,
    generate_synthetic_rows,
    time_intake,
    write_synthetic_images,
    write_synthetic_table,
)
from analysis.cli import main


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_intake_is_measured(form: str, tmp_path: Path) -> None:
    found = time_intake(form, 2_000_000, 30, tmp_path)
    assert found.posts == found.rows
    assert found.rows == 30 if form == "images" else found.rows >= 10_000
    assert found.rows_per_second > 0
    assert found.peak_mb > 50
    assert found.cpu_seconds > 0
    assert len(found.lines()) == 4
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_command_writes_the_figures(tmp_path: Path) -> None:
    arguments = ["bench", "intake", "--input", "csv", "--mb", "1", "--out", str(tmp_path / "figures.json")]
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 0, ran.output
    assert "rows/s from file to checked batch" in ran.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["csv"]["rows_per_second"] > 0


@pytest.mark.slow
def test_rows_are_reproducible_and_have_about_the_size(tmp_path: Path) -> None:
    rows = b"".join(generate_synthetic_rows("ndjson", 3_000_000))
    assert 3_000_000 <= len(rows) < 6_000_000
    assert len({json.loads(line)["id"] for line in rows.splitlines()}) == rows.count(b"\n")
    write_synthetic_table(tmp_path / "posts.ndjson.zst", "zst", 3_000_000)
    with (tmp_path / "posts.ndjson.zst").open("rb") as file:
        unpacked = io.BytesIO()
        zstandard.ZstdDecompressor().copy_stream(file, unpacked)
    assert unpacked.getvalue() == rows


def test_all_images_differ(tmp_path: Path) -> None:
    write_synthetic_images(tmp_path, 20)
    assert len({path.read_bytes() for path in tmp_path.rglob("*.jpg")}) == 20
