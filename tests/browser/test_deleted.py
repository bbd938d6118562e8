"""A batch that another person deletes while a page shows it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser


DOWNLOAD = re.compile("Download .* as CSV")


@pytest.fixture
def page(tmp_path: Path, visit: Callable[[str], Visit]) -> Page:
    """The Report page of a batch that was deleted after its report was downloaded."""
    batch = score(new_batch(tmp_path))
    page = visit("/report?batch=spring").page
    expect(page.get_by_text("Preview of")).to_be_visible()
    with page.expect_download():
        page.get_by_role("button", name=DOWNLOAD).click()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_have_count(1)
    shutil.rmtree(batch.folder)
    return page


@pytest.mark.parametrize(
    "click",
    [
        lambda page: page.get_by_text("Probabilities", exact=True).first.click(),
        lambda page: page.get_by_role("link", name="Posts", exact=True).click(),
    ],
    ids=["a choice", "another page"],
)
def test_the_next_click_says_that_the_batch_was_deleted(page: Page, click: Callable[[Page], None]) -> None:
    click(page)
    expect(page.get_by_text(re.compile("was deleted")).first).to_be_visible()
    page.get_by_role("link", name="Upload posts or choose a batch").click()
    expect(page.get_by_role("heading", name="Upload")).to_be_visible()


def test_a_download_of_a_deleted_batch_fails_visibly(page: Page) -> None:
    page.get_by_role("button", name=DOWNLOAD).click()
    expect(page.get_by_text("Failed to generate file for download")).to_be_visible()
