"""From labels to a better model and back: label, retrain, use, score again, go back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analysis.model import SENTIMENTS
from analysis.workspace import Label, Workspace
from tests.browser.conftest import Visit
from tests.browser.test_whole_way import Screenshot
from tests.browser.test_whole_way import screenshot as screenshot
from tests.scored import new_batch, score, some_posts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POSTS = 48


def open_section(page: Page, name: str) -> None:
    page.get_by_text(name, exact=True).first.click()


def test_labels_train_a_model_that_is_used_and_taken_back(
    home: Path, visit: Callable[[str], Visit], screenshot: Screenshot
) -> None:
    score(new_batch(home.parent, some_posts(POSTS)))
    given = [Label(place, "sentiment", SENTIMENTS[place % 3]) for place in range(1, POSTS)]
    Workspace(home).reviews.save_labels("spring", "Ann", given)
    page = visit("/review?batch=spring").page

    page.get_by_role("combobox", name="Your name").click()
    page.get_by_role("option", name="Ann").click()
    page.get_by_role("button", name="Negative").click()
    expect(page.get_by_text("You have labelled all of these posts.")).to_be_visible()

    open_section(page, "Retrain")
    screenshot(page, "plan")
    page.get_by_role("button", name="Train a new model").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    screenshot(page, "training")
    expect(page.get_by_role("heading", name="Trained models")).to_be_visible()
    expect(page.get_by_text("on the same posts")).to_be_visible()
    screenshot(page, "before and after")

    page.get_by_role("button", name="Use this model").click()
    expect(page.get_by_text("The dashboard uses trained-")).to_be_visible()
    page.get_by_role("button", name="Score this batch again").click()
    expect(page.get_by_text("Scored with trained-")).to_be_visible()
    expect(page.get_by_text(f"All {POSTS} posts")).to_be_visible()
    open_section(page, "Corrected shares")
    expect(page.get_by_text(f"Based on the labels of all {POSTS} posts")).to_be_visible()
    screenshot(page, "trained")

    open_section(page, "Retrain")
    page.get_by_role("button", name="Use the previous model").click()
    expect(page.get_by_text("The dashboard uses compact@")).to_be_visible()
    page.get_by_role("button", name="Score this batch again").click()
    expect(page.get_by_text("Scored with compact@")).to_be_visible()
    open_section(page, "Corrected shares")
    expect(page.get_by_text(f"Based on the labels of all {POSTS} posts")).to_be_visible()
    screenshot(page, "taken back")
