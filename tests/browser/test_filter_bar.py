"""The filter bar in Chromium: menus stay open while the page follows, and it fits narrow windows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def server(spring_server: Server) -> Server:
    return spring_server


@pytest.fixture
def posts_page(visit: Callable[[str], Visit]) -> Callable[[int], Page]:
    """Open the Posts page of a scored batch in a window of some width."""

    def open_(width: int) -> Page:
        visited = visit("/_stcore/health")  # a session sees the width of its window when it begins
        visited.page.set_viewport_size({"width": width, "height": 900})
        visited.page.goto(f"{visited.url}/posts?batch=spring")
        expect(visited.page.get_by_text("All 20 posts")).to_be_visible()
        return visited.page

    return open_


def test_choices_in_an_open_menu_filter_the_page_and_become_chips(posts_page: Callable[[int], Page]) -> None:
    page = posts_page(1440)
    bar = page.locator(".st-key-filter_bar")
    bar.get_by_role("button", name="Sentiment").click()
    menu = page.get_by_test_id("stPopoverBody")
    menu.get_by_role("button", name="Negative").click()
    expect(page.get_by_text(" of 20 posts")).to_be_visible()
    menu.get_by_role("button", name="Positive").click()
    page.wait_for_url("**sentiments=positive**")
    expect(page).to_have_url(re.compile("sentiments=negative"))
    expect(page.get_by_role("button", name="▼ Negative or ▲ Positive")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    bar.get_by_role("button", name="More filters").click()
    menu.get_by_role("button", name="Text only").click()
    page.wait_for_url("**inputs=text**")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_text("All 20 posts")).to_be_visible()
    expect(page).not_to_have_url(re.compile("sentiments"))


@pytest.mark.parametrize("width", [390, 800])
def test_in_a_narrow_window_the_sidebar_is_closed_and_the_filters_fit(
    posts_page: Callable[[int], Page], width: int
) -> None:
    page = posts_page(width)
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    page.evaluate("document.fonts.ready")
    help_, *menus = page.locator(".st-key-filter_bar").get_by_test_id("stPopover").all()
    field = page.locator(".st-key-filter_search").bounding_box()
    assert abs(help_.bounding_box()["y"] - field["y"]) < field["height"]
    boxes = [menu.bounding_box() for menu in menus]
    assert len(boxes) == 4
    assert len({round(box["y"]) for box in boxes}) == 1
    assert max(box["x"] + box["width"] for box in boxes) <= width
    menus[-1].get_by_role("button").click()
    expect(page.get_by_test_id("stPopoverBody").get_by_text("Content type")).to_be_visible()
    shown = page.get_by_test_id("stPopoverBody").bounding_box()
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= width
