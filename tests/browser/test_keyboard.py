"""The app without a mouse: from upload to report with Tab, Enter and arrows, with a focus that is always visible."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server, Visit

pytestmark = pytest.mark.browser

TABLE = b"id,text\n1,What a lovely day\n2,Terrible service\n3,The match starts at eight\n"
FOCUSED = """() => {
  const focused = document.activeElement;
  const name = focused.getAttribute("aria-label") || focused.innerText || focused.dataset.testid || "";
  return name.length < 60 ? name : "";  // the page itself can have the focus too
}"""
HAS_OUTLINE = """() => {
  let each = document.activeElement;
  if (each === document.body || each.closest("table")) return true;  // cells of a grid: it draws its own
  for (let depth = 0; each && depth < 5; depth++, each = each.parentElement) {
    const style = getComputedStyle(each);
    if (style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2) return true;
  }
  return false;
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until an element whose name matches has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        page.wait_for_timeout(60)
        if re.search(name, page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


def wait_until_idle(page: Page) -> None:
    """Wait until the page has run and was idle for half a second: a run can cause another one."""
    idle = page.locator("[data-test-script-state=notRunning]")
    for _ in range(2):
        page.wait_for_timeout(500)
        expect(idle).to_be_attached()


def open_page(page: Page, name: str, address: str) -> None:
    tab_to(page, rf"\b{name}$")
    page.keyboard.press("Enter")
    page.wait_for_url(address)
    wait_until_idle(page)


def test_the_keyboard_alone_leads_from_upload_to_report(visit: Callable[[str], Visit]) -> None:
    page = visit("/").page
    expect(page.get_by_role("link", name="Upload posts")).to_be_visible()
    open_page(page, "Upload", "**/upload**")
    tab_to(page, "Files")
    tab_to(page, r"\bUpload$")
    wait_until_idle(page)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "posts.csv", "mimeType": "text/csv", "buffer": TABLE})
    expect(page.get_by_role("button", name="Score 3 posts")).to_be_visible()
    wait_until_idle(page)
    tab_to(page, "Score 3 posts")
    page.keyboard.press("Enter")
    expect(page.get_by_text("All 3 posts")).to_be_visible()
    expect(page.get_by_text("Sentiment by topic").first).to_be_visible()
    wait_until_idle(page)

    open_page(page, "Posts", "**/posts**")
    tab_to(page, "data-grid-canvas")
    wait_until_idle(page)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="because of")).to_be_visible()
    wait_until_idle(page)
    open_page(page, "Full explanation", "**/explain**post=2**")

    open_page(page, "Report", "**/report**")
    tab_to(page, "Download 3 posts as CSV")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert Path(waiting.value.path()).read_text("utf-8-sig").count("\n") == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_is_visible_everywhere(browser: Browser, spring_server: Server, theme: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 1100}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    for path in ("/posts", "/report", "/explain?post=p3", "/upload"):
        page.goto(f"{spring_server.url}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wait_until_idle(page)
        hidden = []
        for _ in range(70):
            page.keyboard.press("Tab")
            if not page.evaluate(HAS_OUTLINE):
                hidden.append(page.evaluate(FOCUSED))
        assert hidden == [], path
    context.close()
