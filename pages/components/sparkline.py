"""A small chart of amounts over time, without axes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from analysis.charts.palette import ACCENT

MAX_BARS = 100
_HEIGHT = "3.2rem"


def show_sparkline(amounts: Sequence[int], title: str) -> None:
    """Show the chart as small columns; of long series, neighbours share one.

    Args:
        amounts: What is shown, in order.
        title: What it shows; read by screen readers and shown below.
    """
    step = -(-len(amounts) // MAX_BARS)
    joined = [sum(amounts[start : start + step]) for start in range(0, len(amounts), step)]
    largest = max(joined, default=0) or 1
    bars = "".join(
        f"<div style='flex:1 1 0;min-width:1px;background:{ACCENT};height:{100 * amount / largest:.1f}%'></div>"
        for amount in joined
    )
    st.html(
        f"<div role='img' aria-label='{escape(title)}' style='display:flex;align-items:flex-end;gap:1px;"
        f"height:{_HEIGHT}'>{bars}</div><div aria-hidden='true' style='font-size:0.875rem;opacity:0.75'>"
        f"{escape(title)}</div>"
    )
