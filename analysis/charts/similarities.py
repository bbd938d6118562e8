"""The similarities of posts to a custom topic, with its threshold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from analysis.charts.layout import apply_style
from analysis.charts.palette import ACCENT, PLAIN

_BINS = 60
_TICKS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


def similarity_histogram(
    similarity: NDArray[np.float32], threshold: float, limits: tuple[float, float]
) -> go.Figure:
    """Plot how many posts have which similarity; those from the threshold on have another colour.

    The height of a bar is the square root of its number of posts, so that few posts are visible next to many.

    Args:
        similarity: One value per post, without NaN.
        threshold: The threshold.
        limits: The first and the last similarity of the axis.
    """
    low, high = limits
    inner = np.linspace(low, high, _BINS + 1)
    edges = np.unique(np.append(inner, np.clip(threshold, low, high)))  # no bar is on both sides of it
    counts, _ = np.histogram(similarity, edges)
    is_above = edges[:-1] >= threshold - 1e-9
    figure = go.Figure()
    for name, chosen, colour in (
        ("Below the threshold", ~is_above, PLAIN),
        ("In the topic", is_above, ACCENT),
    ):
        figure.add_bar(
            x=((edges[1:] + edges[:-1]) / 2)[chosen],
            y=np.sqrt(counts[chosen]),
            width=np.diff(edges)[chosen],
            name=name,
            marker={"color": colour},
            customdata=counts[chosen],
            text=[f"{count:,}" for count in counts[chosen]],
            textposition="none",
            hovertemplate="Similarity %{x:.2f}: %{customdata:,} posts<extra></extra>",
        )
    figure.add_vline(threshold, line={"color": ACCENT, "width": 2, "dash": "dash"})
    ticks = [tick for tick in _TICKS if tick <= counts.max(initial=1)][::-2][:3]
    apply_style(figure, height=240)
    figure.update_layout(bargap=0, margin={"l": 4, "r": 4, "t": 30, "b": 20})  # as wide as a slider below it
    figure.update_yaxes(
        tickvals=np.sqrt(ticks), ticktext=[f"{tick:,}" for tick in ticks], ticklabelposition="inside top"
    )
    figure.update_xaxes(range=limits, title="Similarity (height: posts, on a square-root scale)")
    return figure
