"""The Compare page in Chromium: a row, a bar, a field of the topics and a word open the posts that they count."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from analysis import query
from analysis.posts import post_frame
from analysis.query import Filters
from analysis.workspace import Batch
from tests.browser.conftest import Server, Visit, serving
from tests.scored import FIRST_DAY, new_batch, score

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    rows = [
        {
            "post_id": f"p{row}",
            "text": f"Day {row} {'wet' if row % 2 else 'dry'}",
            "author": ("ann", "bob")[row % 2],
            "created_at": FIRST_DAY,
        }
        for row in range(60)
    ]
    return score(new_batch(tmp_path_factory.mktemp("compare"), post_frame(rows)))


@pytest.fixture(scope="module")
def server(batch: Batch) -> Iterator[Server]:
    with serving(batch) as started:
        yield started


@pytest.fixture
def page(batch: Batch, visit: Callable[[str], Visit]) -> Page:
    page = visit(f"/compare?batch={batch.id}&by=author").page
    expect(page.get_by_text("Corrected for 2 tests")).to_be_visible()
    return page


def test_a_row_opens_its_posts(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    table.click(position={"x": 16, "y": 58 + 36})  # the second row: the header is 40 pixels high, a row 36
    page.wait_for_url("**/posts?*authors=*")
    expect(page.get_by_text("30 of 60 posts")).to_be_visible()


def test_a_bar_and_a_field_open_their_posts(page: Page, batch: Batch) -> None:
    bars = page.get_by_test_id("stPlotlyChart").first
    bars.scroll_into_view_if_needed()
    bars.locator("g.trace.bars g.point path").first.click(force=True)
    page.wait_for_url("**/posts?*sentiments=negative*")
    page.go_back()
    fields = page.get_by_test_id("stPlotlyChart").last
    expect(page.get_by_role("heading", name="Topics")).to_be_visible()
    fields.scroll_into_view_if_needed()
    field = fields.locator("g.trace.bars g.point path").last
    field.wait_for(state="attached")
    box = field.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # where its text is
    page.wait_for_url("**/posts?*topics=*")


def test_a_word_opens_its_posts_and_back_leads_here_again(page: Page, batch: Batch) -> None:
    page.get_by_role("link", name="wet 30").click()
    page.wait_for_url("**/posts?*words=wet*")
    expected = query.count_matching_posts(batch, Filters(search="wet", authors=("bob",)))
    expect(page.get_by_text(f"{expected} of 60 posts")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Corrected for 2 tests")).to_be_visible()
