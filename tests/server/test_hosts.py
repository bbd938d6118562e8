"""Which requests the server answers: `OwnHostsOnly` by plain ASGI calls, without a server."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from pages.server.hosts import SECURITY_HEADERS, OwnHostsOnly
from tests.server.conftest import SetOption, run

PORT = 8501


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("a page")(scope, receive, send)


def ask(
    *hosts: str,
    path: str = "/",
    kind: str = "http",
    address: str = "127.0.0.1",
    port: int | None = PORT,
    scheme: str = "http",
    extensions: tuple[str, ...] = ("websocket.http.response",),
    **headers: str | list[str],
) -> list[Message]:
    """Send a request with these Host headers; other headers by name, `_` for `-`."""
    pairs = [("host", host) for host in hosts]
    for name, values in headers.items():
        pairs += [
            (name.replace("_", "-"), value) for value in ([values] if isinstance(values, str) else values)
        ]
    scope = {
        "type": kind,
        "method": "GET",
        "path": path,
        "query_string": b"",
        "scheme": scheme,
        "server": (address, port),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs],
        "extensions": {name: {} for name in extensions},
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    run(OwnHostsOnly(_page)(scope, receive, send))
    return sent


def status(*hosts: str, **request: Any) -> int:
    return ask(*hosts, **request)[0]["status"]


OWN = f"127.0.0.1:{PORT}"


@pytest.mark.parametrize(
    "host", [OWN, f"localhost:{PORT}", f"LocalHost:{PORT}", f"[::1]:{PORT}", f"[0:0:0:0:0:0:0:1]:{PORT}"]
)
def test_requests_to_our_own_address_are_answered(host: str) -> None:
    assert status(host) == 200
    assert status(host, origin=f"http://{host}") == 200
    assert status(host, origin=f"HTTPS://{host.upper()}") == 200


@pytest.mark.parametrize(
    "host",
    [
        f"evil.test:{PORT}",
        "evil.test",
        f"127.0.0.1.evil.test:{PORT}",
        f"localhost.evil.test:{PORT}",
        f"evil.test.localhost:{PORT}",
        f"127.0.0.1@evil.test:{PORT}",
        f"evil.test@127.0.0.1:{PORT}",
        f"user:pw@127.0.0.1:{PORT}",
        f"127.0.0.1.:{PORT}",
        f"localhost.:{PORT}",
        f"0.0.0.0:{PORT}",
        f"127.0.0.2:{PORT}",
        f"192.168.1.5:{PORT}",
        f"[::2]:{PORT}",
        f"::1:{PORT}",
        f"[::1:{PORT}",
        f"[evil]:{PORT}",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:80",
        "127.0.0.1:8502",
        f"127.0.0.1:{PORT}0",
        f"127.0.0.1:+{PORT}",
        f"127.0.0.1:{PORT}:{PORT}",
        f"127.0.0.1:{PORT}/",
        f"http://127.0.0.1:{PORT}",
        f" 127.0.0.1:{PORT}",
        f"127.0.0.1:{PORT}, evil.test",
        f"127.0.0.1:{PORT}\nevil.test",
        f"127.0.0.1:{PORT}\x00",
        f"127.0.0.1 evil.test:{PORT}",
        f"ⅼocalhost:{PORT}".encode().decode("latin-1"),
        "",
    ],
)
def test_foreign_host_is_refused(host: str) -> None:
    assert status(host) == 403
    assert status(host, kind="websocket", origin=f"http://{host}") == 403


def test_missing_and_doubled_hosts_are_refused() -> None:
    assert status() == 403
    assert status(OWN, OWN) == 403
    assert status(OWN, f"evil.test:{PORT}") == 403


@pytest.mark.parametrize("path", [f"http://evil.test:{PORT}/", f"http://{OWN}/", "evil.test", "*", ""])
def test_request_target_that_is_no_path_is_refused(path: str) -> None:
    assert status(OWN, path=path) == 403


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        f"http://evil.test:{PORT}",
        "http://127.0.0.1",
        "http://127.0.0.1:8502",
        f"http://127.0.0.1:{PORT}.evil.test",
        f"http://127.0.0.1@evil.test:{PORT}",
        f"http://evil.test@127.0.0.1:{PORT}",
        f"http://127.0.0.1:{PORT}/",
        f"ftp://127.0.0.1:{PORT}",
        "file://",
        f"chrome-extension://{OWN}",
        OWN,
    ],
)
def test_foreign_origin_is_refused(origin: str) -> None:
    assert status(OWN, origin=origin) == 403
    assert status(OWN, origin=origin, path="/media/abc.png") == 403
    assert status(OWN, origin=origin, kind="websocket") == 403


def test_doubled_origin_is_refused() -> None:
    assert status(OWN, origin=[f"http://{OWN}", "http://evil.test"]) == 403


def test_websocket_of_our_own_page_is_accepted() -> None:
    assert ask(OWN, kind="websocket", scheme="ws", origin=f"http://{OWN}") == [{"type": "websocket.accept"}]


def test_websocket_is_closed_where_the_server_cannot_answer_it() -> None:
    (answer,) = ask("evil.test", kind="websocket", extensions=())
    assert answer["type"] == "websocket.close"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_pages_may_link_to_us_but_not_embed_us(site: str) -> None:
    def sent(mode: str, dest: str) -> int:
        return status(OWN, sec_fetch_site=site, sec_fetch_mode=mode, sec_fetch_dest=dest)

    assert sent("navigate", "document") == 200
    assert sent("navigate", "iframe") == 403
    assert sent("no-cors", "image") == 403
    assert sent("no-cors", "script") == 403
    assert status(OWN, sec_fetch_site="same-origin", sec_fetch_mode="no-cors", sec_fetch_dest="image") == 200


def test_refusal_gives_the_reason_and_a_remedy() -> None:
    start, body = ask(f"evil.test:{PORT}")
    assert (b"content-type", b"text/plain; charset=utf-8") in start["headers"]
    text = body["body"].decode()
    assert text.count("\n") == 1
    assert "evil.test" in text
    assert "--server.allowedHosts" in text
    assert "not part of PostLens" in ask(OWN, origin="null")[1]["body"].decode()


@pytest.mark.parametrize("host", [OWN, "evil.test"])
def test_every_response_forbids_framing(host: str) -> None:
    headers = dict(ask(host)[0]["headers"])
    assert headers[b"content-security-policy"] == b"frame-ancestors 'none'"
    assert headers[b"x-frame-options"] == b"DENY"
    assert {name.lower().encode() for name in SECURITY_HEADERS} <= set(headers)


def test_only_the_health_check_is_open_to_all(set_option: SetOption) -> None:
    assert status("evil.test", path="/_stcore/health") == 200
    for path in ("/_stcore/health/", "/_stcore/healthy", "//_stcore/health", "/_stcore/script-health-check"):
        assert status("evil.test", path=path) == 403
    assert status("evil.test", path="/_stcore/health", kind="websocket") == 403
    set_option("server.baseUrlPath", "postlens")
    assert status("evil.test", path="/postlens/_stcore/health") == 200
    assert status("evil.test", path="/_stcore/health") == 403


def test_server_for_others_answers_at_the_address_of_the_connection(set_option: SetOption) -> None:
    set_option("server.address", "0.0.0.0")
    lan = {"address": "192.168.1.5"}
    assert status(f"192.168.1.5:{PORT}", **lan) == 200
    assert status(f"192.168.1.5:{PORT}", address="::ffff:192.168.1.5") == 200
    assert status(f"[fd00::5]:{PORT}", address="fd00::5") == 200
    assert status(f"[fe80::5]:{PORT}", address="fe80::5%eth0") == 200
    assert status(f"evil.test:{PORT}", **lan) == 403
    assert status(f"192.168.1.6:{PORT}", **lan) == 403


def test_configured_names_are_answered(set_option: SetOption) -> None:
    set_option("server.address", "desk.lan")
    set_option("browser.serverAddress", "posts.example")
    set_option("browser.serverPort", 9000)
    assert status(f"Desk.lan:{PORT}", address="192.168.1.5") == 200
    assert status("posts.example:9000", address="192.168.1.5", origin="https://posts.example:9000") == 200
    assert status("posts.example:9001", address="192.168.1.5") == 403
    assert status("evil.test:9000", address="192.168.1.5") == 403


def test_allowed_hosts_are_the_whole_list(set_option: SetOption) -> None:
    set_option("server.allowedHosts", ["posts.example", "*.team.example"])
    assert status("posts.example", origin="https://posts.example") == 200  # behind a proxy
    assert status(f"a.team.example:{PORT}", origin=f"http://a.team.example:{PORT}") == 200
    assert status("posts.example", origin="https://a.team.example") == 403
    assert status("posts.example:9000") == 403
    assert status("evil.test") == 403
    assert status(OWN) == 403


def test_default_port_need_not_be_named() -> None:
    assert status("127.0.0.1", port=80, origin="http://127.0.0.1") == 200
    assert status("127.0.0.1", port=443, scheme="https", origin="https://127.0.0.1") == 200
    assert status("127.0.0.1", port=443, scheme="http") == 403


def test_connection_without_a_port_is_refused() -> None:
    assert status(OWN, address="/run/postlens.sock", port=None) == 403
