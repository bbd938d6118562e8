"""One stacked bar with the share of each sentiment."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.charts.palette import SENTIMENT_COLOURS, SENTIMENT_SIGNS
from analysis.exporters.headline import Count
from analysis.wording import format_percent

_LABELLED_FROM = 0.08
"""Narrower segments have no room for their share."""
_SEGMENT = (
    "display:flex;align-items:center;justify-content:center;overflow:hidden;white-space:nowrap;"
    "color:#ffffff;font-weight:700;font-size:1.2rem"
)


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
            label = f"{SENTIMENT_SIGNS[name]} {share}" if count.share >= _LABELLED_FROM else ""
            style = f"{_SEGMENT};flex:{count.share:.4f} 0 0;background:{SENTIMENT_COLOURS[name]}"
            segments.append(f"<div style='{style}'>{label}</div>")
    st.html(
        f"<div role='img' aria-label='{', '.join(spoken)}' style='display:flex;gap:2px;height:2.5rem;"
        f"border-radius:0.4rem;overflow:hidden'>{''.join(segments)}</div>"
    )
