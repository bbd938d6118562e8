"""The start page also opens by its name, with its filters."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from pages.server.start_page import NamedStartPage
from tests.server.conftest import SetOption, run


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("a page")(scope, receive, send)


def open_(path: str, query: str = "") -> tuple[int, str | None]:
    """Open an address; return the status and where it redirects to."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    run(NamedStartPage(_page)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers.get("location")


@pytest.mark.parametrize("path", ["/overview", "/overview/"])
def test_the_name_of_the_start_page_leads_to_its_address_with_the_same_filters(path: str) -> None:
    query = "batch=spring%20one&sentiments=a&sentiments=b"
    assert open_(path, query) == (307, f"/?{query}")
    assert open_(path) == (307, "/")


def test_other_addresses_stay_as_they_are(set_option: SetOption) -> None:
    for path in ("/", "/posts", "/overview/more", "/posts/overview"):
        assert open_(path) == (200, None)
    set_option("server.baseUrlPath", "postlens")
    assert open_("/overview") == (200, None)
    assert open_("/postlens/overview", "batch=b") == (307, "/postlens/?batch=b")
