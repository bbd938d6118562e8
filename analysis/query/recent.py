"""Keeps the results of recent queries, because a page runs the same ones again with every click."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class RecentResults(Generic[V]):
    """The results that were used last; usable by several threads at once.

    Args:
        most: Number of results that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: dict[Hashable, V] = {}  # the most recent is last
        self._lock = threading.Lock()

    def __contains__(self, key: object) -> bool:
        return key in self._results

    def __len__(self) -> int:
        return len(self._results)

    def get_or_compute(
        self, key: Hashable, compute: Callable[[], V], is_kept: Callable[[V], bool] = lambda _: True
    ) -> V:
        """Return a result, which is computed unless it is there.

        Args:
            key: Everything that the result depends on.
            compute: Computes it; two threads that need the same result at once may both do so.
            is_kept: Returns whether a computed result is small enough to be kept.
        """
        with self._lock:
            if key in self._results:
                self._results[key] = result = self._results.pop(key)
                return result
        result = compute()
        if is_kept(result):
            with self._lock:
                self._results[key] = result
                while len(self._results) > self._most:
                    del self._results[next(iter(self._results))]
        return result
