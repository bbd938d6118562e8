"""The app without a browser: `AppTest` from app.py, with a separate workspace and a tiny model."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from analysis.model import Bundle
from analysis.scoring.jobs import get_scoring_job
from analysis.scoring.pipeline import score_batch
from analysis.settings import Settings
from analysis.workspace import Batch, Workspace
from pages.batch import open_drops
from pages.shared import engine, filter_bar, places
from pages.shared.messages import LOGGER
from tests.scored import new_batch

APP = Path(__file__).parents[2] / "app.py"

Open = Callable[..., AppTest]
_pages: dict[str, Any] = {}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Bundle) -> Path:
    """The app's workspace, empty and never used; the model is the tiny one."""
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    return tmp_path / "home"


@pytest.fixture(scope="session", autouse=True)
def one_component_scan() -> Iterator[None]:
    """Find the installed packages with Streamlit components once; each `AppTest` would read all again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def one_script_cache() -> Iterator[None]:
    """Compile each page once, as a server does; each run of `AppTest` would compile all again."""
    shared = ScriptCache()
    with pytest.MonkeyPatch.context() as patch:
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: shared)
        yield


@pytest.fixture(autouse=True)
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The cookies of the browser, which `AppTest` has none of; none at first."""
    sent: dict[str, str] = {}
    client = SimpleNamespace(cookies=sent, headers=[], remote_ip="127.0.0.1")
    monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: client)
    return sent


@pytest.fixture(autouse=True)
def idle_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser has drawn the first part of a page; a test without a browser would wait for that forever."""
    monkeypatch.setattr("pages.components.deferred._send_signal", lambda **_: SimpleNamespace(drawn=True))


@pytest.fixture(autouse=True)
def unexpected_errors(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Expected log entries of errors that pages show under a number, which `AppTest.exception` does not contain.

    A test adds to the list those that it expects; any other fails it.
    """
    shown: list[str] = []
    yield shown
    logged = [record.getMessage() for record in caplog.get_records("call") if record.name == LOGGER.name]
    assert [message for message in logged if message not in shown] == []


@pytest.fixture(autouse=True)
def no_open_uploads() -> None:
    """Release the uploads of other tests, which are kept for the whole process."""
    for each in open_drops.list_open():
        open_drops.release(each)


@pytest.fixture
def batch(home: Path, scored_home: Path) -> Batch:
    """One batch of 20 posts, scored without a model."""
    shutil.copytree(scored_home, home)
    return Workspace(home).open("spring")


@pytest.fixture
def sums(home: Path, additive_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    """A batch of 20 posts, scored by an additive model, which is that of the dashboard; some share their words."""
    monkeypatch.setenv("POSTLENS_MODEL", str(additive_bundle.folder))
    _forget_model()
    batch = new_batch(home.parent, batch_id="sums")
    score_batch(batch, additive_bundle)
    yield batch
    _forget_model()


def _forget_model() -> None:
    st.cache_data.clear()
    engine.forget_model()


@pytest.fixture
def open_page(batch: Batch) -> Open:
    """Open a page of the app, by its file and with the given address."""

    def open_(page: str, **address: str | list[str]) -> AppTest:
        app = app_at(page)
        for key, value in address.items():
            app.query_params[key] = value
        return app.run()

    return open_


def app_at(page: str) -> AppTest:
    """Point an app at a page, not yet run, as a link to that page does.

    `AppTest` knows the pages only after a run, so one run is made for all tests.
    """
    if not _pages:
        _pages.update(AppTest.from_file(str(APP), default_timeout=60).run()._registered_pages)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app._registered_pages = _pages
    return app.switch_page(page)


def open_at(page: str, address: Mapping[str, str | list[str]], **state: object) -> AppTest:
    """Open a page at an address, with some session state; it must show no error."""
    app = app_at(page)
    for key, value in address.items():
        app.query_params[key] = value
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    assert not app.error
    return app


def open_filters(app: AppTest) -> AppTest:
    """Open all menus of the filter bar: closed ones have no widgets."""
    for name in (*filter_bar.MENUS, "more"):
        app.session_state[f"filters_{name}"] = True
    return app.run()


def wait_for_job(batch_id: str) -> None:
    """Wait until the job of a batch is over."""
    for _ in range(600):
        job = get_scoring_job(batch_id)
        if job and not job.active:
            assert job.state == "done", job.error
            return
        time.sleep(0.1)
    raise AssertionError(f"batch {batch_id} is not scored after a minute")


def change_settings(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """Change the settings of the pages' workspace."""
    monkeypatch.setattr("analysis.workspace.home.Settings", partial(Settings, **changed))


def captions(app: AppTest) -> str:
    """All captions of a page."""
    return "\n".join(caption.value for caption in app.caption)


@pytest.fixture
def upload_page(home: Path) -> AppTest:
    (home / "batches").mkdir(parents=True)  # a workspace that was used and emptied: no sample posts
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    return app.switch_page(places.UPLOAD).run()
