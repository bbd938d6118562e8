"""A dashboard whose model is broken shows an error on every page, and no traceback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.model import Bundle
from analysis.workspace import Batch
from tests.pages.conftest import APP

PAGES = (
    "pages/review/overview.py",
    "pages/review/posts.py",
    "pages/report/dictionary.py",
    "pages/model/card.py",
)


def truncate(folder: Path) -> None:
    (folder / "config.json").write_text('{"name": "ti')


def forget_topics(folder: Path) -> None:
    values = json.loads((folder / "config.json").read_text())
    del values["heads"]["topic"]
    (folder / "config.json").write_text(json.dumps(values))


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("damage", "said"),
    [(truncate, "cannot be read"), (forget_topics, "has no head topic"), (remove, "was not found")],
)
def test_a_broken_model_is_named_on_every_page(
    batch: Batch,
    tiny_bundle: Bundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
    said: str,
) -> None:
    folder = Path(shutil.copytree(tiny_bundle.folder, tmp_path / "broken"))
    damage(folder)
    monkeypatch.setenv("POSTLENS_MODEL", str(folder))
    st.cache_data.clear()
    st.cache_resource.clear()
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    for page in PAGES:
        app.switch_page(page)
        app.run()
        assert not app.exception, page
        assert any(said in error.value or "does not match config" in error.value for error in app.error), page
    st.cache_data.clear()
