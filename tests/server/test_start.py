"""The one address that the start command prints and opens."""

from __future__ import annotations

import logging
from queue import SimpleQueue
from unittest.mock import Mock

import pytest

from pages.server import start
from pages.server.key import KEY
from tests.server.conftest import SetOption, run


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> SimpleQueue[str]:
    """The addresses that were opened in a browser."""
    addresses: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr("webbrowser.open", addresses.put)
    return addresses


def start_up() -> None:
    async def start_and_stop() -> None:
        async with start.lifespan(Mock()):
            pass

    run(start_and_stop())


def test_printed_address_has_the_key_and_is_opened(
    set_option: SetOption, opened: SimpleQueue[str], capsys: pytest.CaptureFixture[str]
) -> None:
    set_option("server.headless", False)
    set_option("server.port", 8765)
    start_up()
    address = f"http://127.0.0.1:8765/?key={KEY}"
    assert capsys.readouterr().out.count("http") == 1
    assert address in start.announcement()
    assert opened.get(timeout=60) == address


def test_headless_start_only_prints(
    set_option: SetOption, opened: SimpleQueue[str], capsys: pytest.CaptureFixture[str]
) -> None:
    set_option("server.headless", True)
    start_up()
    assert KEY in capsys.readouterr().out
    assert opened.empty()


@pytest.mark.parametrize(
    ("bound", "shown"),
    [("0.0.0.0", "localhost"), ("::", "localhost"), ("192.168.1.5", "192.168.1.5"), ("fd00::5", "[fd00::5]")],
)
def test_server_for_others_has_no_key(set_option: SetOption, bound: str, shown: str) -> None:
    set_option("server.address", bound)
    set_option("server.port", 8765)
    assert start.address() == f"http://{shown}:8765/"
    assert KEY not in start.announcement()
    assert "cannot read folders" in start.announcement()


def test_address_follows_the_options(set_option: SetOption) -> None:
    set_option("server.baseUrlPath", "postlens")
    set_option("server.sslCertFile", "server.pem")
    set_option("browser.serverAddress", "posts.example")
    set_option("browser.serverPort", 9000)
    assert start.address() == f"https://posts.example:9000/postlens/?key={KEY}"


def test_key_is_not_logged(caplog: pytest.LogCaptureFixture, set_option: SetOption) -> None:
    set_option("server.headless", True)
    with caplog.at_level(logging.DEBUG):
        start_up()
    assert KEY not in caplog.text
