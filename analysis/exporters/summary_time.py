"""The posts of the summary report over time, as a chart without scripts."""

from __future__ import annotations

from datetime import date

import pandas as pd

from analysis.charts.palette import SENTIMENT_COLOURS
from analysis.model.config import SENTIMENTS
from analysis.wording import format_long_day, format_posts

_WIDTH, _HEIGHT = 720.0, 150.0
"""Size of the chart over time, in units of its own."""


def format_periods(unit: str, periods: pd.DataFrame, timezone: str) -> str:
    """Draw the posts over time as stacked columns, each at its date, with the numbers as its title.

    Args:
        unit: One of `query.UNITS`.
        periods: first, last, negative, neutral, positive (`query.count_by_period`).
        timezone: The time zone of the periods.

    Returns:
        HTML; "" for fewer than two periods.
    """
    if len(periods) < 2:
        return ""
    start, end = periods["first"].iloc[0], periods["last"].iloc[-1]
    step = pd.Timedelta(1, "h" if unit == "hour" else "D")
    steps = (end - start) / step + 1
    largest = int(periods[list(SENTIMENTS)].sum(axis=1).max())
    bars = []
    for period in periods.to_dict("records"):
        left = _WIDTH * ((period["first"] - start) / step) / steps
        width = max(0.85 * _WIDTH * ((period["last"] - period["first"]) / step + 1) / steps, 1.0)
        bottom, parts = _HEIGHT, []
        for name in SENTIMENTS:
            size = _HEIGHT * period[name] / largest
            bottom -= size
            parts.append(
                f"<rect x='{left:.1f}' y='{bottom:.1f}' width='{width:.1f}' height='{size:.1f}' "
                f"fill='{SENTIMENT_COLOURS[name]}'/>"
            )
        counts = ", ".join(f"{period[name]:,} {name}" for name in SENTIMENTS)
        bars.append(
            f"<g><title>{format_period_start(unit, period['first'])}: {counts}</title>{''.join(parts)}</g>"
        )
    ends = [format_period_start(unit, each) for each in (start, end)]
    title = f"Posts per {unit} from {ends[0]} to {ends[1]}; at most {largest:,}"
    return (
        f"<h2>Over time</h2><div class='time'><div class='axis'><span>{format_posts(largest)}</span></div>"
        f"<svg viewBox='0 0 {_WIDTH:.0f} {_HEIGHT:.0f}' role='img' aria-label='{title}'>{''.join(bars)}</svg>"
        f"<div class='axis'><span>{ends[0]}</span><span>{ends[1]}</span></div>"
        f"<p class='soft'>Posts per {unit} ({timezone}): negative at the bottom, then neutral, positive on top.</p>"
        "</div>"
    )


def format_period_start(unit: str, first: date) -> str:
    """Write the start of a period; with its time if the periods are hours."""
    return f"{format_long_day(first)}, {first:%H:%M}" if unit == "hour" else format_long_day(first)
