"""Checks that there are enough labels of each class to train a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.errors import TrainingError

MIN_POSTS = 20
"""With fewer labelled posts, held-out metrics are meaningless."""
MIN_OF_CLASS = 5
"""With fewer posts of a class, it would be missing in some folds of the cross-validation."""


def check_label_counts(counts: Mapping[str, int], posts: int, classes: Sequence[str], where: str) -> None:
    """Check that a head can be trained.

    Args:
        counts: Labelled posts by class.
        posts: Labelled posts; one may have several classes.
        classes: The classes of the head.
        where: Where the labels are from, for the error.

    Raises:
        TrainingError: There are too few labels.
    """
    rare = [f"{name} ({counts.get(name, 0)})" for name in classes if counts.get(name, 0) < MIN_OF_CLASS]
    common = [name for name in classes if posts - counts.get(name, 0) < MIN_OF_CLASS]
    if posts < MIN_POSTS:
        fact, remedy = f"has labels for only {posts} readable posts", f"Label at least {MIN_POSTS}."
    elif len(classes) < 2:
        fact, remedy = f"has only one class: {classes[0]}", "Label posts of at least two classes."
    elif rare:
        fact = f"has fewer than {MIN_OF_CLASS} posts of {', '.join(rare[:5])}"
        remedy = "Label more posts of these classes, or remove these labels."
    elif common:
        fact = f"has only {posts - counts[common[0]]} posts without the label {common[0]}"
        remedy = f"Label at least {MIN_OF_CLASS} posts without it."
    else:
        return
    raise TrainingError(where, fact, remedy)
