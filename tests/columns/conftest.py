"""A workspace for the pages, with the tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from pages.shared import engine


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Bundle) -> Iterator[Path]:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    engine.config.clear()
    engine.model.clear()
    yield tmp_path
    engine.config.clear()
    engine.model.clear()
