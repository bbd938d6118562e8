"""The address with the key becomes a cookie and an address without it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from streamlit import config

from pages.server.key import KEY, KeyToCookie, cookie_name
from tests.server.conftest import SetOption, run


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("a page")(scope, receive, send)


def open_(target: str, **changes: Any) -> tuple[int, dict[str, str]]:
    """Open a target such as "/?key=abc"; return status and headers."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "scheme": "http",
        "headers": [],
        **changes,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    run(KeyToCookie(_page)(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_key_becomes_a_cookie_and_leaves_the_address() -> None:
    status, headers = open_(f"/?batch=spring%20one&key={KEY}&sentiments=a&sentiments=b")
    assert status == 303
    assert headers["location"] == "/?batch=spring+one&sentiments=a&sentiments=b"
    assert headers["cache-control"] == "no-store"
    name, _, rest = headers["set-cookie"].partition("=")
    assert name == cookie_name()
    assert rest.split("; ")[0] == KEY
    attributes = {part.lower() for part in rest.split("; ")[1:]}
    assert attributes == {"httponly", "samesite=strict", "path=/"}  # no expiry: it ends with the browser
    assert open_(f"/?key={KEY}")[1]["location"] == "/"


def test_cookie_stays_on_encrypted_connections() -> None:
    assert "Secure" in open_(f"/?key={KEY}", scheme="https")[1]["set-cookie"]


@pytest.mark.parametrize(
    "wrong",
    ["", "wrong", KEY[:-1], KEY + "x", KEY.swapcase(), "%C3%A9", "%00"],
    ids=["empty", "word", "shorter", "longer", "other case", "not ASCII", "NUL"],
)
def test_wrong_key_leads_to_the_page_without_a_cookie(wrong: str) -> None:
    status, headers = open_(f"/?key={wrong}&batch=spring")
    assert (status, headers["location"]) == (303, "/?batch=spring")
    assert "set-cookie" not in headers


def test_location_stays_on_this_server() -> None:
    for path in ("//evil.test/", "//evil.test", "/\\evil.test", "/upload", "/media/x"):
        assert open_(f"{path}?key={KEY}")[0] == 200  # no redirect
    assert open_(f"//?key={KEY}")[1].get("location", "/") == "/"


def test_other_requests_pass_unchanged() -> None:
    assert open_("/")[0] == 200
    assert open_("/?keys=1&batch=spring")[0] == 200
    assert open_(f"/?key={KEY}", method="POST")[0] == 200
    assert open_(f"/?key={KEY}", type="websocket")[0] == 200


def test_no_cookie_is_given_where_others_are_served(set_option: SetOption) -> None:
    for address in ("0.0.0.0", "192.168.1.5", "::", None):
        set_option("server.address", address)
        status, headers = open_(f"/?key={KEY}")
        assert (status, headers["location"]) == (303, "/")
        assert "set-cookie" not in headers


def test_path_of_the_server_is_kept(set_option: SetOption) -> None:
    set_option("server.baseUrlPath", "/postlens/")
    for path in ("/postlens", "/postlens/"):
        assert open_(f"{path}?key={KEY}&batch=a")[1]["location"] == "/postlens/?batch=a"
    assert open_(f"/?key={KEY}")[0] == 200


def test_cookies_of_servers_on_other_ports_have_other_names(set_option: SetOption) -> None:
    first = cookie_name()
    set_option("server.port", config.get_option("server.port") + 1)
    assert cookie_name() != first
