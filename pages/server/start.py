"""What happens when the server starts: it prints the one address to open, and opens it in the browser."""

from __future__ import annotations

import logging
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import click
import streamlit as st
from streamlit import config

from analysis.logs import set_up_logs
from pages.server.hosts import base_path
from pages.server.key import KEY, PARAMETER, is_local

_ALL_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
_LEFT_OUT = (
    "Uncaught app execution",  # `pages.shared.messages` logs these without the message, which may quote a post
    "ASGI callable returned without completing handshake.",  # of every WebSocket that `pages.server.hosts` refuses
)


def prepare_logs() -> None:
    """Send our own log to standard error, and leave out what others would print beside it."""
    set_up_logs()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # it would print the address without the key
    for name in ("streamlit.error_util", "uvicorn.error"):
        logging.getLogger(name).addFilter(lambda record: record.getMessage() not in _LEFT_OUT)


@asynccontextmanager
async def announced(_app: st.App) -> AsyncIterator[None]:
    """Print the address once the port is bound, and open it unless `server.headless` is set."""
    click.echo(announcement())
    if not st.get_option("server.headless"):
        Thread(target=webbrowser.open, args=(address(),), daemon=True).start()
    yield


def announcement() -> str:
    """Say where PostLens can be opened, and what the address is good for."""
    if is_local():
        more = "It lets this browser read folders on this computer: share links from the pages, not this one."
    else:
        more = (
            "Others can reach it too: folders on this computer cannot be read, and files are added by upload."
        )
    return f"\nPostLens is running. Open:\n\n    {address()}\n\n{more}\nCtrl+C stops it.\n"


def address() -> str:
    """The address of this server, with the key where it is bound to this computer alone."""
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
