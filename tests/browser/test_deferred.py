"""Parts of a page that are drawn later do not disturb a click."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit
from playwright.sync_api import Route, expect

from tests.browser.conftest import Server, Visit
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser
COMPONENT = next((Path(streamlit.__file__).parent / "static" / "static" / "js").glob("BidiComponent*.js"))
CLICK = """[...document.querySelectorAll("a")].find(each => each.innerText.includes("Full explanation")).click()"""


def test_a_link_that_is_clicked_before_the_charts_are_drawn_opens_its_page(
    tmp_path: Path, server: Server, visit: Callable[[str], Visit]
) -> None:
    score(new_batch(tmp_path))
    visited = visit("/_stcore/health")
    page, held = visited.page, list[Route]()
    # The script that asks for the charts comes late.
    page.route(f"**/{COMPONENT.name}", lambda route: held.append(route))
    page.goto(f"{visited.url}/?batch=spring")
    expect(page.get_by_role("link", name="Full explanation").first).to_be_visible()
    page.wait_for_timeout(3_000)
    assert held
    server.process.send_signal(signal.SIGSTOP)  # a busy server
    try:
        page.evaluate(CLICK)
        for route in held:
            route.fulfill(body=COMPONENT.read_text(), content_type="text/javascript")
        page.wait_for_timeout(2_000)
    finally:
        server.process.send_signal(signal.SIGCONT)
    heading = page.get_by_role("heading", name="Explain", level=1)
    expect(heading).to_be_visible()
    page.wait_for_timeout(3_000)
    expect(heading).to_be_visible(timeout=1_000)
