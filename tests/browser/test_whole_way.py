"""The whole way of an analyst: a zip of 4CAT with images, its columns, scores, one post explained, and the report.

The test leaves a screenshot of each step in its temporary folder, or in the folder `POSTLENS_SCREENSHOTS`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ROOT, Visit
from tests.browser.test_browser import click_row, downloaded, upload, wait_until_scored

pytestmark = pytest.mark.browser

POSTS = 12
SAMPLE = ROOT / "sample_posts"
NAME = "instagram-search-autumn-7bbfdf83"
SENTIMENTS = {"▼ Negative": "negative", "■ Neutral": "neutral", "▲ Positive": "positive"}

Screenshot = Callable[[Page, str], None]


@pytest.fixture
def screenshot(tmp_path: Path) -> Screenshot:
    """Take a numbered screenshot of a step."""
    folder = Path(os.environ.get("POSTLENS_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    steps: list[str] = []

    def take(page: Page, step: str) -> None:
        steps.append(step)
        page.wait_for_timeout(1000)  # for charts and images to be drawn
        page.screenshot(path=folder / f"{len(steps):02} {step}.png", full_page=True)

    return take


def sample_rows() -> list[dict[str, str]]:
    with (SAMPLE / "posts.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))[:POSTS]


def zip_of_4cat() -> bytes:
    """Sample posts as 4CAT writes posts of Instagram: a table, its metadata, and a folder of downloaded images."""
    table, packed = io.StringIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        writer = None
        for row in sample_rows():
            urls = []
            for image in filter(None, row["images"].split(";")):
                name = Path(image.strip()).name
                urls.append(
                    f"https://scontent-xxx1-1.cdninstagram.com/v/t51.2885-15/{name}?stp=dst-jpg&_nc_cat=100"
                )
                archive.write(SAMPLE / "images" / name, f"image-downloader-7bbfdf83/{name}")
            posted = datetime.fromisoformat(row["created_at"])
            line = {
                "collected_from_url": "https://www.instagram.com/explore/tags/autumn/",
                "id": row["post_id"],
                "timestamp": f"{posted:%Y-%m-%d %H:%M:%S}",
                "thread_id": row["post_id"],
                "parent_id": row["post_id"],
                "url": f"https://www.instagram.com/p/{row['post_id']}",
                "body": row["text"],
                "author": row["author"],
                "author_fullname": full_name(row["author"]),
                "media_type": "photo",
                "num_media": len(urls),
                "image_urls": ",".join(urls),
                "media_urls": ",".join(urls),
                "num_likes": row["likes"],
                "num_comments": row["comments"],
                "unix_timestamp": int(posted.timestamp()),
            }
            if writer is None:
                writer = csv.DictWriter(table, line)
                writer.writeheader()
            writer.writerow(line)
        archive.writestr(f"{NAME}.csv", table.getvalue())
        about = {
            "key": "7bbfdf83",
            "type": "instagram-search",
            "num_rows": POSTS,
            "parameters": {"datasource": "instagram", "label": "autumn"},
            "is_finished": True,
        }
        archive.writestr(f"{NAME}.metadata.json", json.dumps(about))
    return packed.getvalue()


def full_name(author: str) -> str:
    return re.sub(r"[._]", " ", author).title()


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a drop-down list by its label."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def rows_below(report: Page, heading: str) -> dict[str, list[str]]:
    """The rows of the first table below a heading of the report, by their title."""
    table: Locator = report.locator(f"h2:text-is('{heading}') + .table tbody tr")
    cells = [row.locator("th, td").all_inner_texts() for row in table.all()]
    return {title: values for title, *values in cells}


def test_from_a_zip_of_4cat_to_the_html_report(
    visit: Callable[[str], Visit], screenshot: Screenshot, tmp_path: Path
) -> None:
    visited = visit("/upload")
    page = visited.page
    expect(page.get_by_text("Download an example table")).to_be_visible()
    screenshot(page, "upload")

    upload(page, f"{NAME}.zip", zip_of_4cat())
    expect(page.get_by_text(f"Recognised: 4CAT, Instagram, {POSTS} posts")).to_be_visible()
    expect(page.get_by_text("rejected")).to_have_count(0)
    screenshot(page, "recognised")
    page.get_by_text(f"Columns ({POSTS} rows)").click()
    choose(page, "Author", "author_fullname")
    expect(page.get_by_text("Chosen by you")).to_be_visible()
    expect(page.get_by_text(full_name(sample_rows()[0]["author"]), exact=True)).to_be_visible()
    screenshot(page, "columns")

    page.reload()
    expect(page.get_by_text(f"Recognised: 4CAT, Instagram, {POSTS} posts")).to_be_visible()
    page.get_by_role("button", name=f"Score {POSTS} posts").click()
    wait_until_scored(page, POSTS)
    screenshot(page, "overview")

    number = page.get_by_role("link", name=re.compile("▼ Negative"))
    shown = number.inner_text()
    number.click()
    expect(page.get_by_role("heading", name="Posts")).to_be_visible()
    expect(number).to_have_count(0)  # of the page before
    expect(page.get_by_text(re.compile(rf"\d+ of {POSTS} posts"))).to_be_visible()
    negative = int(re.match(r"\d+", page.get_by_text(re.compile(rf"\d+ of {POSTS} posts")).inner_text())[0])
    assert f"{100 * negative / POSTS:.0f} %" in shown
    screenshot(page, "posts behind a number")
    click_row(page, 1)
    expect(page.get_by_role("heading", name=re.compile("Negative, "))).to_be_visible()
    screenshot(page, "reason of a post")
    page.get_by_role("link", name="Full explanation").click()
    expect(page.get_by_role("heading", name="Explain")).to_be_visible()
    expect(page.get_by_text("Evidence", exact=True).first).to_be_visible()
    screenshot(page, "explanation")

    page.get_by_role("link", name="Report", exact=True).click()
    expect(page.get_by_text(f"{negative} of {POSTS} posts")).to_be_visible()
    page.get_by_role("button", name="Negative").click()
    expect(page.get_by_text(f"All {POSTS} posts")).to_be_visible()
    screenshot(page, "report")
    rows = downloaded(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the report as HTML").click()
    assert waiting.value.suggested_filename.startswith(NAME)
    path = tmp_path / "report.html"
    waiting.value.save_as(path)
    assert path.stat().st_size < 3_000_000
    assert visited.requests_abroad == []

    counted = Counter(row["sentiment"] for row in rows)
    assert counted["negative"] == negative
    assert {row["author"] for row in rows} <= {full_name(row["author"]) for row in sample_rows()}
    report = page.context.new_page()
    report.goto(path.as_uri())
    expect(report.get_by_role("heading", level=1)).to_have_text(NAME.replace("_", " "))
    screenshot(report, "downloaded report")
    expect(report.locator("header")).to_contain_text(f"{POSTS} posts · 24 August 2026 to ")
    sentiments = rows_below(report, "Sentiment")
    assert {SENTIMENTS[title]: int(values[2]) for title, values in sentiments.items()} == {
        name: counted[name] for name in SENTIMENTS.values()
    }
    for title, (share, *_) in sentiments.items():
        assert share == f"{100 * counted[SENTIMENTS[title]] / POSTS:.0f} %"
    topics = Counter(row["topic"] for row in rows if row["topic"])
    found = {title: int(values[0]) for title, values in rows_below(report, "Topics").items()}
    assert sorted(found.values()) == sorted(topics.values())
    posts = {row["post_id"]: row for row in rows}
    cards = report.locator("article").all()
    assert cards
    for card in cards:
        (post_id,) = re.findall(r"post (\S+)$", card.inner_text())
        assert posts[post_id]["sentiment"].capitalize() in card.inner_text()
        assert posts[post_id]["author"] in card.inner_text()
