"""The summary report in Chromium: it fits small screens, prints, and asks for nothing from the network."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from analysis.exporters import export_summary_html, summarise_batch
from analysis.model.presets import COMPACT
from analysis.query import EVERY_POST
from tests.scored import HEADS, new_batch, score, some_posts

pytestmark = pytest.mark.browser


@pytest.fixture
def report(tmp_path: Path) -> str:
    batch = score(new_batch(tmp_path, some_posts(60)))
    summary = summarise_batch(batch, EVERY_POST, replace(COMPACT, heads=HEADS), {})
    path = tmp_path / "report.html"
    path.write_text(export_summary_html(summary), encoding="utf-8")
    return path.as_uri()


def measure_luminance(colour: str) -> float:
    """Relative luminance of an opaque CSS colour such as "rgb(26, 26, 26)" (WCAG 2)."""
    channels = [int(each) / 255 for each in re.fullmatch(r"rgb\((\d+), (\d+), (\d+)\)", colour).groups()]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", [390, 800, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen(browser: Browser, report: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, requested = context.new_page(), []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(report)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, ground = (
        measure_luminance(page.evaluate(f"getComputedStyle(document.body).{name}"))
        for name in ("color", "backgroundColor")
    )
    assert (ground < ink) == (scheme == "dark")
    assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) > 7
    assert [url for url in requested if not url.startswith("data:")] == [report]
    context.close()


@pytest.mark.parametrize(("paper", "width", "height"), [("A4", 595, 842), ("Letter", 612, 792)])
def test_it_prints_on_few_pages_of_the_paper(
    browser: Browser, report: str, paper: str, width: int, height: int
) -> None:
    page = browser.new_page()
    page.goto(report)
    content = page.pdf(format=paper)
    page.close()
    assert content.startswith(b"%PDF")
    assert 2 <= content.count(b"/Type /Page\n") <= 6
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert sizes
    for across, down in sizes:
        assert (float(across), float(down)) == pytest.approx((width, height), abs=1)


@pytest.mark.parametrize(("paper", "height_mm"), [("A4", 297), ("Letter", 279)])
def test_no_table_card_or_chart_is_cut_between_printed_pages(
    browser: Browser, report: str, paper: str, height_mm: int
) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(report)
    found = page.evaluate(
        "[...document.querySelectorAll('.table, .time, article')].map(each => ["
        "getComputedStyle(each).breakInside, each.getBoundingClientRect().height])"
    )
    page.close()
    assert len(found) > 4
    assert {rule for rule, _ in found} == {"avoid"}
    room = (height_mm - 2 * 16) / 25.4 * 96
    assert max(height for _, height in found) < room  # a taller part is cut in spite of the rule
