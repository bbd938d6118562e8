"""Generates random but consistent scores and top words for synthetic posts, without a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.attribution.ledger import SHARE_FROM
from analysis.columns import UNCLEAR, class_columns
from analysis.model.config import Head
from analysis.posts import inputs_used
from analysis.settings import Settings

BUNDLE = "synthetic@00000000"
_LANGUAGES = np.array(["en", "en", "en", "en", "es", "de", "fr", None], dtype=object)
NULL: Any = None
"""None as an argument of `np.where`, whose type annotations do not allow it."""
_WORDS = (
    "happy",
    "cancelled",
    "love",
    "dead",
    "train",
    "bonita",
    "hate",
    "finally",
    "1,5x",
    "a;b",
    "🌼",
    "support",
)


def synthetic_scores(posts: pd.DataFrame, heads: Mapping[str, Head], seed: int) -> pd.DataFrame:
    """Generate the scores of a part.

    Args:
        posts: Posts of the part; their text and images determine which columns are null.
        heads: The heads, including `sentiment` and `topic`.
        seed: Seed of the random numbers.

    Returns:
        A score table in the format of `analysis.scoring.scores`: sentiment probabilities add up to 1, the sentiment
        is the most likely class, and valence, confidence, agreement and shares are consistent with them.
    """
    rng, settings, n = np.random.default_rng(seed), Settings(), len(posts)
    used = np.array(
        [inputs_used(text, len(images)) for text, images in zip(posts["text"], posts["images"], strict=True)]
    )
    has = {"text": used != "image", "image": used != "text"}
    sentiment = _sample_probabilities(rng, n, 3)  # (posts, classes)
    alone = {
        name: np.where(has[name][:, None], 0.3 * sentiment + 0.7 * _sample_probabilities(rng, n, 3), np.nan)
        for name in has
    }
    classes = np.array(heads["sentiment"].classes, dtype=object)
    columns: dict[str, Any] = {
        "post_id": posts["post_id"].to_numpy(),
        "inputs_used": used,
        "sentiment": classes[sentiment.argmax(1)],
        **{f"p_{name}": values for name, values in zip(classes, sentiment.T, strict=True)},
        "valence": _compute_valence(sentiment),
        "confidence": sentiment.max(1),
        "uncertain": sentiment.max(1) < settings.uncertain_below,
    }
    for name, values in alone.items():
        columns[f"{name}_sentiment"] = np.where(has[name], classes[np.nan_to_num(values).argmax(1)], NULL)
        columns[f"{name}_valence"] = _compute_valence(values)
    columns["agreement"] = 1 - np.abs(columns["text_valence"] - columns["image_valence"]) / 2
    for name in heads:
        if name != "sentiment":
            columns |= _generate_head_columns(heads, name, has, rng, settings)
    for end in ("", "_topic"):
        for name in has:
            columns[f"phi_{name}{end}"] = np.where(has[name], rng.normal(0, 1, n), 0.0)
        columns[f"interaction{end}"] = np.where(used == "both", rng.normal(0, 0.2, n), 0.0)
    size = np.abs(columns["phi_text"]) + np.abs(columns["phi_image"])
    for name in has:
        columns[f"share_{name}"] = np.where(size >= SHARE_FROM, np.abs(columns[f"phi_{name}"]) / size, np.nan)
    columns["text_image_match"] = np.where(used == "both", rng.random(n), np.nan)
    columns["language"] = np.where(has["text"], _LANGUAGES[rng.integers(0, len(_LANGUAGES), n)], NULL)
    columns["in_language"] = [None if one is None else one == "en" for one in columns["language"]]
    columns["model"] = [BUNDLE] * n
    return pd.DataFrame(columns)


def generate_words(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
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
        {"post_id": scores["post_id"], "top_words": pd.Series(words, dtype=object).where(has_text, None)}
    )


def _generate_head_columns(
    heads: Mapping[str, Head],
    name: str,
    has: Mapping[str, NDArray[Any]],
    rng: np.random.Generator,
    settings: Settings,
) -> dict[str, Any]:
    """Generate the columns of a head other than sentiment; null if the post has no input for the head."""
    head, n = heads[name], len(has["text"])
    p = (
        _sample_probabilities(rng, n, len(head.classes))
        if head.exclusive
        else rng.beta(0.5, 1.5, (n, len(head.classes)))
    )
    scored = np.any([there for modality, there in has.items() if head.answers((modality,))], axis=0)
    columns: dict[str, Any] = {}
    if not head.mark:
        limit = settings.topic_from if name == "topic" else settings.emotion_from
        named = np.all([p.max(1) >= limit, *(has[modality] for modality in head.needs)], axis=0)
        words = np.where(named, np.array(head.classes, dtype=object)[p.argmax(1)], UNCLEAR)
        columns[name] = np.where(scored, words, NULL)
    if not head.exclusive:
        columns[f"{name}_confidence"] = np.where(scored, p.max(1), np.nan)
    for one, column in class_columns(heads)[name].items():
        columns[column] = np.where(scored, p[:, head.classes.index(one)], np.nan)
    return columns


def _sample_probabilities(rng: np.random.Generator, posts: int, classes: int) -> NDArray[np.float64]:
    """Sample probabilities that add up to 1, (posts, classes), mostly but not always confident."""
    return rng.dirichlet([0.6] * classes, posts)


def _compute_valence(sentiment: NDArray[np.float64]) -> NDArray[np.float64]:
    return sentiment[:, 2] - sentiment[:, 0]
