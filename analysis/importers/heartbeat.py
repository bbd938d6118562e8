"""Heartbeats from loops that read tables, to distinguish slow from hanging workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_INTERVAL = 0.5  # seconds
_ITEMS_PER_CHECK = 1_000

_listener: Callable[[int, int], None] | None = None
_last = 0.0


def set_heartbeat_listener(listener: Callable[[int, int], None]) -> None:
    """Set the function that is called about twice a second while a file is read; a process has one.

    It gets the bytes read so far and those of the file, both 0 where they are not known.
    """
    global _listener
    _listener = listener


def send_heartbeat(done: int = 0, total: int = 0) -> None:
    """Send a heartbeat, with the bytes of a file that were read so far and its bytes in all, where they are known."""
    global _last
    if _listener is not None and time.monotonic() - _last >= _INTERVAL:
        _last = time.monotonic()
        _listener(done, total)


def with_heartbeats(items: Iterable[T]) -> Iterator[T]:
    """Iterate over items with a heartbeat every thousand of them."""
    for number, item in enumerate(items):
        if number % _ITEMS_PER_CHECK == 0:
            send_heartbeat()
        yield item
