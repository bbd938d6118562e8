"""A real server on a free port with a workspace of its own, and Chromium to look at it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from analysis.bench.browser import FLAGS
from analysis.workspace import Batch
from tests.scored import new_batch, score

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
PATIENCE_MS = 90_000


@dataclass
class Server:
    """A running server: its plain address, the address that it printed, and its log so far."""

    url: str
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def printed(self) -> str:
        """The address that the start command printed, with the key."""
        return re.findall(r"https?://\S+", self.log.read_text())[0]


@dataclass
class Visit:
    """A tab on a running server, and what happened in it that must not."""

    page: Page
    url: str
    dialogs: list[str] = field(default_factory=list)
    requests_abroad: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def spring_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests that only look at its batch "spring" of 20 posts."""
    with serving(score(new_batch(tmp_path_factory.mktemp("spring")))) as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The server's workspace, used and emptied, so that no sample posts are scored; a test may put batches in it."""
    (tmp_path / "home" / "batches").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def root() -> Path:
    """The folder of app.py; a test may put another one here."""
    return ROOT


@pytest.fixture
def server(root: Path, home: Path, tmp_path: Path) -> Iterator[Server]:
    """Start a fresh server with `streamlit run app.py`."""
    with running(root, home, tmp_path / "server.log") as started:
        yield started


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[[str], Visit]]:
    """Open one address, or one path of the fresh server, as its first request; each time in a new browser profile."""
    tabs: list[Page] = []

    def open_(path: str) -> Visit:
        tab = browser.new_context(viewport={"width": 1440, "height": 1100}).new_page()
        tab.set_default_timeout(PATIENCE_MS)
        tabs.append(tab)
        visited = Visit(tab, server.url)
        tab.on("dialog", lambda dialog: (visited.dialogs.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: _note_abroad(visited, request.url))
        tab.goto(path if path.startswith("http") else f"{visited.url}{path}")
        return visited

    yield open_
    for tab in tabs:
        tab.context.close()


@contextmanager
def serving(batch: Batch) -> Iterator[Server]:
    """Run a server on the workspace of a batch, until the block ends."""
    home = batch.folder.parents[1]
    with running(ROOT, home, home.parent / "server.log") as started:
        yield started


@contextmanager
def running(
    root: Path, home: Path, log: Path, *options: str, env: dict[str, str] | None = None
) -> Iterator[Server]:
    """Run `streamlit run app.py` with options on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    environment = {
        **os.environ,
        "POSTLENS_HOME": str(home),
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_HEADLESS": "true",
        **(env or {}),
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield Server(f"http://127.0.0.1:{port}", port, log, process)
    finally:
        process.kill()  # at once: a polite end would wait for the batch being scored
        process.wait()


def _note_abroad(visited: Visit, url: str) -> None:
    if not url.startswith((visited.url, visited.url.replace("http", "ws"), "data:", "blob:")):
        visited.requests_abroad.append(url)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=2)
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"the server did not start:\n{log.read_text()}")
