"""The map of themes: similar posts are near each other."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.layout import apply_style
from analysis.charts.palette import PLAIN
from analysis.wording import format_plain_label, number_duplicate_labels

_LOOKS = (
    ("#0072B2", "circle"), ("#E69F00", "square"), ("#009E73", "diamond"), ("#CC79A7", "triangle-up"),
    ("#D55E00", "triangle-down"), ("#56B4E9", "star"), ("#7B61FF", "cross"), ("#B07D00", "x"),
)  # fmt: skip
"""Colour (Okabe & Ito) and symbol of each theme that has its own."""


def theme_map(posts: pd.DataFrame, names: Sequence[str], largest: Sequence[int]) -> go.Figure:
    """Plot posts as points; the largest themes have a colour and a symbol each, all others are grey.

    Args:
        posts: theme (its number), x, y, post_id, text (`query.read_theme_map`).
        names: The names of the themes, and of posts without one as the last.
        largest: Numbers of themes, the largest first; as many as there are looks get their own.
    """
    own = [number for number in largest if number < len(names) - 1][: len(_LOOKS)]
    titles = number_duplicate_labels(format_plain_label(names[number]) for number in own)
    is_without = posts["theme"] == len(names) - 1
    figure = go.Figure()
    _add_points(figure, posts[is_without], names, "No theme", (PLAIN, "circle-open", 4, 0.5))
    others = posts[~is_without & ~posts["theme"].isin(own)]
    _add_points(figure, others, names, "Other themes", (PLAIN, "circle", 5, 0.8))
    for number, title, (colour, symbol) in zip(own, titles, _LOOKS, strict=False):
        _add_points(figure, posts[posts["theme"] == number], names, title, (colour, symbol, 7, 0.9))
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(visible=False)
    apply_style(figure, height=560)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 10, "b": 10})
    figure.update_layout(legend={"orientation": "h", "y": 0, "yanchor": "top", "traceorder": "reversed"})
    return figure


def _add_points(
    figure: go.Figure,
    posts: pd.DataFrame,
    names: Sequence[str],
    title: str,
    look: tuple[str, str, int, float],
) -> None:
    if posts.empty:
        return
    colour, symbol, size, opacity = look
    figure.add_scatter(
        x=posts["x"],
        y=posts["y"],
        mode="markers",
        name=title,
        marker={"color": colour, "symbol": symbol, "size": size, "opacity": opacity},
        customdata=[["post_ids", post_id] for post_id in posts["post_id"]],
        hovertext=[
            f"{format_plain_label(names[number])}<br>{format_plain_label(text)}"
            for number, text in zip(posts["theme"], posts["text"], strict=True)
        ],
        hoverinfo="text",
    )
