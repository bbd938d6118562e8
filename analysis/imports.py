"""Imports of large libraries, quicker: what they make is no garbage, and is not looked through for it meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let Python's cycle collector rest within the block: importing what scoring needs is then a fifth quicker."""
    worked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if worked:
            gc.enable()
