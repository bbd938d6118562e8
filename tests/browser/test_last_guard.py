"""A page, a fragment and a button that fail: a message with the number that the log has, and the menu still works."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Server, Visit

pytestmark = pytest.mark.browser

FAULTY_PAGE = """
import streamlit as st

def fail():
    raise ValueError("a secret post".upper())

@st.fragment
def part():
    if st.button("Fail in a part"):
        fail()

st.title("Faulty page")
part()
st.button("Fail in a callback", on_click=fail)
if st.button("Fail on the page"):
    fail()
st.text("The end")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The app with a faulty page in place of the data dictionary."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "pages", copy / "pages")
    shutil.copytree(ROOT / ".streamlit", copy / ".streamlit")
    shutil.copy(ROOT / "app.py", copy)
    (copy / "analysis").symlink_to(ROOT / "analysis")
    (copy / "pages" / "report" / "dictionary.py").write_text(FAULTY_PAGE)
    return copy


def number_on(page: Page) -> str:
    message = page.get_by_text("Something went wrong")
    expect(message).to_have_count(1)
    found = re.search(r"number (\d+)", message.inner_text())
    assert found
    return found[1]


def test_every_failure_has_a_number_that_the_log_has(server: Server, visit: Callable[[str], Visit]) -> None:
    page = visit("/dictionary").page
    for where in ("on the page", "in a part", "in a callback"):
        expect(page.get_by_text("The end")).to_be_visible()
        page.get_by_role("button", name=f"Fail {where}").click()
        number = number_on(page)
        log = server.log.read_text()
        assert log.count(f"Error number {number}\n") == 1
        assert "SECRET" not in log
        assert "Traceback" not in page.inner_text("body")
        assert "SECRET" not in page.inner_text("body")
        page.get_by_role("link", name="Upload").first.click()
        expect(page.get_by_role("heading", name="Upload")).to_be_visible()
        page.get_by_role("link", name="Data dictionary").click()
