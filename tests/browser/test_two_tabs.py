"""Two tabs of one browser show two batches, and what is done in one does not change the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Visit
from tests.scored import new_batch, score, some_posts

pytestmark = pytest.mark.browser


def choose_negative(page: Page) -> None:
    page.locator(".st-key-filter_bar").get_by_role("button", name="Sentiment").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Negative").click()
    page.keyboard.press("Escape")
    page.wait_for_url("**sentiments=negative**")


def test_two_tabs_with_two_batches_do_not_disturb_each_other(
    tmp_path: Path, visit: Callable[[str], Visit]
) -> None:
    score(new_batch(tmp_path))
    visited = visit("/posts?batch=spring")
    first = visited.page
    expect(first.get_by_text("All 20 posts")).to_be_visible()
    score(new_batch(tmp_path, some_posts(7), batch_id="autumn"))
    second = first.context.new_page()
    second.set_default_timeout(PATIENCE_MS)
    second.goto(f"{visited.url}/posts?batch=autumn")
    expect(second.get_by_text("All 7 posts")).to_be_visible()

    choose_negative(first)
    expect(first.get_by_text(" of 20 posts")).to_be_visible()
    second.get_by_role("link", name="Report", exact=True).click()
    expect(second.get_by_role("heading", name="Report", level=1)).to_be_visible()
    expect(second.get_by_text("All 7 posts")).to_be_visible()
    expect(second).to_have_url(re.compile("batch=autumn"))
    expect(second).not_to_have_url(re.compile("sentiments"))

    first.get_by_role("link", name="Report", exact=True).click()
    expect(first.get_by_role("heading", name="Report", level=1)).to_be_visible()
    expect(first.get_by_text(" of 20 posts")).to_be_visible()
    expect(first).to_have_url(re.compile(r"batch=spring.*sentiments=negative"))
