"""Server start: prints the address and opens it in the browser."""

from __future__ import annotations

import logging
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import click
import streamlit as st
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from analysis.logs import set_up_logs
from pages.server.hosts import base_path
from pages.server.key import KEY, PARAMETER, is_local
from pages.server.warm_up import read_newest_batch

_ALL_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
_SUPPRESSED = (
    "Uncaught app execution",  # `pages.shared.messages` logs these without the message, which may quote a post
    "ASGI callable returned without completing handshake.",  # for each WebSocket that `pages.server.hosts` refuses
)


def prepare_logs() -> None:
    """Send PostLens's log to standard error, and suppress redundant messages of other libraries."""
    set_up_logs()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # it would print the address without the key
    for name in ("streamlit.error_util", "uvicorn.error"):
        logging.getLogger(name).addFilter(lambda record: record.getMessage() not in _SUPPRESSED)


def declare_own_pages() -> None:
    """Tell Streamlit that app.py declares the pages.

    Otherwise, because their folder is named pages, each session's first run at the start of a server looks for a file
    such as pages/explain.py, and the browser shows "Page not found" over the right page.
    """
    PagesManager.uses_pages_directory = False


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Print the address once the port is bound, open it unless it is headless, and read the newest batch."""
    click.echo(announcement())
    Thread(target=read_newest_batch, daemon=True).start()
    if not st.get_option("server.headless"):
        Thread(target=webbrowser.open, args=(address(),), daemon=True).start()
    yield


def announcement() -> str:
    """Return the start message: the address and who can use it."""
    if is_local():
        note = (
            "It lets this browser read folders on this computer. Do not share it; share links from the pages."
        )
    else:
        note = (
            "Other computers can reach it, so it cannot read folders on this computer; upload files instead."
        )
    return f"\nPostLens is running. Open:\n\n    {address()}\n\n{note}\nPress Ctrl+C to stop.\n"


def address() -> str:
    """Return the address of this server, with the key if it is bound to a loopback address."""
    name, port = st.get_option("server.address"), st.get_option("server.port")
    if config.is_manually_set("browser.serverAddress"):
        name = st.get_option("browser.serverAddress")
    if config.is_manually_set("browser.serverPort"):
        port = st.get_option("browser.serverPort")
    if not name or name in _ALL_ADDRESSES:
        name = "localhost"
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    query = f"?{PARAMETER}={KEY}" if is_local() else ""
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}{base_path()}/{query}"
