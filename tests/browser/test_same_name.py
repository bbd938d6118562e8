"""Batches with the same name, as in a workspace of an earlier version: each can be opened."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.scored import new_batch, score, some_posts

pytestmark = pytest.mark.browser

BATCH = "new URLSearchParams(location.search).get('batch')"
IDS = ("first", "second", "third")


@pytest.fixture
def equal_batches(home: Path, tmp_path: Path) -> None:
    """Three batches of one name and one size; each is made in a workspace of its own, where its name is free."""
    for batch_id in IDS:
        posts = some_posts()
        posts["text"] = [f"from the {batch_id} {text}" for text in posts["text"]]
        batch = score(new_batch(tmp_path / batch_id, posts, batch_id))
        shutil.move(batch.folder, home / "batches" / batch_id)


def shown(page: Page, batch_id: str) -> None:
    """Look on the Posts page at the text of the first post."""
    page.get_by_role("link", name="Posts", exact=True).click()
    page.get_by_text("Gallery").click()
    expect(page.get_by_text(f"from the {batch_id} Post number 0").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"batch={batch_id}"))


def test_open_and_the_selector_lead_to_the_batch_that_was_clicked(
    equal_batches: None, visit: Callable[[str], Visit]
) -> None:
    page = visit("/upload").page
    for batch_id in (*IDS, IDS[0]):
        page.get_by_role("link", name="Upload").first.click()
        page.locator(f".st-key-batch_{batch_id}").get_by_role("link", name="Open").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        shown(page, batch_id)
    selector = page.get_by_test_id("stSidebar").get_by_role("combobox").first
    selector.click()
    labels = page.get_by_role("option").all_inner_texts()
    assert len(set(labels)) == len(IDS)
    page.keyboard.press("Escape")
    found = set()
    for label in (*labels, labels[0]):
        before = batch_in_address(page)
        is_other = selector.input_value() != label
        selector.click()
        page.get_by_role("option", name=label, exact=True).click()
        if is_other:
            page.wait_for_function(f"{BATCH} !== '{before}'")
        batch_id = batch_in_address(page)
        expect(page.get_by_text("Post number 0").first).to_contain_text(f"from the {batch_id} ")
        found.add((label, batch_id))
    assert len(found) == len(IDS)
    assert {batch_id for _, batch_id in found} == set(IDS)


def batch_in_address(page: Page) -> str:
    return str(page.evaluate(BATCH))
