from pathlib import Path

import pytest

from analysis.bench.cold import time_cold_scoring, time_cold_starts, write_synthetic_input
from analysis.model.bundle import Bundle

pytestmark = pytest.mark.slow


def test_cold_starts_are_measured(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import streamlit as st\nst.write('hello')\n")
    found = time_cold_starts(app, runs=1)
    assert list(found) == ["import analysis", "postlens score, one post", "the app's first page"]
    assert all(seconds > 0 for seconds in found.values())


def test_scoring_in_new_processes_is_measured(tiny_bundle: Bundle) -> None:
    found = time_cold_scoring(str(tiny_bundle.folder), posts=20, fewer=4)
    assert all(seconds > 0 for seconds in found.figures().values())
    assert len(found.lines()) == 3


def test_synthetic_input_differs_from_post_to_post(tmp_path: Path) -> None:
    images = write_synthetic_input(tmp_path / "input", 12)
    assert len({path.read_bytes() for path in images}) == 12
    rows = (tmp_path / "input" / "posts.csv").read_text(encoding="utf-8").splitlines()
    assert len(set(rows)) == 13
