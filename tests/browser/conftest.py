"""A real server on a free port with a workspace of its own, and Chromium to look at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).parents[2]
PATIENCE_MS = 90_000


@dataclass
class Visit:
    """A tab on a running server, and what happened in it that must not."""

    page: Page
    url: str
    dialogs: list[str] = field(default_factory=list)
    requests_abroad: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The server's workspace, used and emptied, so that no sample posts are scored; a test may put batches in it."""
    (tmp_path / "home" / "batches").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def visit(browser: Browser, home: Path, tmp_path: Path) -> Iterator[Callable[[str], Visit]]:
    """Start a fresh server and open one address as its first request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.headless=true",
        f"--server.port={port}",
    ]
    log = tmp_path / "server.log"
    tabs: list[Page] = []
    with log.open("w") as output:
        environment = {**os.environ, "POSTLENS_HOME": str(home)}
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)

    def open_(path: str) -> Visit:
        tab = browser.new_page(viewport={"width": 1440, "height": 1100})
        tab.set_default_timeout(PATIENCE_MS)
        tabs.append(tab)
        visited = Visit(tab, f"http://127.0.0.1:{port}")
        tab.on("dialog", lambda dialog: (visited.dialogs.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: _note_abroad(visited, request.url))
        tab.goto(f"{visited.url}{path}")
        return visited

    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield open_
    finally:
        for tab in tabs:
            tab.close()
        server.kill()  # at once: a polite end would wait for the batch being scored
        server.wait()


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
