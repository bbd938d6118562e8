"""How fast a work on posts goes, and how long it will take."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass
class Pace:
    """Told how far a work is, knows its rate; each phase has its own.

    Attributes:
        phase: Which one is at work.
        done: Posts done in this phase, those of earlier runs included.
        total: Posts in all.
    """

    phase: str = ""
    done: int = 0
    total: int = 0
    _first: tuple[float, int] | None = None  # clock and posts when the phase was first told
    _clock: float = 0.0

    def tell(self, phase: str, done: int, total: int) -> None:
        """Take note of how far it is now."""
        now = time.monotonic()
        if phase != self.phase or self._first is None:
            self.phase, self._first = phase, (now, done)
        self.done, self.total, self._clock = done, total, now

    @property
    def rate(self) -> float:
        """Posts a second in this phase; 0 until two parts are done."""
        if self._first is None or self._clock <= self._first[0]:
            return 0.0
        return (self.done - self._first[1]) / (self._clock - self._first[0])

    @property
    def seconds_left(self) -> float | None:
        """Time to the end of this phase at the present rate; None until a rate is known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None
