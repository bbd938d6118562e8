"""Assigns values to the words of a post, and finds the most influential words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.attribution.ledger import WordValue
from analysis.model.modalities.text import DecodedText

MAX_WORD_CHARS = 40
"""Longer words are truncated in lists of words."""


def attribute_words(text: DecodedText, values: NDArray[np.float64]) -> tuple[WordValue, ...]:
    """Pair the words that the encoder reads with their values, (words,)."""
    original = text.clean.original
    return tuple(
        WordValue(original[word.start : word.end], word.start, word.end, float(value))
        for word, value in zip(text.words, values, strict=True)
    )


def select_top_words(words: Sequence[WordValue], count: int) -> list[tuple[str, float]]:
    """Return the words with the largest absolute values, such as ("awful", 0.61), largest first.

    Values of equal words are summed. Words without letters or emoji, such as numbers, are omitted.
    """
    totals: dict[str, float] = {}
    for word in words:
        kinds = {unicodedata.category(char) for char in word.text}
        if "So" in kinds or any(kind.startswith("L") for kind in kinds):
            name = word.text.casefold()[:MAX_WORD_CHARS]
            totals[name] = totals.get(name, 0.0) + word.value
    return sorted(totals.items(), key=lambda pair: -abs(pair[1]))[:count]
