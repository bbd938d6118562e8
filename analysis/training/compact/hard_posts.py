"""Evaluates a list of difficult posts by kind, for the model card: irony, negation, slang, news and others.

The list of PostLens is `tests/hard_posts.csv`. It is given to the command, because the package does not read tests,
and it is used for nothing but these figures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from analysis.evaluation.evaluate import evaluate
from analysis.evaluation.labelled import (
    check_evaluation_labels,
    read_evaluation_groups,
    read_evaluation_labels,
    read_evaluation_posts,
)
from analysis.model.bundle import Bundle
from analysis.model.presets import HEADS

KIND = "kind"
"""Column with the kind of each post."""


def read_hard_posts(path: Path) -> pd.DataFrame:
    """Read and check the list, so that a mistake in it is found before training.

    Args:
        path: Table with the columns text, kind and sentiment.

    Returns:
        The posts, as returned by `read_evaluation_posts`.

    Raises:
        EvaluationError: The table cannot be read, or its columns cannot be used.
    """
    posts = read_evaluation_posts(path)
    head = HEADS["sentiment"]
    check_evaluation_labels(read_evaluation_labels(posts, head), head)
    read_evaluation_groups(posts, KIND)
    return posts


def measure_hard_posts(bundle: Bundle, posts: pd.DataFrame, file: str) -> dict[str, Any]:
    """Evaluate the sentiment of difficult posts.

    Args:
        bundle: The model.
        posts: Result of `read_hard_posts`.
        file: Name of the file with the posts, for display.

    Returns:
        The evaluation of `evaluate` by kind, with `file` and `wrong`: text, kind, people (the answer of a reader),
        model (the predicted class) and confidence of each post that is predicted wrong.
    """
    classes = bundle.heads["sentiment"].classes
    title = f"Sentiment of {file}"
    figures, measured = evaluate(bundle, posts, "sentiment", title=title, by=KIND)
    wrong = measured[measured["predicted"] != measured["truth"]]
    listed = [
        {
            "text": post["text"],
            "kind": post["group"],
            "people": classes[post["truth"]],
            "model": classes[post["predicted"]],
            "confidence": round(post["confidence"], 2),
        }
        for post in wrong.to_dict("records")
    ]
    return {"file": file, **figures, "wrong": listed}
