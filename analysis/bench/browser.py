"""`postlens bench browser`: measures user-visible latency on a large batch, with a real server and Chromium.

It uses the newest batch in the workspace, which `postlens bench pages` has written with a million posts. Times are
measured from the click until the page is rendered and the app is idle.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from analysis.bench.machine import HEADER, Measurement, load_benchmark_module
from analysis.bench.pages import CHANGE_S, PAGE_S

TIMEOUT_MS = 90_000
FLAGS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def start_benchmark_server(home: Path, app: Path) -> Iterator[str]:
    """Run the app on a free port, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    port = f"--server.port={address.split(':')[1]}"
    command = [sys.executable, "-m", "streamlit", "run", app.name, "--server.headless=true", port]
    with TemporaryFile() as log:
        environment = {**os.environ, "POSTLENS_HOME": str(home)}
        process = subprocess.Popen(command, cwd=app.parent, env=environment, stdout=log, stderr=log)  # noqa: S603 (our own app)
        try:
            _wait_until_ready(address)
            yield f"http://{address}"
        finally:
            process.kill()
            process.wait()


def time_in_browser(home: Path, app: Path, chromium: Path) -> Iterator[str]:
    """Time each step, and yield lines of a table.

    Args:
        home: The workspace.
        app: The dashboard's app.py.
        chromium: The browser's executable.
    """
    api = load_benchmark_module("playwright.sync_api")
    api.expect.set_options(timeout=TIMEOUT_MS)
    with start_benchmark_server(home, app.resolve()) as url, api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1440, "height": 1100}).new_page()
        page.set_default_timeout(TIMEOUT_MS)
        yield HEADER
        for each in _time_steps(page, url, api.expect):
            yield each.line()
        browser.close()


def _time_steps(page: Any, url: str, expect: Any) -> Iterator[Measurement]:
    """Open the pages from the menu; on Posts, also set filters and change the order."""

    def text(words: str) -> Callable[[], object]:
        return lambda: expect(page.get_by_text(words).first).to_be_visible()

    def seconds(act: Callable[[], object], wait: Callable[[], object]) -> float:
        start = time.perf_counter()
        act()
        wait()
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
        return time.perf_counter() - start

    warm = page.context.new_page()  # a separate session loads the modules without the batch
    for name in ("overview", "posts", "report"):
        warm.goto(f"{url}/{name}?batch=nowhere")
        expect(warm.get_by_text("does not exist").first).to_be_visible()
    warm.close()  # background tabs are rendered only once a second
    page.bring_to_front()
    seconds(lambda: page.goto(f"{url}/dictionary"), text("Every column that a report can have"))
    menu = page.get_by_test_id("stSidebarNav")
    for again in ("first", "again"):
        start = time.perf_counter()
        menu.get_by_role("link", name="Overview", exact=True).click()
        text("Posts that stand out")()
        yield Measurement(f"Overview, {again}", time.perf_counter() - start, PAGE_S)
        seconds(lambda: None, text("Click a bar"))
        yield Measurement(f"Overview with all charts, {again}", time.perf_counter() - start, None)
        for name, last in (
            ("Reasons", "Image outweighed"),
            ("Posts", "Click a row"),
            ("Report", "Preview of"),
        ):
            click = menu.get_by_role("link", name=name, exact=True).click
            yield Measurement(f"{name}, {again}", seconds(click, text(last)), PAGE_S)
    seconds(menu.get_by_role("link", name="Posts", exact=True).click, text("Click a row"))
    page.locator(".st-key-filter_bar").get_by_role("button", name="Sentiment").click()
    negative = page.get_by_test_id("stPopoverBody").get_by_role("button", name="negative").click
    yield Measurement("Posts, sentiment", seconds(negative, text("of 1,000,000 posts")), CHANGE_S)
    page.keyboard.press("Escape")
    search = page.get_by_label("Search by words")
    search.fill("train")
    found = seconds(lambda: search.press("Enter"), text("“train”"))
    yield Measurement("Posts, text search", found, CHANGE_S)
    page.get_by_role("combobox", name="Sort").click()
    order = page.get_by_role("option", name="Most negative first").click
    sorted_ = seconds(order, lambda: page.wait_for_url("**sort=valence**"))
    yield Measurement("Posts, by valence", sorted_, CHANGE_S)


def _wait_until_ready(address: str) -> None:
    for _ in range(300):  # one minute
        try:
            urlopen(f"http://{address}/_stcore/health", timeout=2)
        except (URLError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server did not start")
