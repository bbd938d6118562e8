"""A server that answers late loses nothing of what the user has done in the meantime."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def server(spring_server: Server) -> Server:
    return spring_server


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """Let the server do nothing during the block; it answers all events of the block after it."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


def expect_only_negative_posts(page: Page, path: str) -> None:
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_role("button", name="▼ Negative")).to_be_visible()
    expect(page.get_by_text(" of 20 posts")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/{path}\?.*sentiments=negative"))


def open_menu(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()


def test_a_filter_stays_if_its_menu_is_closed_before_the_server_answers(
    visit: Callable[[str], Visit], server: Server
) -> None:
    page = visit("/posts?batch=spring").page
    expect(page.get_by_text("All 20 posts")).to_be_visible()
    open_menu(page, "Sentiment")
    choice = page.get_by_test_id("stPopoverBody").get_by_role("button", name="Negative")
    expect(choice).to_be_visible()
    with stopped(server):
        choice.click()
        page.keyboard.press("Escape")
    expect_only_negative_posts(page, "posts")
    page.get_by_role("link", name="Report", exact=True).click()
    expect_only_negative_posts(page, "report")
    page.go_back()
    expect_only_negative_posts(page, "posts")
    page.go_back()
    expect(page.get_by_text("All 20 posts")).to_be_visible()


def test_a_removed_filter_stays_removed_if_another_menu_is_closed_before_the_server_answers(
    visit: Callable[[str], Visit], server: Server
) -> None:
    page = visit("/posts?batch=spring&sentiments=negative").page
    expect(page.get_by_text(" of 20 posts")).to_be_visible()
    open_menu(page, "Saved views")
    expect(page.get_by_role("textbox", name="Save this page and its filters as")).to_be_visible()
    with stopped(server):
        page.get_by_role("button", name="▼ Negative").click()
        page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_text("All 20 posts")).to_be_visible()
    expect(page).not_to_have_url(re.compile("sentiments"))
