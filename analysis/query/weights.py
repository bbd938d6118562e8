"""What is counted: posts, their likes, or all of their interactions.

A post without a known number of likes has no weight and is left out; a negative number counts as 0.
"""

from __future__ import annotations

UNWEIGHTED = "posts"
ENGAGEMENT = ("likes", "interactions")
"""Columns with the numbers that posts are weighted by."""
WEIGHTS = (UNWEIGHTED, *ENGAGEMENT)
"""What can be counted. Interactions are the known likes, shares and comments together."""

_MAX_SUM = 9e18
"""Larger sums count as this, because they would not fit into 64 bits."""


def weight_sql(weight: str) -> str:
    """Write as SQL the weight of a post, a number; null if it is not known.

    Args:
        weight: One of `WEIGHTS`.

    Raises:
        ValueError: There is no such weight.
    """
    if weight not in WEIGHTS:
        raise ValueError(f"{weight!r} cannot be counted, only {', '.join(WEIGHTS)}")
    return "1" if weight == UNWEIGHTED else f"CAST(if({weight} < 0, 0, {weight}) AS DOUBLE)"


def total_sql(weight: str, condition: str = "true") -> str:
    """Write as SQL the sum of the weights of the posts that match a condition: a whole number, 0 without posts."""
    if weight == UNWEIGHTED:
        return f"count(*) FILTER ({condition})"  # several times as fast as a sum
    return f"CAST(least(coalesce(sum({weight_sql(weight)}) FILTER ({condition}), 0), {_MAX_SUM}) AS BIGINT)"


def squares_sql(weight: str, condition: str = "true") -> str:
    """Write as SQL the sum of the squared weights of the posts that match a condition; 0 without posts."""
    if weight == UNWEIGHTED:
        return f"CAST(count(*) FILTER ({condition}) AS DOUBLE)"
    amount = weight_sql(weight)
    return f"coalesce(sum(CAST({amount} AS DOUBLE) * {amount}) FILTER ({condition}), 0)"
