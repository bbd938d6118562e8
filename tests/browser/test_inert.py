"""Nothing that came with posts becomes a link, an image, a symbol, a style or a script, on any page."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from analysis.model import Bundle
from analysis.model.bundle import SHIPPED
from analysis.settings import Settings
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

EVIL = "evil.example"
HOSTILE = [
    f"see http://{EVIL}/a https://{EVIL}/b www.{EVIL} ftp://{EVIL} now",
    f"write joe@{EVIL} or mailto:joe@{EVIL} xmpp:joe@{EVIL} today",
    f"[click](http://{EVIL}/c) [run](javascript:alert(1)) ![look](http://{EVIL}/d.png) <http://{EVIL}/e>",
    f"<a href='http://{EVIL}/f'>go</a><img src='http://{EVIL}/g.png' onerror='alert(2)'><script>alert(3)</script>",
    f"[ref][r] ![ref][r]\n\n[r]: http://{EVIL}/h.png",
    ":smile: :+1: :-1: :material/home: :streamlit: :red[red] :blue-background[blue]",
    "$x^2$ $$y$$ **bold** _slanted_ ~~gone~~ `code` -> <- -- >= <= ~=",
    "\u202eright to left\u202c \u2066isolated <b>bold</b><br><i>slanted</i>",
    "# heading\n- point\n> quote\n\n```mermaid\ngraph TD; A-->B\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |",
]
ONE_LINE = " ".join(" ".join(text.split()) for text in HOSTILE)
ACTIVE = """() => {
  const ours = (address) => {
    const { origin, protocol } = new URL(address, location);
    return origin === location.origin || ["data:", "blob:"].includes(protocol);
  };
  const names = ["href", "src", "srcset", "data", "action", "background"];
  const linked = [...document.body.querySelectorAll(names.map((name) => `[${name}]`).join())].filter(
    (one) => names.some((name) => one.hasAttribute(name) && !ours(one.getAttribute(name))));
  const drawn = [...document.querySelectorAll(".katex, main b, main script, main del, "
    + "main pre code.language-mermaid, "
    + "[data-testid=stMarkdownContainer] [role=img][aria-label='home icon'], "
    + "[data-testid=stMarkdownContainer] img[alt='Streamlit logo'], "
    + ".stMarkdownColoredText, .stMarkdownColoredBackground, "
    + ".js-plotly-plot svg a")];
  return [...linked, ...drawn].map((one) => one.outerHTML.slice(0, 200));
}"""


def hostile_zip() -> bytes:
    """Posts whose texts, authors, ids, columns and file names are hostile; two are rejected with their cells."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["id", "text", "author", "image", *HOSTILE])
    for number, text in enumerate(HOSTILE):
        name = f"image{number}.png" if number % 2 else ""
        writer.writerow([f"{number} {text}", f"good day {text}", text, name, *HOSTILE])
    writer.writerow([HOSTILE[0], "", HOSTILE[1], "", *HOSTILE])
    writer.writerow([HOSTILE[2], "", HOSTILE[3], f"http://{EVIL}/missing.png", *HOSTILE])
    packed, image = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(image, "PNG")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"posts [x](http:@{EVIL}) www.{EVIL}.csv", table.getvalue())
        for number in range(1, len(HOSTILE), 2):
            archive.writestr(f"image{number}.png", image.getvalue() + bytes(number))
        archive.writestr(f"note :smile: joe@{EVIL} www.{EVIL} $x$ **b**.exe", b"MZ")
    return packed.getvalue()


def assert_inert(visited: Visit) -> None:
    settle(visited.page)
    assert visited.page.evaluate(ACTIVE) == []
    assert visited.requests_abroad == []
    assert visited.dialogs == []


def settle(page: Page) -> None:
    """Wait until the server has nothing more to draw."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=running]")).to_have_count(0)
    page.wait_for_timeout(500)


def open_cells(visited: Visit) -> None:
    """Open the overlay of each cell that is in sight, as a double click does."""
    page = visited.page
    for table in page.get_by_test_id("stDataFrame").all():
        box = table.bounding_box()
        cells = table.locator(".dvn-scroller")
        if box is None or not cells.is_visible():
            continue  # in a closed expander
        for y in range(53, min(int(box["height"]), 160), 35):
            for x in range(40, int(box["width"]) - 20, 110):
                cells.dblclick(position={"x": x, "y": y})
                page.wait_for_timeout(60)
                assert page.evaluate(ACTIVE) == []
                assert page.locator("#portal a, #portal img").count() == 0
                page.keyboard.press("Escape")


def hover(page: Page, charts: Locator) -> None:
    for chart in charts.all():
        for mark in chart.locator(".point, .points path").all()[:6]:
            box = mark.bounding_box()
            if box is None or box["width"] < 3 or box["height"] < 3:
                continue  # a bar of no posts
            mark.scroll_into_view_if_needed()
            box = mark.bounding_box() or box
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.wait_for_timeout(100)
            assert page.evaluate(ACTIVE) == []


@pytest.fixture
def quick_model(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server score with the tiny model; its scores do not matter here."""
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))


