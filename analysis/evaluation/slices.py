"""Slices: subsets of posts on which a model may perform better or worse than on average."""

from __future__ import annotations

from typing import Any

import emoji
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.evaluation.metrics import round_metric, summarise_confusion
from analysis.posts import has_text

MIN_POSTS = 20
"""In a smaller slice, one post is more than five percentage points of accuracy."""
SHORT = 50
"""Characters, about nine words: the shortest tenth of the texts in most tweet data sets."""
LONG = 140
"""Characters: the maximum length of a tweet until 2017."""
TINY = 100
"""Pixels of the smaller side: less than half of the image encoder's input size."""


def measure_slices(
    posts: pd.DataFrame, truth: NDArray[Any], predicted: NDArray[Any], classes: int, inputs: str
) -> list[dict[str, Any]]:
    """Evaluate each slice that has at least 20 posts and does not contain all posts.

    Args:
        posts: `text`; where known also `side` (smallest side of the post's images, pixels) and `language`.
        truth: Class indices, (posts,).
        predicted: Predicted class indices, (posts,).
        classes: Number of classes.
        inputs: "text", "image" or "both": slices by modalities that were not read are omitted.

    Returns:
        slice, posts, accuracy, macro_f1 and macro_recall of each; macro averages are over the classes in the slice.
    """
    pairs = truth * classes + predicted
    found = []
    for name, chosen in _find_slices(posts, inputs).items():
        if MIN_POSTS <= chosen.sum() < len(posts):
            confusion = np.bincount(pairs[chosen], minlength=classes**2).reshape(classes, classes)
            figures = summarise_confusion(confusion)
            shown = {key: round_metric(figures[key]) for key in ("accuracy", "macro_f1", "macro_recall")}
            found.append({"slice": name, "posts": int(chosen.sum()), **shown})
    return found


def _find_slices(posts: pd.DataFrame, inputs: str) -> dict[str, NDArray[Any]]:
    """Return which posts belong to each slice, (posts,) of bool."""
    slices: dict[str, NDArray[Any]] = {}
    if inputs != "image":
        text = posts["text"]
        written = text.map(has_text).to_numpy(dtype=bool)
        with_emoji = np.array([emoji.emoji_count(each) > 0 for each in text], dtype=bool)
        length = text.str.len().to_numpy()
        slices["with emoji"] = with_emoji
        slices["without emoji"] = written & ~with_emoji
        slices["with hashtags"] = text.str.contains(r"#\w").to_numpy(dtype=bool)
        slices[f"under {SHORT} characters"] = written & (length < SHORT)
        slices[f"over {LONG} characters"] = length > LONG
        if "language" in posts:
            for language in sorted(set(posts["language"].dropna()) - {""}):
                slices[f"language {language}"] = posts["language"].eq(language).to_numpy(dtype=bool)
    if inputs != "text" and "side" in posts:
        slices[f"images under {TINY} px"] = posts["side"].lt(TINY).to_numpy(dtype=bool)
    return slices
