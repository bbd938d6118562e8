"""What a person waits for on a large batch: `python -m tests.benchmarks.in_browser --home DIR`.

A real server and Chromium, on the newest batch there, which `tests.benchmarks.pages` made with a million posts. Times
are from the click until the page is drawn and the app at rest.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, expect, sync_playwright

from tests.benchmarks.pages import CHANGE_S, HEADER, PAGE_S, Measured
from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS, ROOT


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run the app on a free port, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    port = f"--server.port={address.split(':')[1]}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", port]
    with TemporaryFile() as log:
        environment = {**os.environ, "POSTLENS_HOME": str(home)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(address)
            yield f"http://{address}"
        finally:
            process.kill()
            process.wait()


def waited(page: Page, act: Callable[[], object], shown: Callable[[], object]) -> float:
    """Do something, wait until its outcome is shown and the app is at rest, and say how many seconds that took."""
    start = time.perf_counter()
    act()
    shown()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    return time.perf_counter() - start


def steps(page: Page, url: str) -> Iterator[Measured]:
    """Open the pages from the menu one after the other; on Posts, set filters and choose an order."""

    def text(words: str) -> Callable[[], object]:
        return lambda: expect(page.get_by_text(words).first).to_be_visible()

    warm = page.context.new_page()  # a session of its own loads the modules, and asks nothing of the batch
    for name in ("overview", "posts", "report"):
        warm.goto(f"{url}/{name}?batch=nowhere")
        expect(warm.get_by_text("does not exist").first).to_be_visible()
    warm.close()  # a tab behind another is drawn once a second
    page.bring_to_front()
    waited(page, lambda: page.goto(f"{url}/dictionary"), text("Every column that a report can have"))
    menu = page.get_by_test_id("stSidebarNav")
    for again in ("first", "again"):
        for name, last in (
            ("Overview", "Click a bar"),
            ("Posts", "Click a row"),
            ("Report", "exactly as in the file"),
        ):
            click = menu.get_by_role("link", name=name, exact=True).click
            yield Measured(f"{name}, {again}", waited(page, click, text(last)), PAGE_S)
    waited(page, menu.get_by_role("link", name="Posts", exact=True).click, text("Click a row"))
    negative = page.get_by_test_id("stSidebar").get_by_role("button", name="negative").click
    yield Measured("Posts, sentiment", waited(page, negative, text("of 1,000,000 posts")), CHANGE_S)
    search = page.get_by_label("Search text")
    search.fill("train")
    entered = waited(page, lambda: search.press("Enter"), text("“train”"))
    yield Measured("Posts, text search", entered, CHANGE_S)
    page.get_by_role("combobox", name="Sort").click()
    order = page.get_by_role("option", name="Most negative first").click
    yield Measured(
        "Posts, by valence", waited(page, order, lambda: page.wait_for_url("**sort=valence**")), CHANGE_S
    )


def main() -> None:
    """Print how long each step took."""
    parser = argparse.ArgumentParser(description="Measure pages on a large batch in Chromium.")
    parser.add_argument("--home", type=Path, required=True, help="the workspace, as POSTLENS_HOME")
    expect.set_options(timeout=PATIENCE_MS)
    with server(parser.parse_args().home) as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = chromium.new_context(viewport={"width": 1440, "height": 1100}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        print(HEADER)
        for each in steps(page, url):
            print(each.line(), flush=True)
        chromium.close()


def _wait(address: str) -> None:
    for _ in range(300):  # a minute
        try:
            urlopen(f"http://{address}/_stcore/health", timeout=2)
        except (URLError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    main()
