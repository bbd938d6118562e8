"""Charts that compare segments of posts: net sentiments with intervals, and shares of classes.

The first two items of a bar's or point's custom data are "segment" and its number; alternating names of filters and
values follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from analysis.charts.layout import apply_style
from analysis.charts.palette import ACCENT, mix_heat
from analysis.comparison import Estimate
from analysis.wording import format_percent, format_plain_label, number_duplicate_labels

_ROW_HEIGHT = 44  # pixels
NAME_CHARS = 24
"""Longer names of segments and classes are cut."""


def net_sentiments(names: Sequence[str], estimates: Sequence[Estimate | None]) -> go.Figure:
    """Plot net sentiments with their 95 % intervals, in percentage points.

    Args:
        names: The segments; untrusted.
        estimates: Their net sentiments (`comparison.estimate_net_sentiment`).
    """
    shown = [(number, each) for number, each in enumerate(estimates) if each]
    titles = _list_labels(names)
    figure = go.Figure(
        go.Scatter(
            y=[titles[number] for number, _ in shown],
            x=[100 * each.value for _, each in shown],
            error_x={
                "array": [100 * (each.high - each.value) for _, each in shown],
                "arrayminus": [100 * (each.value - each.low) for _, each in shown],
                "color": ACCENT,
            },
            mode="markers",
            marker={"color": ACCENT, "size": 12},
            customdata=[["segment", str(number)] for number, _ in shown],
            hovertext=[
                f"{titles[number]}: "
                + f"{100 * each.value:+.0f} ({100 * each.low:+.0f} to {100 * each.high:+.0f})".replace(
                    "-", "−"
                )
                for number, each in shown
            ],
            hoverinfo="text",
        )
    )
    apply_style(figure, height=80 + _ROW_HEIGHT * len(titles))
    figure.update_layout(margin_r=20)
    figure.update_xaxes(title="Percentage points", zeroline=True)
    figure.update_yaxes(
        autorange="reversed", categoryorder="array", categoryarray=titles, showgrid=False, automargin=True
    )
    return figure


def class_shares(
    names: Sequence[str], field: str, rows: Mapping[str, tuple[str, Sequence[Estimate | None]]]
) -> go.Figure:
    """Plot the shares of classes, such as topics, in each segment, as a table whose cells open their posts.

    The cells are bars, because Plotly lets people choose bars, but not the cells of its heat maps.

    Args:
        names: The segments; untrusted.
        field: The filter of the classes, such as "topics".
        rows: By class, from the top: its title, and for each segment its share.
    """
    figure, titles = go.Figure(), _list_labels(names)
    shares = [each.value for _, estimates in rows.values() for each in estimates if each]
    largest = max(shares, default=0) or 1
    for place, (name, (title, estimates)) in enumerate(reversed(list(rows.items()))):
        cells = [_format_cell(each) for each in estimates]
        figure.add_bar(
            x=titles,
            y=[1] * len(titles),
            name=format_plain_label(title),
            marker={
                "color": [mix_heat(each.value / largest if each else 0) for each in estimates],
                "line": {"width": 0},
            },
            customdata=[["segment", str(number), field, name] for number in range(len(titles))],
            hovertext=[
                f"{format_plain_label(title)}, {label}: {cell.replace('<br>', ', ')}"
                for label, cell in zip(titles, cells, strict=True)
            ],
            hoverinfo="text",
            showlegend=False,
        )
        for label, cell in zip(
            titles, cells, strict=True
        ):  # texts of bars do not get the colour of the theme
            figure.add_annotation(x=label, y=place + 0.5, text=cell, showarrow=False)
    figure.update_layout(barmode="stack")
    apply_style(figure, height=50 + _ROW_HEIGHT * len(rows))
    figure.update_layout(bargap=0.03, margin_r=10, margin_t=40)
    figure.update_xaxes(side="top", showgrid=False, tickangle=0, automargin=True)
    figure.update_yaxes(
        tickvals=[place + 0.5 for place in range(len(rows))],
        ticktext=[format_plain_label(title, NAME_CHARS) for title, _ in reversed(list(rows.values()))],
        range=[0, len(rows)],
        showgrid=False,
        automargin=True,
    )
    return figure


def _format_cell(share: Estimate | None) -> str:
    if share is None:
        return ""
    return f"{format_percent(share.value)}<br>{100 * share.low:.0f}–{100 * share.high:.0f} %"


def _list_labels(names: Sequence[str]) -> list[str]:
    return number_duplicate_labels(format_plain_label(name, NAME_CHARS) or "(no name)" for name in names)
