"""Progress and ETA: posts done, posts per second, and time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]
"""Called to report progress, with the phase ("scoring", "words", ...), the posts done and the posts in total."""


def ignore_progress(_phase: str, _done: int, _total: int) -> None:
    """Ignore progress."""


@dataclass
class Pace:
    """Measures the rate of each phase from its progress.

    Attributes:
        phase: The current phase.
        done: Posts done in this phase, including those of earlier runs.
        total: Posts in total.
    """

    phase: str = ""
    done: int = 0
    total: int = 0
    _start: tuple[float, int] | None = None  # clock and posts at the first update of the phase
    _clock: float = 0.0

    def update(self, phase: str, done: int, total: int) -> None:
        """Record the current progress."""
        now = time.monotonic()
        if phase != self.phase or self._start is None:
            self.phase, self._start = phase, (now, done)
        self.done, self.total, self._clock = done, total, now

    @property
    def rate(self) -> float:
        """Posts per second in this phase; 0 until two parts are done."""
        if self._start is None or self._clock <= self._start[0]:
            return 0.0
        return (self.done - self._start[1]) / (self._clock - self._start[0])

    @property
    def seconds_left(self) -> float | None:
        """Time to the end of this phase at the current rate; None until the rate is known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None
