"""Redirects the named address of the start page to "/", its only address for Streamlit."""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.server.hosts import base_path

START_PAGE = "overview"
"""The name of the start page in addresses."""


class NamedStartPage:
    """ASGI middleware that redirects `/overview`, for which Streamlit shows "Page not found", to `/`.

    Args:
        app: The wrapped application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or WebSocket connection."""
        if scope["type"] != "http" or scope["path"].rstrip("/") != f"{base_path()}/{START_PAGE}":
            await self.app(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        await RedirectResponse(f"{base_path()}/{'?' if query else ''}{query}")(scope, receive, send)
