"""Find in Chromium: words, marked posts and a picture, from the search to an explained post and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.scored import new_batch, score, some_posts

pytestmark = pytest.mark.browser


def test_posts_are_found_by_words_marks_and_a_picture_in_all_batches(
    tmp_path: Path, visit: Callable[[str], Visit]
) -> None:
    score(new_batch(tmp_path))
    score(new_batch(tmp_path, some_posts(6), batch_id="autumn"))
    page = visit("/posts?batch=spring").page
    search = page.get_by_placeholder("Search text, author or ID")
    search.fill('"sunshine')
    search.press("Enter")
    expect(page.get_by_text("quotation mark that is not closed")).to_be_visible()
    expect(page.get_by_text("All 20 posts")).to_be_visible()
    search.fill("sunshine -number* OR author:author1 100%")
    search.press("Enter")
    expect(page.get_by_text("of 20 posts")).to_be_visible()
    expect(page.get_by_text("quotation mark that is not closed")).to_have_count(0)
    page.get_by_text("All batches").first.click()
    expect(page.get_by_text("of 2 batches, one batch after the other")).to_be_visible()
    page.get_by_text("Gallery").click()
    page.get_by_role("button", name="More like this").first.click()
    page.get_by_role("button", name="Find more like these").click()
    expect(page.get_by_role("button", name="More like the marked posts")).to_be_visible()
    expect(page.get_by_text("Similarity 0.").first).to_be_visible()
    page.get_by_role("link", name="Full explanation").last.click()
    page.wait_for_url("**/explain?**")
    page.get_by_role("link", name="All posts").click()
    expect(page.get_by_role("button", name="More like the marked posts")).to_be_visible()
    page.get_by_text("Picture", exact=True).click()
    not_an_image = tmp_path / "notes.png"
    not_an_image.write_text("no image")
    page.locator("input[type=file]").set_input_files(not_an_image)
    expect(page.get_by_text("is not an image")).to_be_visible()
    Image.new("RGB", (64, 64), "orange").save(tmp_path / "sun.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "sun.png")
    expect(page.get_by_text("was scored with another model")).to_be_visible()  # by none that is there
    page.get_by_role("button", name="Show all posts").click()
    expect(page.get_by_text("of 2 batches, one batch after the other")).to_be_visible()
