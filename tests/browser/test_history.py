"""Back returns to what was shown before in one step, whatever was clicked, and Forward undoes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server

pytestmark = pytest.mark.browser

Act = Callable[[Page], None]


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile, which loads the scripts of the app once."""
    opened = browser.new_context(viewport={"width": 1440, "height": 1100})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    yield tab
    tab.close()


def wait_until_idle(page: Page) -> None:
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_timeout(500)


def shown(page: Page) -> tuple[str, str]:
    wait_until_idle(page)
    return page.url, page.get_by_role("heading", level=1).inner_text()


def click_bar(page: Page) -> None:
    bars = page.locator(".js-plotly-plot .bars .point path")
    expect(bars.first).to_be_attached()
    bar = next(bar for bar in bars.all() if (bar.bounding_box() or {"height": 0})["height"] > 10)
    bar.scroll_into_view_if_needed()
    bar.click(force=True)


def choose_negative(page: Page) -> None:
    page.locator(".st-key-filter_bar").get_by_role("button", name="Sentiment").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Negative").click()


def search(page: Page) -> None:
    box = page.get_by_label("Search by words")
    box.fill("rain")
    box.press("Enter")


ACTIONS: dict[str, tuple[str, Act]] = {
    "a bar": ("/?batch=spring", click_bar),
    "a number": (
        "/?batch=spring",
        lambda page: page.get_by_role("link", name=re.compile("Not sure")).click(),
    ),
    "a card": (
        "/?batch=spring",
        lambda page: page.get_by_role("link", name="Full explanation").first.click(),
    ),
    "a page of the menu": (
        "/?batch=spring&inputs=text",
        lambda page: page.get_by_role("link", name="Reasons").click(),
    ),
    "a link that assistive technology opens, without a pointer": (
        "/?batch=spring",
        lambda page: page.get_by_role("link", name="Posts", exact=True).evaluate("link => link.click()"),
    ),
    "a filter": (
        "/posts?batch=spring",
        choose_negative,
    ),
    "a search": ("/posts?batch=spring", search),
    "a chip": (
        "/posts?batch=spring&search=rain",
        lambda page: page.get_by_role("button", name="rain").click(),
    ),
    "the next post": (
        "/explain?batch=spring&post=p3",
        lambda page: page.get_by_role("button", name="Next").click(),
    ),
    "similar posts": (
        "/explain?batch=spring&post=p3",
        lambda page: page.get_by_role("link", name="Similar posts").click(),
    ),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_back_undoes_one_action_and_forward_repeats_it(spring_server: Server, page: Page, name: str) -> None:
    address, act = ACTIONS[name]
    page.goto(f"{spring_server.url}{address}")
    before = shown(page)
    act(page)
    page.wait_for_function("before => location.href !== before", arg=before[0])
    after = shown(page)
    page.go_back()
    assert shown(page) == before
    page.go_forward()
    assert shown(page) == after


def test_back_on_the_first_page_leaves_the_app(spring_server: Server, page: Page) -> None:
    page.goto("about:blank")
    page.goto(spring_server.url)
    page.wait_for_url("**batch=spring**")
    wait_until_idle(page)
    expect(page).to_have_url(re.compile("batch=spring"))
    expect(page).to_have_title("Overview · Spring – PostLens")
    page.go_back()
    page.wait_for_url("about:blank")


def test_the_menu_offers_themes_and_does_not_advertise(spring_server: Server, page: Page) -> None:
    page.goto(f"{spring_server.url}/upload")
    wait_until_idle(page)
    page.get_by_test_id("stMainMenuButton").click()
    expect(page.get_by_role("menuitemradio", name="Dark")).to_be_visible()
    expect(page.get_by_text("Made with Streamlit")).to_be_hidden()
