"""Charts of one evaluation: reliability diagram, confusion matrix and accuracy by slice.

The numbers come from a bundle's metrics.json or `analysis.evaluation`. The page adds the titles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from analysis.charts.layout import apply_style, make_bar_marker, style_horizontal_bars
from analysis.charts.palette import ACCENT, PLAIN, SENTIMENT_COLOURS
from analysis.wording import (
    NO_TITLES,
    format_percent,
    format_plain_label,
    number_duplicate_labels,
    title_from_name,
)

_PALE, _DEEP = "#F2F5F7", SENTIMENT_COLOURS["positive"]
"""Ends of the colour scale of the confusion matrix; opaque, for readable text in any theme."""


def reliability_diagram(evaluation: Mapping[str, Any]) -> go.Figure:
    """Plot accuracy against confidence; the dashed line is perfect calibration.

    Args:
        evaluation: `reliability` (posts, confidence, accuracy of each bin).
    """
    bins = evaluation["reliability"]
    largest = max((each["posts"] for each in bins), default=1)
    figure = go.Figure(
        go.Scatter(
            x=[each["confidence"] for each in bins],
            y=[each["accuracy"] for each in bins],
            mode="lines+markers",
            line={"color": PLAIN},
            # a point's area is proportional to its number of posts
            marker={"color": ACCENT, "size": [8 + 20 * (each["posts"] / largest) ** 0.5 for each in bins]},
            hovertext=[
                f"{each['posts']:,} posts: confidence {format_percent(each['confidence'])}, "
                f"accuracy {format_percent(each['accuracy'])}"
                for each in bins
            ],
            hoverinfo="text",
            showlegend=False,
        )
    )
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": PLAIN, "dash": "dash"})
    ticks = {"range": [0, 1.05], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%"}
    figure.update_xaxes(title="Confidence", **ticks)
    figure.update_yaxes(title="Accuracy", **ticks)
    return apply_style(figure, height=340)


def confusion_matrix_chart(evaluation: Mapping[str, Any], titles: Mapping[str, str] = NO_TITLES) -> go.Figure:
    """Plot actual classes (rows) against predicted ones (columns); a darker cell is a larger share of its row.

    Args:
        evaluation: `classes` and `confusion` (rows: truth).
        titles: Titles of the classes by name.
    """
    names = [format_plain_label(title_from_name(name, titles)) for name in evaluation["classes"]]
    rows = evaluation["confusion"]
    parts = [[posts / max(sum(row), 1) for posts in row] for row in rows]
    places = list(range(len(names)))
    figure = go.Figure(
        go.Heatmap(
            x=places,
            y=places,
            z=parts,
            zmin=0,
            zmax=1,
            text=[[f"{posts:,}" for posts in row] for row in rows],
            texttemplate="%{text}",
            hovertext=[
                [
                    f"{posts:,} posts, {format_percent(part)} of this actual class"
                    for posts, part in zip(*row, strict=True)
                ]
                for row in zip(rows, parts, strict=True)
            ],
            hoverinfo="text",
            colorscale=[[0, _PALE], [1, _DEEP]],
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    figure.update_xaxes(title="Predicted", tickvals=places, ticktext=names, showgrid=False, automargin=True)
    figure.update_yaxes(
        title="Actual",
        tickvals=places,
        ticktext=names,
        showgrid=False,
        autorange="reversed",
        automargin=True,
    )
    return apply_style(figure, height=140 + 50 * len(names))


def accuracy_by_slice_bar(evaluation: Mapping[str, Any]) -> go.Figure:
    """Plot the accuracy on all posts and on each slice.

    Args:
        evaluation: `posts`, `accuracy` and `slices` (slice, posts, accuracy of each).
    """
    total = {"slice": "All posts", "posts": evaluation["posts"], "accuracy": evaluation["accuracy"]}
    bars = [total, *evaluation["slices"]]
    figure = go.Figure(
        go.Bar(
            y=number_duplicate_labels(
                f"{format_plain_label(title_from_name(each['slice']))} ({each['posts']:,})" for each in bars
            ),
            x=[each["accuracy"] for each in bars],
            text=[format_percent(each["accuracy"]) for each in bars],
            marker=make_bar_marker([PLAIN, *[ACCENT] * (len(bars) - 1)], ["", *["/"] * (len(bars) - 1)]),
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    style_horizontal_bars(figure, bars=len(bars))
    figure.update_xaxes(range=[0, 1])
    return figure