def test_nothing_of_a_hostile_batch_is_active_on_any_page(
    quick_model: None, visit: Callable[[str], Visit]
) -> None:
    visited = visit("/upload")
    page = visited.page
    page.locator("input[type=file]").set_input_files(
        {"name": f"[x](http:@{EVIL}) www.{EVIL}.zip", "mimeType": "application/zip", "buffer": hostile_zip()}
    )
    expect(page.get_by_text("Posts ready to score")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Columns \("))).not_to_have_count(0)
    page.evaluate("document.querySelectorAll('details:not([open]) summary').forEach((each) => each.click())")
    assert_inert(visited)
    open_cells(visited)
    page.get_by_role("textbox", name="Batch name").fill(ONE_LINE[: Settings().max_name_chars])
    page.get_by_role("button", name=re.compile(r"Score \d posts")).click()
    expect(page.get_by_text("Sentiment by topic").first).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    page.get_by_role("link", name="Custom topics", exact=True).first.click()
    topics = page.get_by_role("textbox", name="Add topics, separated by commas")
    topics.fill(f"http://{EVIL}, **bold**, <a href='http://{EVIL}'>x</a>, joe@{EVIL}, :smile:")
    topics.press("Enter")
    expect(page.get_by_role("button", name="**bold**")).to_be_visible()
    assert_inert(visited)
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page.get_by_text("Posts by custom topic")).to_be_visible()
    assert_inert(visited)
    hover(page, page.locator(".js-plotly-plot"))

    page.get_by_role("link", name="Posts", exact=True).click()
    expect(page.get_by_text("Click a row")).to_be_visible()
    search = page.get_by_role("textbox", name="Search by words")
    search.fill("e")
    search.press("Enter")
    assert_inert(visited)
    page.get_by_text("Gallery").click()
    explain = page.get_by_role("link", name="Full explanation")
    expect(explain.first).to_be_visible()
    assert_inert(visited)
    for number in range(explain.count()):
        explain.nth(number).click()
        expect(page.get_by_text("Evidence", exact=True).first).to_be_visible()
        for title, inside in (
            ("Evidence", "of the full post, and of"),
            ("Words and images by other methods", "Most influential words"),
            ("What if the post were", "Words to remove"),
        ):
            if number == 0:
                page.get_by_text(title).click()
                expect(page.get_by_text(inside).first).to_be_visible()
        assert_inert(visited)
        page.get_by_role("link", name="All posts").click()
        expect(explain.first).to_be_visible()

    page.get_by_role("link", name="Reasons", exact=True).click()
    expect(page.get_by_role("heading", name="Conflicts between text and image")).to_be_visible()
    assert_inert(visited)
    hover(page, page.locator(".js-plotly-plot"))

    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_role("combobox", name="Columns of your table").click()
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Preview of")).to_be_visible()
    assert_inert(visited)
    open_cells(visited)

    page.get_by_role("link", name="Upload").first.click()
    page.get_by_role("button", name="Edit").first.click()
    expect(page.get_by_role("button", name="Rename")).to_be_visible()
    assert_inert(visited)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog", name="Delete this batch?")).to_be_visible()
    assert_inert(visited)


@pytest.fixture
def hostile_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle from elsewhere whose card and titles are hostile."""
    folder = tmp_path / "bundle"
    shutil.copytree(SHIPPED / "compact", folder)
    (folder / "MODEL_CARD.md").write_text("\n\n".join([*HOSTILE, "| a | b |\n|:--|--:|\n| cell | 2 |"]))
    config = json.loads((folder / "config.json").read_text())
    for head in config["heads"].values() if isinstance(config["heads"], dict) else config["heads"]:
        head["titles"] = [f"{title} http://{EVIL} :smile: joe@{EVIL}" for title in head["titles"]]
    (folder / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("POSTLENS_MODEL", str(folder))
    return folder


def test_links_and_images_of_a_foreign_model_card_are_inert(
    hostile_bundle: Path, visit: Callable[[str], Visit]
) -> None:
    visited = visit("/model")
    page = visited.page
    expect(page.get_by_role("cell", name="cell")).to_be_visible()  # its tables are drawn
    settle(page)
    assert (
        page.evaluate(f'() => document.querySelectorAll(\'[href*="{EVIL}"], [src*="{EVIL}"]\').length') == 0
    )
    assert page.locator("main a[href^=mailto], main svg[aria-roledescription]").count() == 0
    assert visited.requests_abroad == []
    page.get_by_role("link", name="Data dictionary").click()
    expect(page.get_by_role("heading", name="Data dictionary")).to_be_visible()
    assert_inert(visited)
