"""Streamlit's HTML page begins with the script that follows the user's actions; no other response is changed."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from pages.server.user_actions import SCRIPT, FollowUserActions
from tests.server.conftest import run

PAGE = b"<!DOCTYPE html><html><head><title>T</title></head><body><head></body></html>"


def get(path: str, kind: str = "text/html; charset=utf-8", **headers: str) -> tuple[dict[str, str], bytes]:
    """Request a page with an ETag, which is not sent again to a browser that has it; return headers and body."""
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        if Request(scope).headers.get("if-none-match") == "e1":
            await Response(status_code=304)(scope, receive, send)
            return
        whole = Response(PAGE, media_type=kind, headers={"etag": "e1"})
        await send({"type": "http.response.start", "status": 200, "headers": whole.raw_headers})
        await send({"type": "http.response.body", "body": PAGE[:30], "more_body": True})
        await send({"type": "http.response.body", "body": PAGE[30:]})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    run(
        FollowUserActions(page)(
            {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": raw},
            receive,
            send,
        )
    )
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return {"status": str(sent[0]["status"]), **found}, b"".join(each.get("body", b"") for each in sent[1:])


@pytest.mark.parametrize("path", ["/", "/posts", "/postlens/trends"])
def test_a_page_begins_with_the_script(path: str) -> None:
    headers, body = get(path)
    assert body == PAGE.replace(b"<head>", b"<head>" + SCRIPT, 1)
    assert headers["content-length"] == str(len(body))
    assert "etag" not in headers


def test_a_browser_that_has_the_page_without_the_script_gets_it() -> None:
    headers, body = get("/", if_none_match="e1")
    assert headers["status"] == "200"
    assert SCRIPT in body


def test_a_report_to_download_and_other_responses_stay_as_they_are() -> None:
    assert get("/media/1a2b.html")[1] == PAGE
    assert get("/media/1a2b.html", if_none_match="e1")[0]["status"] == "304"
    headers, body = get("/_stcore/health", kind="text/plain")
    assert body == PAGE
    assert headers["etag"] == "e1"
