"""The whole app without a browser: `AppTest` from app.py, on a workspace of its own and a tiny model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.model import Bundle
from analysis.scoring.jobs import job_of
from analysis.workspace import Batch
from tests.scored import new_batch, score

APP = Path(__file__).parents[2] / "app.py"

Open = Callable[..., AppTest]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Bundle) -> Path:
    """The app's workspace, empty and never used; the model is the tiny one."""
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    return tmp_path / "home"


@pytest.fixture
def batch(home: Path) -> Batch:
    """One batch of 20 posts, scored without a model."""
    return score(new_batch(home.parent))


@pytest.fixture
def open_page(batch: Batch) -> Open:
    """Open a page of the app, by its file and with the given address."""

    def open_(page: str, **address: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        app.switch_page(page)
        for key, value in address.items():
            app.query_params[key] = value
        return app.run()

    return open_


def wait_for_job(batch_id: str) -> None:
    """Wait until the job of a batch is over."""
    for _ in range(600):
        job = job_of(batch_id)
        if job and not job.active:
            assert job.state == "done", job.error
            return
        time.sleep(0.1)
    raise AssertionError(f"batch {batch_id} is not scored after a minute")


def captions(app: AppTest) -> str:
    """All captions of a page."""
    return "\n".join(caption.value for caption in app.caption)
