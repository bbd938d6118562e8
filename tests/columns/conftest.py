"""A workspace for the pages, with the tiny model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from pages.shared import engine
from tests.pages.conftest import idle_browser as idle_browser  # for the tests of this folder too


@contextmanager
def pages_of(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the pages read a bundle."""
    monkeypatch.setenv("POSTLENS_MODEL", str(bundle.folder))
    engine.forget_model()
    yield
    engine.forget_model()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Bundle) -> Iterator[Path]:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    with pages_of(tiny_bundle, monkeypatch):
        yield tmp_path
