"""No page has a serious accessibility fault that axe-core finds, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server

PAGES = {
    "/upload": "Upload",
    "/?batch=spring": "Overview",
    "/breakdown?batch=spring": "Breakdown",
    "/trends?batch=spring": "Trends",
    "/themes?batch=spring": "Themes",
    "/topics?batch=spring": "Custom topics",
    "/compare?batch=spring": "Compare",
    "/posts?batch=spring": "Posts",
    "/reasons?batch=spring": "Reasons",
    "/explain?batch=spring&post=p3": "Explain",
    "/review?batch=spring": "Review",
    "/report?batch=spring": "Report",
    "/dictionary?batch=spring": "Data dictionary",
    "/model?batch=spring": "Model card",
}
SERIOUS = ("serious", "critical")

pytestmark = pytest.mark.browser


def list_faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:300]}"
        for fault in found
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


@pytest.fixture(scope="module", params=["light", "dark"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser profile in one theme, which loads the scripts of the app once."""
    opened = browser.new_context(viewport={"width": 1440, "height": 1100}, color_scheme=request.param)
    yield opened
    opened.close()


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_axe_finds_no_serious_fault(
    context: BrowserContext, spring_server: Server, path: str, title: str
) -> None:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{spring_server.url}{path}")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.wait_for_timeout(1000)  # for charts and images to be drawn
    try:
        assert list_faults(page) == []
    finally:
        page.close()
