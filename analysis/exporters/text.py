"""Untrusted names and values as text, and words in texts, shared by the formats of reports."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from analysis.attribution.ledger import WordValue
from analysis.wording import replace_surrogates


def format_untrusted(value: Any) -> str:
    """Write an untrusted name or value as text: JSON if it is no text, "" for None; lone surrogates are replaced."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return replace_surrogates(text)


def format_word_values(words: Iterable[tuple[str, float]]) -> str:
    """Write the most influential words of a post: "awful +0.61; great -0.20"."""
    return "; ".join(f"{word} {value:+.2f}" for word, value in words)


def to_naive_utc(value: datetime) -> datetime:
    """Convert a time to UTC, without a time zone."""
    return value.astimezone(UTC).replace(tzinfo=None)


def locate_words(text: str, words: Iterable[tuple[str, float]]) -> list[WordValue]:
    """Find the first occurrence of each word in a text, in text order, without overlaps."""
    found: list[WordValue] = []
    for word, value in words:
        start = find_whole_word(text, word)
        end = start + len(word)
        if start >= 0 and all(end <= other.start or start >= other.end for other in found):
            found.append(WordValue(word, start, end, value))
    return sorted(found, key=lambda each: each.start)


def find_whole_word(text: str, word: str) -> int:
    """Find the first occurrence of a word that is not part of a longer one; -1 if there is none."""
    start = text.find(word) if word else -1
    while start >= 0:
        around = f"{text[start - 1 : start]}{text[start + len(word) :][:1]}"
        if not any(char.isalnum() or char == "_" for char in around):
            return start
        start = text.find(word, start + 1)
    return -1
