"""The one look of all figures: clear ground for light and dark themes, a faint grid, a legend above."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.charts.palette import GRID


def styled(figure: go.Figure, height: int) -> go.Figure:
    """Give a figure the common look.

    The template stays the default one, as Streamlit puts the theme's font and text colour there.

    Args:
        figure: Changed in place.
        height: Pixels.

    Returns:
        The same figure.
    """
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 70, "t": 30, "b": 20},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        bargap=0.25,
    )
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID)
    figure.update_yaxes(gridcolor=GRID, zerolinecolor=GRID)
    return figure


def marker(colour: str | list[str], pattern: str | list[str]) -> dict[str, object]:
    """Give bars a colour each (or one for all), with a pattern faint enough to read numbers on."""
    return {"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay", "fgopacity": 0.25}}


def sized(figure: go.Figure, bars: float, legend: bool = False) -> go.Figure:
    """Give a figure of lying bars the common look, the first bar on top, as high as its bars need.

    Their numbers stand on them, so the axis of numbers is left out.
    """
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, zeroline=False, automargin=True)
    return styled(figure, height=round(50 + 38 * max(bars, 1) + (30 if legend else 0)))
