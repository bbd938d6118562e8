"""The interval of a share of posts."""

from __future__ import annotations

import math

_Z = 1.959964
"""Quantile of the normal distribution for 95 %."""


def compute_share_interval(count: int, total: int) -> tuple[float, float]:
    """Compute the 95 % score interval of a share (Wilson 1927).

    It covers the chance of which posts are in the sample, not errors of the model.

    Args:
        count: Posts that are counted.
        total: All posts, at least 1.

    Returns:
        The limits, 0..1.
    """
    share, correction = count / total, _Z**2 / total
    middle = share + correction / 2
    half = _Z * math.sqrt(share * (1 - share) / total + correction / (4 * total))
    low, high = ((middle + sign * half) / (1 + correction) for sign in (-1, 1))
    return (0.0 if count == 0 else low, 1.0 if count == total else high)
