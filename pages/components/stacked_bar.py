"""One stacked bar whose segments show shares of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from analysis.wording import format_percent

_SEGMENT = (
    "height:2.5rem;line-height:2.5rem;overflow:hidden;text-align:center;color:#ffffff;font-weight:700;"
    "font-size:1.2rem"
)
_HATCH = "repeating-linear-gradient(135deg,transparent 0 10px,rgb(0 0 0/25%) 10px 12px)"
_LABEL = "display:inline-block;white-space:nowrap"
"""In a segment that is too narrow, the label moves to a second line, which is hidden."""


@dataclass(frozen=True)
class Segment:
    """One segment of a bar.

    Attributes:
        title: What it counts, such as "Negative"; read by screen readers.
        label: Text before the share, such as "▼".
        share: Its share of the whole, 0 to 1.
        colour: Colour of the segment, as "#rrggbb".
        after: Text after the share, such as "for".
        is_hatched: Whether the segment is hatched, as a sign besides its colour.
    """

    title: str
    label: str
    share: float
    colour: str
    after: str = ""
    is_hatched: bool = False


def show_stacked_bar(segments: Sequence[Segment]) -> None:
    """Show the bar; segments without any share are only read out."""
    shown = []
    for segment in segments:
        if segment.share:
            label = escape(f"{segment.label} {format_percent(segment.share)} {segment.after}")
            hatch = f"{_HATCH}," if segment.is_hatched else ""
            style = f"{_SEGMENT};background:{hatch}{segment.colour};flex:{segment.share:.4f} 0 0"
            shown.append(f"<div style='{style}'>&#8203;<span style='{_LABEL}'>{label}</span></div>")
    spoken = ", ".join(f"{format_percent(each.share)} {each.title.lower()}" for each in segments)
    st.html(
        f"<div role='img' aria-label='{escape(spoken)}' style='display:flex;gap:2px;height:2.5rem;"
        f"border-radius:0.4rem;overflow:hidden'>{''.join(shown)}</div>"
    )
