"""Options of Streamlit, set as a start command would, and a way to run coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit import config

SetOption = Callable[[str, object], None]


def run(coroutine: Coroutine[None, None, None]) -> None:
    """Run a coroutine in a thread of its own: in this one Playwright's event loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


@pytest.fixture
def set_option() -> Iterator[SetOption]:
    """Set options for one test."""
    before: dict[str, tuple[object, str]] = {}

    def set_(name: str, value: object) -> None:
        option = config.get_config_options()[name]
        before.setdefault(name, (option.value, option.where_defined))
        config.set_option(name, value, "command-line argument or environment variable")

    yield set_
    for name, (value, where) in before.items():
        config.set_option(name, value, where)
