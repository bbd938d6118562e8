"""Posts are labelled with the keyboard alone, by two people at once in two browsers, and undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analysis.workspace import ReviewStore
from tests.browser.conftest import Visit
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser


def enter_name(page: Page, name: str) -> None:
    field = page.locator(".st-key-coder input")
    field.click()
    field.fill(name)
    field.press("Enter")
    expect(page.get_by_role("button", name="Negative")).to_be_enabled()
    page.get_by_role("heading", name="Review", level=1).click()  # keys are for the page, not for the field


def wait_for_run(page: Page) -> None:
    """Wait until the page is complete, as a person does who reads the post."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def press(page: Page, keys: str, done: int) -> None:
    """Press keys one after the other, each once the post before is stored."""
    for number, key in enumerate(keys, start=done + 1):
        wait_for_run(page)
        page.keyboard.press(key)
        expect(page.get_by_text(f"You have labelled {number} post")).to_be_visible()


def test_two_people_label_at_once_with_the_keyboard(tmp_path: Path, visit: Callable[[str], Visit]) -> None:
    score(new_batch(tmp_path))
    ann, ben = (visit("/review?batch=spring").page for _ in range(2))
    enter_name(ann, "Ann")
    enter_name(ben, "Ben")
    press(ann, "12", 0)
    press(ben, "33", 0)
    press(ann, "3", 2)
    press(ben, "0", 2)
    labels = ReviewStore(tmp_path / "home").read_labels("spring")
    by_coder = {
        coder: {each.position: each.value for each in labels if each.owner == coder}
        for coder in ("Ann", "Ben")
    }
    assert sorted(by_coder["Ann"].values()) == ["negative", "neutral", "positive"]
    assert sorted(by_coder["Ben"].values()) == ["positive", "positive", "unsure"]
    assert by_coder["Ann"].keys() == by_coder["Ben"].keys()  # the random order is the same for all

    wait_for_run(ann)
    ann.keyboard.press("u")
    expect(ann.get_by_text("You have labelled 2 posts")).to_be_visible()
    wait_for_run(ann)
    ann.keyboard.press("n")
    note = ann.get_by_label("Note", exact=True)
    note.fill("1 2 3 look at this")  # keys in a text are letters
    note.press("Control+Enter")
    expect(ann.get_by_text("You have labelled 2 posts")).to_be_visible()
    ann.get_by_role("heading", name="Review", level=1).click()
    wait_for_run(ann)
    ann.keyboard.press("t")
    expect(ann.get_by_text("Topics", exact=True)).to_be_visible()
    stored = ReviewStore(tmp_path / "home").read_labels("spring")
    assert [each.value for each in stored if each.field == "note"] == ["1 2 3 look at this"]
