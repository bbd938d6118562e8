"""Untrusted names and values as text, shared by the formats of reports."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any


def format_untrusted(value: Any) -> str:
    """Write an untrusted name or value as text: JSON if it is no text, "" for None; lone surrogates are replaced."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return text.encode("utf-8", "replace").decode("utf-8")


def format_word_values(words: Iterable[tuple[str, float]]) -> str:
    """Write the most influential words of a post: "awful +0.61; great -0.20"."""
    return "; ".join(f"{word} {value:+.2f}" for word, value in words)


def to_naive_utc(value: datetime) -> datetime:
    """Convert a time to UTC, without a time zone."""
    return value.astimezone(UTC).replace(tzinfo=None)
