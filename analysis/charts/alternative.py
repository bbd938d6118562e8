"""The text alternative of a chart: the labels and values of its bars, for people who cannot see it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go

_MOST_VALUES = 40
"""Values in a text alternative: a screen reader takes a minute to read as many."""
_TAG = re.compile(r"<[^<>]*>")


def describe_chart(title: str, figure: go.Figure) -> str:
    """Describe a chart in one line, such as "Sentiment by topic. Negative: Daily life 5, Sports 1. Positive: ...".

    Args:
        title: What the chart shows.
        figure: A figure of `analysis.charts`, whose labels are escaped.
    """
    parts, left = [title], _MOST_VALUES
    for trace in figure.data:
        name = f"{_read_label(trace.name)}: " if trace.name else ""
        if trace.type in ("bar", "waterfall"):
            values = list(_list_values(trace))
            shown = values[:left]
            left -= len(shown)
            others = [f"{len(values) - len(shown):,} more"] if len(values) > len(shown) else []
            parts.append(name + ", ".join([*shown, *others]) if values else "")
        elif trace.type == "scatter" and trace.x is not None and "markers" in (trace.mode or "markers"):
            parts.append(f"{name}{len(trace.x):,} points")
    return ". ".join(part for part in parts if part)


def _list_values(trace: Any) -> Iterator[str]:
    """Yield the label and the value of each bar."""
    is_horizontal = trace.orientation == "h"
    labels, sizes = (trace.y, trace.x) if is_horizontal else (trace.x, trace.y)
    labels = [] if labels is None else labels
    texts = trace.text if trace.text is not None and not isinstance(trace.text, str) else sizes
    for label, text, size in zip(labels, texts, sizes, strict=False):
        if size is not None and size != 0:
            yield f"{_read_label(label)} {_read_label(text if text not in (None, '') else size)}".strip()


def _read_label(label: Any) -> str:
    """Return a label as text: numbers rounded, without tags and entities."""
    if isinstance(label, float):
        return f"{label:.2f}"
    return " ".join(html.unescape(_TAG.sub(" ", str(label))).split())
