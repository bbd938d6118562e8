"""Shares and net sentiments of segments, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.model.config import SENTIMENTS
from analysis.query import SegmentCounts
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


@dataclass(frozen=True)
class SegmentEstimates:
    """Shares of a segment; None if there is nothing to count.

    Attributes:
        voice: Its share of what is counted, of all posts that are in any segment.
        sentiments: The share of each sentiment in the segment.
        net: Its net sentiment.
    """

    voice: Estimate | None
    sentiments: Mapping[str, Estimate | None]
    net: Estimate | None


def estimate_segments(counts: SegmentCounts) -> list[SegmentEstimates]:
    """Estimate the shares of each segment."""
    found = []
    for sums in counts.table.to_dict("records"):
        squares = {name: sums[f"{name}_squares"] for name in ("negative", "positive")}
        squares["neutral"] = sums["squares"] - squares["negative"] - squares["positive"]
        sentiments = {
            name: estimate_share(sums[name], sums["amount"], squares[name], sums["squares"])
            for name in SENTIMENTS
        }
        voice = estimate_share(sums["amount"], counts.amount, sums["squares"], counts.squares)
        found.append(SegmentEstimates(voice, sentiments, estimate_net_sentiment(sums)))
    return found


def estimate_class_shares(counts: pd.DataFrame, segments: int) -> dict[str, list[Estimate | None]]:
    """Estimate the shares of classes, such as topics, in each segment.

    Args:
        counts: segment, value, amount, squares (`query.count_segment_classes`).
        segments: Number of segments.

    Returns:
        By class, the most frequent first, its share in each segment; None if the segment has no posts with a class.
    """
    totals = counts.groupby("segment")[["amount", "squares"]].sum().to_dict("index")
    cells = counts.set_index(["value", "segment"])[["amount", "squares"]].to_dict("index")
    absent = {"amount": 0.0, "squares": 0.0}

    def estimate(value: str, number: int) -> Estimate | None:
        if number not in totals:
            return None
        cell = cells.get((value, number), absent)
        total = totals[number]
        return estimate_share(cell["amount"], total["amount"], cell["squares"], total["squares"])

    order = counts.groupby("value")["amount"].sum().sort_values(ascending=False, kind="stable").index
    return {value: [estimate(value, number) for number in range(segments)] for value in order}


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


def estimate_net_sentiment(sums: Mapping[Any, float]) -> Estimate | None:
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
