"""Which posts a coder labels next, in one of several orders."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis import query
from analysis.query import Filters
from analysis.review.estimates import CorrectedShares
from analysis.review.sampling import compute_random_keys, find_training_posts, read_random_seed
from analysis.workspace import DECISION, Batch

Arrays = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class QueueOrder:
    """An order in which posts are labelled.

    Attributes:
        title: For display.
        meaning: What it is good for, in one sentence.
        columns: The columns that it needs.
        key: Computes a value for each post, the smallest comes first; NaN leaves a post out. None for random order.
    """

    title: str
    meaning: str
    columns: tuple[str, ...] = ()
    key: Callable[[Arrays], NDArray[np.float64]] | None = None


def _margin(values: Arrays) -> NDArray[np.float64]:
    """Return the difference between the two highest probabilities."""
    highest = np.sort(np.stack([values[name] for name in _PROBABILITIES]), axis=0)  # (classes, posts)
    margin: NDArray[np.float64] = highest[-1] - highest[-2]
    return margin


_PROBABILITIES = ("p_negative", "p_neutral", "p_positive")
RANDOM, ADJUDICATION = "random", "disagreements"
ORDERS: Mapping[str, QueueOrder] = {
    RANDOM: QueueOrder(
        "Random sample", "The only order whose labels correct the shares of all posts. Start with it."
    ),
    "confidence": QueueOrder(
        "Least confident",
        "Finds mistakes quickly: posts about which the model is least sure come first.",
        ("confidence",),
        lambda values: values["confidence"],
    ),
    "modalities": QueueOrder(
        "Text and image disagree",
        "Posts whose text and image alone get the most different scores come first.",
        ("agreement",),
        lambda values: values["agreement"],
    ),
    "language": QueueOrder(
        "Other languages",
        "Posts in languages that the model was not trained on, least confident first.",
        ("in_language", "confidence"),
        lambda values: np.where(values["in_language"] == 0, values["confidence"], np.nan),
    ),
    "boundary": QueueOrder(
        "Near the boundary",
        "Posts whose two most likely sentiments are nearly equally likely come first.",
        _PROBABILITIES,
        _margin,
    ),
    ADJUDICATION: QueueOrder("Coders disagree", "Posts that got different labels: decide which one counts."),
}
"""The orders by name, in the order of the page."""


def list_queue(batch: Batch, filters: Filters, order: str, coder: str, limit: int = 20) -> list[int]:
    """List the posts that a coder labels next.

    Args:
        batch: The batch, with the labels of people.
        filters: Which posts match; posts without scores are left out.
        order: One of `ORDERS`.
        coder: Posts whose sentiment this coder has labelled are left out, except when coders disagree. In random
            order, those that were labelled before the model trained on labels come after all others are labelled.
        limit: Maximum number of posts.

    Returns:
        Their positions in the batch.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    wanted, scored = ORDERS[order], filters.replace(scored=True)
    found = query.read_arrays(batch, scored, ["position", *wanted.columns])
    positions = found["position"].astype(np.int64)
    keys = compute_random_keys(read_random_seed(batch), positions)
    if order == ADJUDICATION:
        is_open = np.isin(positions, batch.labels.disagreements("sentiment"))
    else:
        is_open = ~np.isin(positions, list(batch.labels.of_coder(coder, "sentiment")))
    if order == RANDOM:
        others = is_open & ~np.isin(positions, find_training_posts(batch, "sentiment") or ())
        is_open = others if others.any() else is_open
    ranks = np.zeros(len(positions))
    if wanted.key:
        ranks = wanted.key({name: found[name].astype(np.float64) for name in wanted.columns})
        is_open &= ~np.isnan(ranks)
    rows = np.flatnonzero(is_open)
    if len(rows) > limit:  # sorting a million posts would take half a second
        last = np.partition(ranks[rows] if wanted.key else keys[rows], limit - 1)[limit - 1]
        rows = rows[(ranks[rows] if wanted.key else keys[rows]) <= last]
    rows = rows[np.lexsort((keys[rows], ranks[rows]))]
    positions_found: list[int] = positions[rows][:limit].tolist()
    return positions_found


def count_labels(batch: Batch, coder: str) -> int:
    """Count the posts whose sentiment a coder has labelled."""
    return sum(coder in given and coder != DECISION for given in batch.labels.given["sentiment"].values())


def count_further_labels(shares: CorrectedShares, half_width: float) -> int | None:
    """Estimate how many more labels of the random sample make every interval narrow enough.

    Half the width of an interval shrinks with the square root of the number of labels, and to nothing when all posts
    are labelled.

    Args:
        shares: The corrected shares so far.
        half_width: Half the width that the widest interval should have, such as 0.03.

    Returns:
        The number of labels; None if there are no corrected shares yet.
    """
    if not shares.shares:
        return None
    if not shares.rest:
        return 0
    widest = max((each.powered.high - each.powered.low) / 2 for each in shares.shares)
    left = 1 - shares.sample / shares.rest
    if widest <= half_width or left <= 0:
        return 0
    unit = widest**2 * shares.sample / left  # variance of one label, apart from the finite population
    needed = unit / (half_width**2 + unit / shares.rest)
    return max(math.ceil(needed) - shares.sample, 1)
