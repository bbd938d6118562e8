"""Estimates, their differences and p-values as text."""

from __future__ import annotations

from analysis.comparison import Difference, Estimate

_NARROW = 0.04
"""Width of an interval below which one decimal is shown."""


def format_share(share: Estimate | None) -> str:
    """Format a share with its interval: "23 % (20 to 26)", "23.4 % (23.1 to 23.7)"; "" if it is not known."""
    if share is None:
        return ""
    digits = _count_digits(share)
    value, low, high = (f"{100 * each:.{digits}f}" for each in (share.value, share.low, share.high))
    return f"{value} % ({low} to {high})"


def format_points(found: Estimate | Difference | None) -> str:
    """Format percentage points with their interval: "+12 (+5 to +19)"; "" if they are not known."""
    if found is None:
        return ""
    digits = _count_digits(found)
    value, low, high = (format_signed(each, digits) for each in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def _count_digits(found: Estimate | Difference) -> int:
    """Return how many decimals of percentage points to show: one if the interval is narrow."""
    return int(found.high - found.low < _NARROW)


def format_signed(share: float, digits: int = 0) -> str:
    """Format a share as percentage points or percent with its sign: "+12", "−3.4", "0"."""
    shown = f"{100 * share:+.{digits}f}".replace("-", "−")
    return shown if shown.strip("+−0.") else "0"


def format_p(found: Difference | None) -> str:
    """Format an adjusted p-value: "0.013", "< 0.001"; "" without a test."""
    if found is None or found.adjusted is None:
        return ""
    return "< 0.001" if found.adjusted < 0.001 else f"{found.adjusted:.3f}"
