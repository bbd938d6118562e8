"""Pages that are not ours reach nothing: a name that resolves to this computer, another port, a frame."""

from __future__ import annotations

import http.server
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, Server, Visit, running, serving
from tests.scored import new_batch, score

pytestmark = pytest.mark.browser

# Requests that a page can send to a server: each answer is a status and the text, or why there was none.
ATTEMPTS = """
async ([base, media]) => {
  const ask = async (path, options) => {
    try {
      const answer = await fetch(base + path, options);
      return `${answer.type} ${answer.status} ${(await answer.text()).slice(0, 60)}`;
    } catch (error) { return `nothing: ${error.name}`; }
  };
  const form = new FormData();
  form.append("file", new Blob(["id,text"]), "posts.csv");
  const socket = new Promise((done) => {
    const opened = new WebSocket(base.replace("http", "ws") + "/_stcore/stream", ["streamlit"]);
    opened.onopen = () => { opened.close(); done("open"); };
    opened.onerror = () => done("nothing: error");
  });
  const image = new Promise((done) => {
    const image = new Image();
    image.onload = () => done("open");
    image.onerror = () => done("nothing: error");
    image.src = base + media;
  });
  return {
    page: await ask("/", {}),
    deep: await ask("/explain?batch=spring", {}),
    config: await ask("/_stcore/host-config", {}),
    media: await ask(media, {}),
    blind: await ask(media, {mode: "no-cors"}),
    upload: await ask("/_stcore/upload_file/session/file", {method: "PUT", body: form}),
    socket: await socket,
    image: await image,
  };
}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(score(new_batch(tmp_path_factory.mktemp("foreign")))) as started:
        yield started


@pytest.fixture
def media(visit: Callable[[str], Visit]) -> str:
    """The path of an image that the server shows to its own page."""
    page = visit("/posts?batch=spring").page
    page.get_by_text("Gallery").click()
    image = page.locator("main img[src*='/media/']").first
    expect(image).to_be_visible()
    address = image.get_attribute("src")
    assert address
    return re.sub(r"^https?://[^/]+", "", address)


@pytest.fixture
def rebound(playwright: Playwright) -> Iterator[Browser]:
    """Chromium for which evil.test is 127.0.0.1, as after a DNS rebinding."""
    rule = "--host-resolver-rules=MAP evil.test 127.0.0.1"
    chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, rule])
    yield chromium
    chromium.close()


@pytest.fixture
def neighbour() -> Iterator[str]:
    """Another web server on this computer, with an empty page."""

    class EmptyPage(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>neighbour</title>")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def attempts(page: Page, base: str, media: str) -> dict[str, str]:
    return page.evaluate(ATTEMPTS, [base, media])


def test_our_own_page_can_do_what_foreign_pages_cannot(
    server: Server, media: str, visit: Callable[[str], Visit]
) -> None:
    found = attempts(visit("/upload").page, server.url, media)
    for name in ("page", "deep", "config", "media", "blind"):
        assert found[name].startswith("basic 200"), name
    assert "Refused" not in found["upload"]  # Streamlit itself turns down a session that it does not know
    assert (found["socket"], found["image"]) == ("open", "open")


def test_a_host_name_rebound_to_this_server_is_refused(server: Server, media: str, rebound: Browser) -> None:
    page = rebound.new_page()
    evil = f"http://evil.test:{server.port}"
    answer = page.goto(f"{evil}/")
    assert answer
    assert answer.status == 403
    assert "evil.test" in page.inner_text("body")
    assert "streamlit" not in page.content().lower()

    # Scripts of that name run where the name still pointed at the attacker's server. The refusal is a document of the
    # same origin, and unlike an intercepted page it is not kept from this computer by Chromium itself.
    found = attempts(page, evil, media)
    for name in ("page", "deep", "config", "media", "blind", "upload"):
        assert found[name].startswith("basic 403 Refused"), name
    assert found["socket"].startswith("nothing")
    assert found["image"].startswith("nothing")


def test_page_of_another_port_gets_nothing(
    server: Server, media: str, neighbour: str, browser: Browser
) -> None:
    for host in ("127.0.0.1", "localhost"):
        page = browser.new_page()
        page.goto(neighbour)
        found = attempts(page, f"http://{host}:{server.port}", media)
        assert {name: answer for name, answer in found.items() if not answer.startswith("nothing")} == {}
        page.close()


def test_no_page_can_frame_us(
    server: Server, neighbour: str, browser: Browser, visit: Callable[[str], Visit]
) -> None:
    foreign = browser.new_page()
    foreign.goto(neighbour)
    own = visit("/upload").page
    expect(own.get_by_role("heading", name="Upload")).to_be_visible()
    for page in (foreign, own):
        page.evaluate(
            """(address) => new Promise((done) => {
                 const frame = document.createElement("iframe");
                 frame.onload = done;
                 frame.src = address;
                 document.body.append(frame);
               })""",
            f"{server.url}/",
        )
        assert not [frame for frame in page.frames[1:] if frame.url.startswith(server.url)]
    foreign.close()


def test_link_on_another_page_opens_us(server: Server, neighbour: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(neighbour)
    page.evaluate(f"location.href = '{server.url}/dictionary'")
    expect(page.get_by_role("heading", name="Data dictionary")).to_be_visible()
    page.close()


def open_upload(page: Page) -> None:
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.get_by_role("link", name="Upload").first.click()


def choose_path(page: Page) -> None:
    page.get_by_text("Folder on this computer").click()


def test_printed_address_opens_folders_of_this_computer(
    server: Server, tmp_path: Path, visit: Callable[[str], Visit]
) -> None:
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign" / "posts.csv").write_text("id,text\n1,good day\n2,bad rain\n")
    key = server.printed.partition("key=")[2]
    assert len(key) > 30
    visited = visit(f"{server.printed}&from=mail")
    page = visited.page
    page.wait_for_url(lambda address: "key" not in address)
    open_upload(page)
    choose_path(page)
    page.get_by_label("Folder or file on this computer").fill(str(tmp_path / "campaign"))
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_text("Posts ready to score")).to_be_visible()
    assert key not in page.content()
    assert key not in page.evaluate("document.cookie")

    again = page.context.new_page()  # another tab, by the plain address
    again.goto(f"{server.url}/upload")
    choose_path(again)
    expect(again.get_by_label("Folder or file on this computer")).to_be_visible()
    again.reload()
    choose_path(again)
    expect(again.get_by_label("Folder or file on this computer")).to_be_visible()
    assert visited.requests_abroad == []
    assert server.log.read_text().count(key) == 1  # the printed address


@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong"])
def test_other_addresses_open_all_but_those_folders(visit: Callable[[str], Visit], query: str) -> None:
    page = visit(f"/{query}").page
    open_upload(page)
    choose_path(page)
    expect(page.get_by_text("open the address that the start command printed")).to_be_visible()
    expect(page.get_by_label("Folder or file on this computer")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("key"))


def test_server_for_others_has_no_folders_and_no_key(home: Path, tmp_path: Path, browser: Browser) -> None:
    log = tmp_path / "server.log"
    with running(ROOT, home, log, "--server.address=0.0.0.0") as server:
        assert "key=" not in log.read_text()
        request = urllib.request.Request(server.url, headers={"Host": f"evil.test:{server.port}"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request)
        page = browser.new_page()
        page.goto(f"{server.url}/upload")
        expect(page.get_by_text("Paste text")).to_be_visible()
        expect(page.get_by_text("Folder on this computer")).to_have_count(0)
        page.close()
