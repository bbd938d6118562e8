"""Evaluates searches by meaning, and custom topics, on posts of which a pattern says what they are about.

A post is right for a phrase if the phrase's pattern occurs in its text. Posts that mention the topic in other words
count as wrong, so the figures are too low in themselves; they serve to compare models and rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from analysis.errors import EvaluationError
from analysis.evaluation.evaluate import INPUTS
from analysis.model.bundle import Bundle
from analysis.posts import has_text
from analysis.scoring.encodings import encode_all_posts
from analysis.search.vectors import Vectors, cosine_similarity, embed_names
from analysis.settings import Settings

FIXED = ("topic", "half", "pattern")
"""Columns of a table of phrases that are not languages."""
FIRST = 10
"""The most similar posts that are counted: about as many as a reader looks at."""
_THRESHOLDS = np.arange(0.1, 0.5, 0.025)


@dataclass(frozen=True)
class _Found:
    """What one phrase found: the share of right posts among the first ones and among all, and counts by threshold."""

    language: str
    half: str
    first: float
    by_chance: float
    right: int
    found: NDArray[np.int64]  # (thresholds,)
    found_right: NDArray[np.int64]  # (thresholds,)


def evaluate_phrases(
    bundle: Bundle,
    posts: pd.DataFrame,
    phrases: pd.DataFrame,
    inputs: str = "text",
    title: str = "",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Search posts for phrases in several languages, and measure how many of the posts that are found are right.

    Args:
        bundle: The model.
        posts: Result of `read_evaluation_posts`. Without their texts, posts with the same image count as one.
        phrases: `topic`; `half`, such as the phrases on which something was chosen, and others; `pattern`, a regular
            expression for texts in lower case; and a column of phrases for each language.
        inputs: Modalities that are compared with the phrases: "text", "image" or "both".
        title: Display title.
        progress: Called with the number of posts done and the total.

    Returns:
        JSON values: title, posts, threshold, and `groups` by language and half: phrases, `first` (the share of right
        posts among the ten most similar), `by_chance` (among all), and precision, recall and F1 of
        `Settings.custom_topic_from` over all phrases, and the best threshold with its F1. Phrases that are right for
        fewer than ten posts are left out.

    Raises:
        EvaluationError: The table of phrases lacks a column, a pattern is invalid, or all phrases are left out.
        BundleError: The bundle has no shared space.
    """
    languages = [name for name in phrases.columns if name not in FIXED]
    if missing := [name for name in FIXED if name not in phrases.columns] or ([] if languages else ["en"]):
        raise EvaluationError(
            "The table of phrases",
            f"has no column {missing[0]}",
            f"Name its columns {', '.join(FIXED)}, en, de …",
        )
    if inputs == "image":
        keys = posts["images"].map(tuple)
        merged = posts[keys.map(len) > 0].groupby(keys, sort=False)
        posts = merged.agg({"text": "\n".join, "images": "first"}).reset_index(drop=True)
    texts = posts["text"].str.lower()
    read = posts if inputs != "image" else posts.assign(text="")
    if inputs == "text":
        read = read.assign(images=pd.Series([[]] * len(read), index=read.index, dtype=object))
    is_read = read["text"].map(has_text).astype(bool) | (read["images"].str.len() > 0)
    texts, read = texts[is_read], read[is_read].reset_index(drop=True)
    vectors = _embed_posts(bundle, read, INPUTS[inputs], progress)
    threshold = Settings().custom_topic_from
    found = []
    for row in phrases.to_dict("records"):
        right = _match(row["pattern"], texts)
        if right.sum() < FIRST:
            continue
        named = [name for name in languages if row[name]]
        similarity = cosine_similarity(vectors, embed_names(bundle, [row[name] for name in named]))
        for name, values in zip(named, similarity.T, strict=True):
            found.append(_count(name, row["half"], np.nan_to_num(values, nan=-1), right, threshold))
    if not found:
        raise EvaluationError(
            "The phrases", f"are right for fewer than {FIRST} posts each", "Use more posts."
        )
    groups = dict.fromkeys((each.language, each.half) for each in found)
    return {
        "title": title,
        "posts": len(read),
        "threshold": threshold,
        "groups": [
            _summarise([each for each in found if (each.language, each.half) == group]) for group in groups
        ],
    }


def _embed_posts(
    bundle: Bundle, posts: pd.DataFrame, modalities: Sequence[str], progress: Callable[[int, int], None]
) -> list[Vectors]:
    encoded, present = encode_all_posts(bundle, posts, Path, Settings(), progress)
    vectors = []
    for number, modality in enumerate(bundle.model.modalities):
        if modality in modalities:
            with bundle.lock, torch.inference_mode():
                of_modality = bundle.model.embed(modality, encoded[modality]).numpy()
            vectors.append(np.where(present[:, number].bool().numpy()[:, None], of_modality, np.nan))
    return vectors


def _match(pattern: str, texts: pd.Series[str]) -> NDArray[np.bool_]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise EvaluationError(f"The pattern {pattern[:60]}", f"is invalid: {error}", "Correct it.") from error
    return np.array([bool(compiled.search(text)) for text in texts])


def _count(
    language: str, half: str, similarity: Vectors, right: NDArray[np.bool_], threshold: float
) -> _Found:
    first = np.argsort(-similarity, kind="stable")[:FIRST]
    reached = similarity[:, None] >= np.append(threshold, _THRESHOLDS)  # (posts, thresholds)
    return _Found(
        language,
        half,
        float(right[first].mean()),
        float(right.mean()),
        int(right.sum()),
        reached.sum(0),
        (reached & right[:, None]).sum(0),
    )


def _summarise(found: Sequence[_Found]) -> dict[str, Any]:
    """Average the shares of phrases, and add up their posts before precision, recall and F1 are computed."""
    reached = np.sum([each.found for each in found], axis=0)  # (thresholds,)
    right = np.sum([each.found_right for each in found], axis=0)
    f1 = 2 * right / (reached + sum(each.right for each in found))
    best = int(np.argmax(f1[1:]))
    return {
        "language": found[0].language,
        "half": found[0].half,
        "phrases": len(found),
        "first": float(np.mean([each.first for each in found])),
        "by_chance": float(np.mean([each.by_chance for each in found])),
        "precision": float(right[0] / max(reached[0], 1)),
        "recall": float(right[0] / sum(each.right for each in found)),
        "f1": float(f1[0]),
        "best_threshold": float(_THRESHOLDS[best]),
        "best_f1": float(f1[1:][best]),
    }
