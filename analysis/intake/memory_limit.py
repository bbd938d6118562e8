"""A limit on the further memory of a worker process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_STATM = Path("/proc/self/statm")
_DATA_FIELD = 5  # of statm: pages of data and stack

_listener: Callable[[int], None] | None = None


def set_memory_limit_listener(listener: Callable[[int], None]) -> None:
    """Set the function that gets each new limit, for systems that do not enforce it; a process has one."""
    global _listener
    _listener = listener


@contextmanager
def memory_limit(budget: int) -> Iterator[None]:
    """Limit the further memory of the process, in bytes, if the system supports it (Linux).

    A limit inside another one never exceeds it.

    Raises:
        MemoryError: The block takes more.
    """
    if _listener is not None:
        _listener(budget)
    try:
        import resource

        pages = int(_STATM.read_text().split()[_DATA_FIELD])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [each for each in (soft, hard) if each != resource.RLIM_INFINITY]
    limit = min([pages * resource.getpagesize() + budget, *limits])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
