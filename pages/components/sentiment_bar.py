"""One stacked bar with the share of each sentiment."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from analysis.charts.palette import SENTIMENT_COLOURS, SENTIMENT_SIGNS
from analysis.exporters.headline import Count
from analysis.wording import format_percent

_SEGMENT = (
    "height:2.5rem;line-height:2.5rem;overflow:hidden;text-align:center;color:#ffffff;font-weight:700;"
    "font-size:1.2rem"
)
"""In a segment that is too narrow, the share wraps to a second line, which is hidden."""


def show_sentiment_bar(sentiments: Sequence[Count]) -> None:
    """Show the bar.

    Args:
        sentiments: Posts by sentiment, in the order of `SENTIMENTS`.
    """
    segments, spoken = [], []
    for name, count in zip(SENTIMENT_COLOURS, sentiments, strict=True):
        share = format_percent(count.share)
        spoken.append(f"{share} {count.title.lower()}")
        if count.posts:
            label = f"{SENTIMENT_SIGNS[name]} {escape(share).replace(' ', '&nbsp;')}"
            style = f"{_SEGMENT};flex:{count.share:.4f} 0 0;background:{SENTIMENT_COLOURS[name]}"
            segments.append(f"<div style='{style}'>{label}</div>")
    st.html(
        f"<div role='img' aria-label='{escape(', '.join(spoken))}' style='display:flex;gap:2px;height:2.5rem;"
        f"border-radius:0.4rem;overflow:hidden'>{''.join(segments)}</div>"
    )
