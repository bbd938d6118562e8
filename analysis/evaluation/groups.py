"""Groups: the accuracy of the posts with each value of a column, such as the kind of post or the campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.evaluation.intervals import bootstrap_intervals
from analysis.evaluation.metrics import round_metric


def measure_groups(
    groups: Sequence[str],
    truth: NDArray[Any],
    predicted: NDArray[Any],
    confidence: NDArray[Any],
    classes: int,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Evaluate the posts of each group, also of groups with few posts: their intervals are wide.

    Args:
        groups: The value of each post, (posts,); posts with "" are in no group.
        truth: Class indices, (posts,).
        predicted: Predicted class indices, (posts,).
        confidence: Probability of the predicted class, (posts,).
        classes: Number of classes.
        seed: Seed of the resampling.

    Returns:
        value, posts, accuracy and interval ([low, high], 95 %) of each group, the largest first.
    """
    values = np.array(groups, dtype=object)
    found = []
    for value, posts in sorted(Counter(groups).items(), key=lambda each: (-each[1], each[0])):
        if not value:
            continue
        chosen = values == value
        true, named = truth[chosen], predicted[chosen]
        intervals = bootstrap_intervals(true, named, confidence[chosen], classes, seed)
        accuracy = round_metric((true == named).mean())
        found.append(
            {"value": value, "posts": posts, "accuracy": accuracy, "interval": intervals["accuracy"]}
        )
    return found
