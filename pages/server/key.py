"""The key for "Folder on this computer": generated at each start, printed in the address, stored in a cookie.

Without it, anyone who can reach the port, such as another user of this computer, could read all files of the user
who started PostLens.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.server.hosts import LOOPBACK, base_path

PARAMETER = "key"
KEY = secrets.token_urlsafe(32)
"""The key of this process; it appears only in the address that the start command prints."""


class KeyToCookie:
    """ASGI middleware that responds to `/?key=KEY` with a cookie and a redirect to the address without the key.

    This keeps the key out of the address bar and of shared links. A wrong key, such as one in a bookmark from an
    earlier start, leads to the same page without a cookie.

    Args:
        app: The wrapped application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or WebSocket connection."""
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == PARAMETER]
        is_start = scope["type"] == "http" and scope["path"].rstrip("/") == base_path()
        if not (is_start and scope["method"] == "GET" and given):
            await self.app(scope, receive, send)
            return
        rest = urlencode([(name, value) for name, value in query if name != PARAMETER])
        response = RedirectResponse(f"{base_path()}/{'?' if rest else ''}{rest}", status_code=303)
        response.headers["Cache-Control"] = "no-store"
        if is_local() and any(_matches(value) for value in given):
            response.set_cookie(
                cookie_name(), KEY, httponly=True, samesite="strict", secure=scope["scheme"] == "https"
            )
        await response(scope, receive, send)


def is_local() -> bool:
    """Check whether the server is bound to a loopback address."""
    return st.get_option("server.address") in LOOPBACK


def local_paths_allowed() -> bool:
    """Check whether the current session may read folders of this computer."""
    return is_local() and _matches(st.context.cookies.get(cookie_name(), ""))


def cookie_name() -> str:
    """Return the cookie's name, which contains the port because browsers share cookies between ports."""
    return f"postlens_key_{st.get_option('server.port')}"


def _matches(given: str) -> bool:
    return hmac.compare_digest(given.encode(), KEY.encode())
