"""Refuses requests that are not addressed to PostLens's own hosts, and forbids framing its pages.

A web page can make its host name resolve to 127.0.0.1 (DNS rebinding): the browser then sends the page's requests
here and lets the page read the responses. Such requests still have the page's host name in `Host`, so they are
detected.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

SECURITY_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with "no-referrer" some browsers send `Origin: null`, which is refused
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_AUTHORITY = re.compile(r"(?:([a-z0-9._-]+)|\[([0-9a-f:.]+)\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://(.+)", re.IGNORECASE)


class Authority(NamedTuple):
    """A host name or address in lower case, without brackets, and the port if one is given."""

    name: str
    port: int | None


class OwnHostsOnly:
    """ASGI middleware that refuses foreign requests with status 403 and adds `SECURITY_HEADERS` to every response.

    Own hosts are localhost, 127.0.0.1, [::1], the local address of the connection, `server.address` and
    `browser.serverAddress`, each with the port that the server is bound to; or, if `server.allowedHosts` is set,
    only the hosts in it. The health check is open to all: it reveals only that a server is running.

    Args:
        app: The application to protect.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or WebSocket connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message.setdefault("headers", [])
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        reason = None if _is_health_check(scope) else reason_to_refuse(scope)
        if reason is None:
            await self.app(scope, receive, send_with_headers)
        elif scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign host or origin"})
        else:
            await PlainTextResponse(f"{reason}\n", status_code=403)(scope, receive, send_with_headers)


def server_error(_request: Request, _error: Exception) -> PlainTextResponse:
    """Respond to a request whose handler failed; Starlette sends this response without the middleware."""
    text = "PostLens could not handle this request. See the log for the reason, then try again.\n"
    return PlainTextResponse(text, status_code=500, headers=SECURITY_HEADERS)


def base_path() -> str:
    """Return the URL path of PostLens: "", or such as "/postlens" from `server.baseUrlPath`."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}" if base else ""


def reason_to_refuse(scope: Scope) -> str | None:
    """Check the `Host`, `Origin` and `Sec-Fetch-Site` headers of a request.

    Args:
        scope: The ASGI scope of a request or WebSocket connection.

    Returns:
        One line with problem, reason and remedy; None if the request is allowed.
    """
    headers = Headers(scope=scope)
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    host = _parse_authority(hosts[0]) if len(hosts) == 1 else None
    to_us = scope["path"].startswith("/")  # "GET http://evil.test/" also names a host, for a proxy
    if host is None or not to_us or not _is_own(host, hosts[0], scope):
        named = f'to "{hosts[0]}"' if host and to_us else "without one valid Host header"
        return (
            f"Refused: this request was sent {named}, but PostLens only accepts requests to its own address. Open "
            "the address that the start command printed, or allow another name with --server.allowedHosts NAME."
        )
    if origins:
        foreign = len(origins) > 1 or not _is_same_origin(origins[0], host)
    else:
        foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not (
            headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        )  # another page may link to PostLens, but not embed any of it
    if foreign:
        return (
            "Refused: this request was sent by a page that is not part of PostLens. "
            "Open the address that the start command printed in a new tab."
        )
    return None


def _is_health_check(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == f"{base_path()}/_stcore/health"


def _parse_authority(text: str) -> Authority | None:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    name, address, port = match.groups()
    return Authority(_canonical(name or address), int(port) if port else None)


def _canonical(name: str) -> str:
    """Return a name in lower case or an IP address in its shortest form; IPv4-mapped IPv6 becomes IPv4."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name.lower()
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_own(host: Authority, header: str, scope: Scope) -> bool:
    address, bound = scope.get("server") or (None, None)
    if bound is None:
        return False
    ports = {bound}
    if config.is_manually_set("browser.serverPort"):  # the public port of a proxy or container
        ports.add(int(st.get_option("browser.serverPort")))
    port = host.port or (443 if scope["scheme"] in ("https", "wss") else 80)
    if st.get_option("server.allowedHosts"):
        return is_host_allowed(header) and (port in ports or port in (80, 443))
    served = [st.get_option(option) for option in ("server.address", "browser.serverAddress")]
    if host.name in {_canonical(name) for name in (*LOOPBACK, address, *filter(None, served))}:
        return port in ports
    return False


def _is_same_origin(origin: str, host: Authority) -> bool:
    match = _ORIGIN.fullmatch(origin)
    source = _parse_authority(match[1]) if match else None
    if source is None or source.port != host.port:
        return False
    return source.name == host.name or {source.name, host.name} <= set(LOOPBACK)
