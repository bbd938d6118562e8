"""Options of Streamlit, set as a start command would."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from streamlit import config

SetOption = Callable[[str, object], None]


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
