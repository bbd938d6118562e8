"""Shares and net sentiments of segments, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.query.intervals import compute_net_interval, compute_weighted_interval, count_effective_posts


@dataclass(frozen=True)
class Estimate:
    """A mean over posts, and how precise it is.

    Attributes:
        value: The mean: a share (0..1), or a net sentiment (-1..1).
        low: Lower limit of its 95 % interval.
        high: Upper limit.
        mean_square: Mean of the squared values of posts: of a share, the share itself.
        posts: Posts of a simple sample of the same precision: if posts are counted, their number.
    """

    value: float
    low: float
    high: float
    mean_square: float
    posts: float


def estimate_share(amount: float, total: float, squares: float, total_squares: float) -> Estimate | None:
    """Estimate a share of posts, likes or interactions (`compute_weighted_interval`).

    Args:
        amount: Sum of the weights of the posts that are counted.
        total: Sum of all weights.
        squares: Sum of the squared weights of the posts that are counted.
        total_squares: Sum of all squared weights.

    Returns:
        The estimate; None if the sum of all weights is 0.
    """
    if not total:
        return None
    share = amount / total
    residuals = squares * (1 - 2 * share) + share**2 * total_squares
    posts = count_effective_posts(total, total_squares, share * (1 - share), residuals)
    return Estimate(share, *compute_weighted_interval(amount, total, squares, total_squares), share, posts)


def estimate_net_sentiment(sums: Mapping[str, float]) -> Estimate | None:
    """Estimate a net sentiment: the share of positive posts, likes or interactions minus that of negative ones.

    Its interval is that of `compute_net_interval`, with the effective number of posts.

    Args:
        sums: A row of `SegmentCounts.table`.

    Returns:
        The estimate; None if the sum of all weights is 0.
    """
    total, squares = sums["amount"], sums["squares"]
    if not total:
        return None
    positive, negative = sums["positive"] / total, sums["negative"] / total
    net, spread = positive - negative, positive + negative
    up, down = sums["positive_squares"], sums["negative_squares"]
    # The sum of (weight * (value - net))**2 over all posts, where value is 1, 0 or -1
    residuals = up * (1 - net) ** 2 + down * (1 + net) ** 2 + (squares - up - down) * net**2
    posts = count_effective_posts(total, squares, spread - net**2, residuals)
    low, high = compute_net_interval(positive * posts, negative * posts, posts)
    return Estimate(net, low, high, spread, posts)
