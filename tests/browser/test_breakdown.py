"""The Breakdown page in Chromium: a row of its table and a field of its heat map open the posts that they count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analysis import query
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from tests.browser.conftest import Server, Visit, serving
from tests.scored import FIRST_DAY, new_batch, score

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    rows = [
        {"post_id": f"p{row}", "text": f"Day {row} {'#rain' if row % 3 else '#sun'}", "created_at": FIRST_DAY}
        for row in range(12)
    ]
    return score(new_batch(tmp_path_factory.mktemp("breakdown"), post_frame(rows)))


@pytest.fixture(scope="module")
def server(batch: Batch) -> Iterator[Server]:
    with serving(batch) as started:
        yield started


@pytest.fixture
def page(batch: Batch, visit: Callable[[str], Visit]) -> Page:
    """The Breakdown page of the batch."""
    page = visit(f"/breakdown?batch={batch.id}").page
    expect(page.get_by_text("2 hashtags in 12 of 12 posts.")).to_be_visible()
    return page


def test_a_row_opens_its_posts(page: Page, batch: Batch) -> None:
    (first, *_) = query.count_values(batch, EVERY_POST, "hashtags").table.itertuples()
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    table.click(position={"x": 150, "y": 20})  # a header sorts, and a cell can be read
    table.click(position={"x": 150, "y": 58})
    page.wait_for_timeout(1_000)
    expect(page).to_have_url(re.compile("/breakdown"))
    page.reload()
    expect(table).to_be_visible()
    page.wait_for_timeout(1_000)
    table.click(position={"x": 16, "y": 58})  # the first row: the header is 40 pixels high, a row 36
    page.wait_for_url(f"**/posts?*hashtags={first.key}*")
    expect(page.get_by_text(f"{first.posts} of 12 posts")).to_be_visible()


def test_back_from_the_posts_of_a_row_keeps_the_text_to_find(page: Page) -> None:
    field = page.get_by_role("textbox", name="Find")
    field.fill("rain")
    field.press("Enter")
    expect(page.get_by_text("1 hashtag that contains")).to_be_visible()
    page.get_by_test_id("stDataFrame").first.click(position={"x": 16, "y": 58})
    page.wait_for_url("**/posts?*")
    page.go_back()
    expect(page.get_by_text("1 hashtag that contains")).to_be_visible()
    expect(field).to_have_value("rain")


def test_a_field_of_the_heat_map_opens_its_posts(page: Page, batch: Batch) -> None:
    hours = query.count_by_hour(batch)
    (row,) = hours.index[hours["negative"] + hours["neutral"] + hours["positive"] > 0]
    weekday, hour = int(hours["weekday"][row]), int(hours["hour"][row])
    by_hour = hours["hour"].nunique() > 1
    chart = page.get_by_test_id("stPlotlyChart").first
    chart.scroll_into_view_if_needed()
    place = 24 * (7 - weekday) + hour if by_hour else 7 - weekday  # Sunday is drawn first
    chart.locator("g.trace.bars g.point path").nth(place).click(force=True)
    page.wait_for_url(f"**/posts?*weekdays={weekday}*")
    counted = query.count_matching_posts(batch, Filters(weekdays=(str(weekday),)))
    assert counted == 12
    expect(page.get_by_text("All 12 posts").or_(page.get_by_text("12 of 12 posts"))).to_be_visible()


def test_the_table_fits_into_a_window_of_1280_pixels(batch: Batch, visit: Callable[[str], Visit]) -> None:
    rows = [
        {
            "post_id": f"p{row}",
            "text": "#rain",
            "created_at": FIRST_DAY + timedelta(days=row),
            "likes": 9,
            "shares": 1,
        }
        for row in range(12)
    ]
    wide = score(new_batch(batch.folder.parents[2], post_frame(rows), batch_id="wide"))
    page = visit("/_stcore/health").page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{page.url.removesuffix('/_stcore/health')}/breakdown?batch={wide.id}")
    scroller = page.get_by_test_id("stDataFrame").first.locator(".dvn-scroller")
    expect(scroller).to_be_visible()
    page.wait_for_timeout(1_000)
    assert scroller.evaluate("each => each.scrollWidth - each.clientWidth") <= 0


def test_the_whole_table_can_be_downloaded(page: Page, batch: Batch) -> None:
    with page.expect_download() as started:
        page.get_by_role("button", name="Download as CSV").click()
    content = Path(started.value.path()).read_text("utf-8-sig")
    assert [line.partition(",")[0] for line in content.splitlines()] == ["value", "rain", "sun"]
