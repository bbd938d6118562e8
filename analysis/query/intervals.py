"""The interval of a share of posts."""

from __future__ import annotations

import math

Z = 1.959964
"""Quantile of the normal distribution for 95 %."""


def compute_share_interval(count: float, total: float, quantile: float = Z) -> tuple[float, float]:
    """Compute the 95 % score interval of a share (Wilson 1927).

    It covers the chance of which posts are in the sample, not errors of the model.

    Args:
        count: Posts that are counted.
        total: All posts, more than 0.
        quantile: Of the distribution of the standardised share, for 95 %.

    Returns:
        The limits, 0..1.
    """
    share, correction = count / total, quantile**2 / total
    middle = share + correction / 2
    half = quantile * math.sqrt(share * (1 - share) / total + correction / (4 * total))
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
    effective = total**2 / total_squares
    # The sum of (weight * (counted - share))**2 over all posts, where counted is 0 or 1
    residuals = squares * (1 - 2 * share) + share**2 * total_squares
    if 0 < share < 1 and residuals > 0:
        effective = min(effective, share * (1 - share) * total**2 / residuals)
    return compute_share_interval(share * effective, effective)


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
