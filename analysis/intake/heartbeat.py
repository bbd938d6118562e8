"""Heartbeats from the loops that read tables, so that slow work can be distinguished from work that hangs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_EVERY = 0.5  # seconds
_STEPS = 1_000  # of a loop between two looks at the clock

_listener: Callable[[], None] | None = None
_last = 0.0


def listen(listener: Callable[[], None]) -> None:
    """Have a function called about twice a second while something is read; a worker process has one listener."""
    global _listener
    _listener = listener


def beat() -> None:
    """Send a heartbeat."""
    global _last
    if _listener is not None and time.monotonic() - _last >= _EVERY:
        _last = time.monotonic()
        _listener()


def beating(items: Iterable[T]) -> Iterator[T]:
    """Pass items through, with a heartbeat now and then."""
    for number, item in enumerate(items):
        if number % _STEPS == 0:
            beat()
        yield item
