"""The Trends page in Chromium: a chosen time zone, and a period and a peak that open their posts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from analysis.posts import post_frame
from analysis.workspace import Batch
from tests.browser.conftest import Visit
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser


@pytest.fixture
def batch(home: Path) -> Batch:
    """Three posts a day for four weeks, the last of a day late in the evening, and thirty more on one day."""
    rows = [
        {
            "post_id": f"p{day}_{number}",
            "text": "bridge closed #storm" if number > 2 else "a day",
            "created_at": datetime(2026, 3, 2, 23 if number == 2 else 9, 30, tzinfo=UTC)
            + timedelta(days=day),
        }
        for day in range(28)
        for number in range(33 if day == 17 else 3)
    ]
    return score(new_batch(home.parent, post_frame(rows)))


def test_a_peak_and_a_period_open_their_posts_in_the_chosen_zone(
    batch: Batch, visit: Callable[[str], Visit]
) -> None:
    visited = visit(f"/trends?batch={batch.id}&unit=day")
    page = visited.page
    peaks = page.get_by_test_id("stDataFrame").first
    expect(page.get_by_text("The strongest first.")).to_be_visible()
    peaks.scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    peaks.click(position={"x": 16, "y": 58})
    expect(page.get_by_role("heading", name=re.compile("19 Mar 2026.*: #storm"))).to_be_visible()
    page.get_by_role("link", name="#storm").first.click()
    page.wait_for_url("**/posts?*hashtags=storm*")
    expect(page.get_by_text("30 of 114 posts")).to_be_visible()
    page.goto(f"{visited.url}/trends?batch={batch.id}&unit=day&zone=Asia/Tokyo")
    expect(page.get_by_text("Over time (Asia/Tokyo)")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").nth(1)
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    table.click(position={"x": 16, "y": 58})  # the first row: the header is 40 pixels high, a row 36
    page.wait_for_url("**/posts?*since=2026-03-30*")
    expect(page.get_by_text("1 of 114 posts")).to_be_visible()
