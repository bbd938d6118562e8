"""Generates random but consistent scores and top words for synthetic posts, without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.columns import Scored, computed_columns
from analysis.model.config import Head
from analysis.posts import has_text
from analysis.settings import Settings

BUNDLE = "synthetic@00000000"
_LANGUAGES = np.array(["en", "en", "en", "en", "es", "de", "fr", None], dtype=object)
NULL: Any = None
"""None as an argument of `np.where`, whose type annotations do not allow it."""
_WORDS = (
    "happy", "cancelled", "love", "dead", "train", "bonita", "hate", "finally", "1,5x", "a;b", "🌼", "support",
)  # fmt: skip


def generate_synthetic_scores(posts: pd.DataFrame, heads: Mapping[str, Head], seed: int) -> pd.DataFrame:
    """Generate the scores of a part.

    Args:
        posts: Posts of the part; their text and images determine which columns are null.
        heads: The heads, including `sentiment` and `topic`.
        seed: Seed of the random numbers.

    Returns:
        A score table in the format of `analysis.scoring.scores`: sentiment probabilities add up to 1, the sentiment
        is the most likely class, and valence, confidence, agreement and shares are consistent with them.
    """
    chance, n = np.random.default_rng(seed), len(posts)
    has = {
        "text": np.array([has_text(text) for text in posts["text"]], dtype=bool),
        "image": np.array([len(images) > 0 for images in posts["images"]], dtype=bool),
    }
    both = has["text"] & has["image"]
    probabilities = {name: _probabilities(chance, head, n) for name, head in heads.items()}
    scored = Scored(
        model=BUNDLE,
        heads=heads,
        settings=Settings(),
        has=has,
        probabilities=probabilities,
        alone={
            name: {"sentiment": 0.3 * probabilities["sentiment"] + 0.7 * _simplex(chance, n, 3)}
            for name in has
        },
        phi={
            head: {name: np.where(there, chance.normal(0, 1, n), 0.0) for name, there in has.items()}
            for head in ("sentiment", "topic")
        },
        interaction={head: np.where(both, chance.normal(0, 0.2, n), 0.0) for head in ("sentiment", "topic")},
        match=chance.random(n),
    )
    languages = np.where(has["text"], _LANGUAGES[chance.integers(0, len(_LANGUAGES), n)], NULL)
    return pd.DataFrame(
        {
            "post_id": posts["post_id"].to_numpy(),
            **computed_columns(scored),
            "language": languages,
            "in_language": [None if one is None else one == "en" for one in languages],
        }
    )


def generate_synthetic_words(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Generate the most influential words for the posts of a part; null without text."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, len(_WORDS), (len(scores), 3)).tolist()
    values = rng.normal(0.3, 0.6, (len(scores), 3)).tolist()
    words = [
        [(_WORDS[place], value) for place, value in zip(*pair, strict=True)]
        for pair in zip(places, values, strict=True)
    ]
    has_text = scores["inputs_used"] != "image"
    return pd.DataFrame(
        {
            "post_id": scores["post_id"],
            "top_words": pd.Series(words, dtype=object).where(has_text, None),
            "image_map": pd.Series([None] * len(scores), dtype=object),
        }
    )


def _probabilities(chance: np.random.Generator, head: Head, posts: int) -> NDArray[np.float64]:
    """Generate a head's probabilities, (posts, classes)."""
    if head.exclusive:
        return _simplex(chance, posts, len(head.classes))
    return chance.beta(0.5, 1.5, (posts, len(head.classes)))


def _simplex(chance: np.random.Generator, posts: int, classes: int) -> NDArray[np.float64]:
    """Generate probabilities that add up to 1, (posts, classes), mostly clear and sometimes not."""
    return chance.dirichlet([0.6] * classes, posts)
