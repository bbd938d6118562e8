from pathlib import Path

import pytest

from analysis.bench.cold import time_cold_starts

pytestmark = pytest.mark.slow


def test_cold_starts_are_measured(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import streamlit as st\nst.write('hello')\n")
    found = time_cold_starts(app, runs=1)
    assert list(found) == ["import analysis", "postlens score, one post", "the app's first page"]
    assert all(seconds > 0 for seconds in found.values())
