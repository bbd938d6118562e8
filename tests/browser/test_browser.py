"""The app as people use it: a batch from upload to report, and a link as the first request."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser

HEADER = ["id", "text", "author", "image"]


def zip_of(posts: list[list[str]], images: dict[str, str]) -> bytes:
    """A zip with posts.csv and an image of each colour."""
    table = io.StringIO()
    csv.writer(table).writerows([HEADER, *posts])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("posts.csv", table.getvalue())
        for name, colour in images.items():
            image = io.BytesIO()
            Image.new("RGB", (64, 48), colour).save(image, "PNG")
            archive.writestr(name, image.getvalue())
    return packed.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("link", name="Upload").first.click()
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": content}
    )


def wait_until_scored(page: Page, posts: int) -> None:
    expect(page.get_by_text(f"All {posts} posts")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_text("Sentiment by topic").first).to_be_visible()


def click_row(page: Page, number: int) -> None:
    """Click the text of a row, counted from 1; the table is a canvas of 35 px rows."""
    page.locator("[data-testid=stDataFrame] .dvn-scroller").click(position={"x": 250, "y": 18 + 35 * number})


def downloaded(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Download .* as CSV")).click()
    return list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))


def test_zip_goes_all_the_way_to_a_report(visit: Callable[[str], Visit]) -> None:
    posts = [
        ["a1", "What a wonderful day, I love this!", "ada", "sun.png"],
        ["a2", "Terrible service, I want my money back.", "bob", "rain.png"],
        ["a3", "The match starts at eight.", "cyd", ""],
        ["a4", "", "dan", ""],
    ]
    page = visit("/upload").page
    upload(page, "spring.zip", zip_of(posts, {"sun.png": "gold", "rain.png": "navy", "stray.png": "red"}))
    expect(page.get_by_text("3 of 4")).to_have_count(2)  # rows, files
    expect(page.get_by_text("2 rejected")).to_be_visible()
    page.get_by_role("button", name="Score 3 posts").click()
    wait_until_scored(page, 3)

    page.get_by_role("link", name="Posts", exact=True).click()
    expect(page.get_by_text("Click a row")).to_be_visible()
    click_row(page, 1)
    expect(page.get_by_role("heading", name="because of")).to_be_visible()
    page.get_by_role("link", name="Full explanation").click()
    expect(page.get_by_text("What a wonderful day").first).to_be_visible()
    expect(page.get_by_text("Evidence", exact=True).first).to_be_visible()
    expect(page).to_have_url(re.compile("post=a1"))

    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_text("Everything", exact=True).click()
    expect(page.get_by_text("All columns, without those of your own tables.")).to_be_visible()
    rows = downloaded(page)
    assert [row["post_id"] for row in rows] == ["a1", "a2", "a3"]
    assert [row["inputs_used"] for row in rows] == ["both", "both", "text"]
    for row in rows:
        assert abs(sum(float(row[f"p_{name}"]) for name in ("negative", "neutral", "positive")) - 1) < 1e-3
        assert row["top_words"]


def test_link_to_a_post_works_as_the_first_request_of_a_server(
    tmp_path: Path, visit: Callable[[str], Visit]
) -> None:
    score(new_batch(tmp_path))
    visited = visit("/explain?batch=spring&post=p3")
    page = visited.page
    expect(page.get_by_role("heading", name="Explain")).to_be_visible()
    expect(page.get_by_text("Post number 3 about SUNSHINE 100%").first).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_text("Evidence", exact=True).first).to_be_visible()
    expect(page).to_have_url(re.compile("post=p3"))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Post number 4").first).to_be_visible()
    page.wait_for_url("**post=p4**")
    assert visited.requests_abroad == []


def test_the_first_visitors_of_a_server_see_no_dialog_and_the_start_page_opens_by_its_name(
    tmp_path: Path, visit: Callable[[str], Visit]
) -> None:
    score(new_batch(tmp_path))
    pages = [
        visit(path).page for path in ("/posts?batch=spring", "/overview?batch=spring&sentiments=neutral")
    ]
    expect(pages[1].get_by_role("heading", name="Overview")).to_be_visible()
    expect(pages[0].get_by_role("heading", name="Posts")).to_be_visible()
    for page in pages:
        expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(pages[1]).not_to_have_url(re.compile("overview"))
    expect(pages[1]).to_have_url(re.compile("sentiments=neutral"))
