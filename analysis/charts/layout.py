"""The common style of all figures: transparent background for both themes, faint grid, legend on top."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.charts.palette import GRID

TEXT_SIZE = 14
"""Size of labels in pixels."""


def apply_style(figure: go.Figure, height: int) -> go.Figure:
    """Apply the common style.

    The default template is not changed, because Streamlit uses it for the theme's font and text colour.

    Args:
        figure: Modified in place.
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


def set_text_colour(figure: go.Figure, colour: str) -> go.Figure:
    """Set the colour and size of all text except that inside bars, which has colours of its own.

    Properties are set one by one, which takes a quarter of the time of the figure's `update_` methods.

    Args:
        figure: Modified in place.
        colour: A colour that is easy to read on the page.

    Returns:
        The same figure.
    """
    font = {"color": colour, "size": TEXT_SIZE}
    figure.layout.font = font
    figure.layout.legend.font = font
    for annotation in figure.layout.annotations:
        annotation.font = font
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        axis.tickfont = font
        axis.title.font = font
    for trace in figure.data:
        if isinstance(trace, go.Bar | go.Waterfall):
            trace.outsidetextfont = font
    return figure


def make_bar_marker(colour: str | list[str], pattern: str | list[str]) -> dict[str, object]:
    """Return a marker with one colour per bar (or one for all) and a pattern faint enough to read numbers on."""
    return {"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay", "fgopacity": 0.25}}


def style_horizontal_bars(figure: go.Figure, bars: float, legend: bool = False) -> go.Figure:
    """Apply the common style to horizontal bars: first bar on top, height by the number of bars.

    The value axis is hidden, since each bar shows its own number.
    """
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, zeroline=False, automargin=True)
    return apply_style(figure, height=round(50 + 38 * max(bars, 1) + (30 if legend else 0)))
