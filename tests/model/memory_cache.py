"""A cache for compiled encoders that keeps nothing on disk."""

from __future__ import annotations


class MemoryCache:
    """Compiled encoders in memory, and how often they were stored."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.stored = 0

    def load(self, key: str) -> bytes | None:
        return self.entries.get(key)

    def store(self, key: str, content: bytes) -> None:
        self.entries[key] = content
        self.stored += 1
