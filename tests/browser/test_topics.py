"""The page Custom topics in Chromium: a topic is described, ranks posts, and its threshold is moved by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from analysis.model import Bundle
from analysis.scoring.pipeline import score_batch
from analysis.workspace import Workspace
from tests.browser.conftest import Visit
from tests.scored import new_batch

pytestmark = pytest.mark.browser


@pytest.fixture
def spring_home(home: Path, tmp_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's workspace with the batch "spring", scored with the model that the server loads."""
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    score_batch(new_batch(tmp_path), tiny_bundle)
    return home


def test_a_topic_is_made_described_moved_marked_and_switched(
    spring_home: Path, visit: Callable[[str], Visit]
) -> None:
    page = visit("/topics?batch=spring").page
    field = page.get_by_role("textbox", name="Add topics, separated by commas")
    field.fill("rain")
    field.press("Enter")
    page.get_by_role("button", name="rain", exact=True).click()
    description = page.get_by_role("textbox", name="Description")
    description.fill("wet weather")
    description.press("Enter")
    expect(page.get_by_text("Most similar")).to_be_visible()
    expect(page.get_by_text("have a similarity of 0.25 or more")).to_be_visible()
    shown = page.get_by_text(re.compile(r"^Similarity -?\d\.\d\d$")).all_inner_texts()[:3]
    similar = [float(text.split()[1]) for text in shown]
    assert similar == sorted(similar, reverse=True)

    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("have a similarity of 0.26 or more")).to_be_visible()
    expect(page.get_by_role("button", name="Default (0.25)")).to_be_visible()
    page.get_by_role("button", name="Right", exact=True).first.click()
    expect(page.get_by_text("1 right and 0 wrong. Texts")).to_be_visible()
    (topic,) = Workspace(spring_home).topics.read().topics
    assert (topic.name, topic.description, topic.threshold) == ("rain", "wet weather", 0.26)
    assert [example.belongs for example in topic.examples] == [True]

    page.get_by_role("button", name="All topics").click()
    count = page.get_by_role("link", name=re.compile(r"posts?, "))
    expect(count).to_be_visible()
    switch = page.get_by_role("switch", name="Show rain")
    for is_on in (False, True):
        switch.press("Space")
        expect(switch).to_be_checked(checked=is_on)
        expect(count).to_have_count(int(is_on))
        assert bool(Workspace(spring_home).topics.read().on) is is_on
