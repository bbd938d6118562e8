"""The interval of a share of posts, and of their net sentiment."""

from __future__ import annotations

import math

Z = 1.959964
"""Quantile of the normal distribution for 95 %."""


def compute_share_interval(count: float, total: float) -> tuple[float, float]:
    """Compute the 95 % score interval of a share (Wilson 1927).

    It covers the chance of which posts are in the sample, not errors of the model.

    Args:
        count: Posts that are counted.
        total: All posts, more than 0.

    Returns:
        The limits, 0..1.
    """
    share, correction = count / total, Z**2 / total
    middle = share + correction / 2
    half = Z * math.sqrt(share * (1 - share) / total + correction / (4 * total))
    low, high = ((middle + sign * half) / (1 + correction) for sign in (-1, 1))
    return (0.0 if count == 0 else low, 1.0 if count == total else high)


def compute_weighted_interval(
    weight: float, total: float, squares: float, total_squares: float
) -> tuple[float, float]:
    """Compute the 95 % interval of a weighted share, such as the share of likes that negative posts have.

    The share is a ratio estimator, whose variance is linearised (Cochran 1977, "Sampling Techniques", 6.4). The
    number of posts of a simple sample with this variance (Korn & Graubard 1998), at most the effective number of
    posts of Kish (1965, "Survey Sampling", 11.7), goes into Wilson's score interval. With equal weights, that is
    `compute_share_interval`; with a few heavy posts, the interval is wide.

    Args:
        weight: Sum of the weights of the posts that are counted.
        total: Sum of all weights, more than 0.
        squares: Sum of the squared weights of the posts that are counted.
        total_squares: Sum of all squared weights.

    Returns:
        The limits, 0..1.
    """
    share = weight / total
    # The sum of (weight * (counted - share))**2 over all posts, where counted is 0 or 1
    residuals = squares * (1 - 2 * share) + share**2 * total_squares
    effective = count_effective_posts(total, total_squares, share * (1 - share), residuals)
    return compute_share_interval(share * effective, effective)


def compute_net_interval(positive: float, negative: float, posts: float) -> tuple[float, float]:
    """Compute the 95 % interval of a net sentiment, the share of positive posts minus that of negative ones.

    Both shares are of the same posts, as those of pairs that changed in one direction and in the other are, for which
    this is the adjusted Wald interval (Bonett & Price 2012, "Adjusted Wald confidence interval for a difference of
    binomial proportions based on paired data"). It is not empty even if all posts are positive.

    Args:
        positive: Number of positive posts.
        negative: Number of negative posts.
        posts: All posts, more than 0.

    Returns:
        The limits, -1..1.
    """
    more, less = (positive + 1) / (posts + 2), (negative + 1) / (posts + 2)
    half = Z * math.sqrt((more + less - (more - less) ** 2) / (posts + 2))
    return max(more - less - half, -1.0), min(more - less + half, 1.0)


def count_effective_posts(total: float, total_squares: float, variance: float, residuals: float) -> float:
    """Count the posts of a simple sample in which a weighted mean would vary as much (Korn & Graubard 1998).

    Args:
        total: Sum of all weights, more than 0.
        total_squares: Sum of all squared weights.
        variance: Of one post's value, such as share * (1 - share).
        residuals: Sum of (weight * (value - mean))**2 over all posts.

    Returns:
        At most the effective number of posts of Kish (1965); with equal weights, the number of posts.
    """
    effective = total**2 / total_squares
    return min(effective, variance * total**2 / residuals) if variance > 0 and residuals > 0 else effective


def lower_limit_sql(weight: str, total: str, squares: str, total_squares: str) -> str:
    """Write as SQL the lower limit of `compute_weighted_interval`; null if the sum of all weights is 0.

    Args:
        weight: SQL of the sum of the weights of the posts that are counted.
        total: SQL of the sum of all weights.
        squares: SQL of the sum of the squared weights of the posts that are counted.
        total_squares: SQL of the sum of all squared weights.
    """
    total = f"nullif(CAST({total} AS DOUBLE), 0)"
    share = f"({weight} / {total})"
    most = f"({total} * {total} / {total_squares})"
    residuals = f"({squares} * (1 - 2 * {share}) + {share} * {share} * {total_squares})"
    linearised = f"({share} * (1 - {share}) * {total} * {total} / {residuals})"
    return f"""(
        SELECT CASE WHEN share > 0 THEN (share + correction / 2 - half) / (1 + correction) ELSE 0 * share END
        FROM (SELECT *, {Z} * sqrt(share * (1 - share) / effective + correction / (4 * effective)) AS half
            FROM (SELECT *, {Z * Z} / effective AS correction
                FROM (SELECT {share} AS share,
                    CASE WHEN {share} > 0 AND {share} < 1 AND {residuals} > 0
                        THEN least({most}, {linearised}) ELSE {most} END AS effective))))"""  # noqa: S608 (no value)
