"""Charts of one evaluation, as a bundle's metrics.json and `analysis.evaluation` give it, one function a figure.

Titles are left to the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from analysis.charts.layout import marker, sized, styled
from analysis.charts.palette import PLAIN, RAISES, SENTIMENT_COLOURS
from analysis.charts.wording import NO_TITLES, distinct, percent, plain_label, title_of

_PALE, _DEEP = "#F2F5F7", SENTIMENT_COLOURS["positive"]
"""Ends of the scale of the confusion matrix; opaque, so that Plotly finds numbers that stand out in any theme."""


def reliability_diagram(evaluation: Mapping[str, Any]) -> go.Figure:
    """How often answers were right, by how sure the model was; on the dashed line both agree.

    Args:
        evaluation: `reliability` (posts, confidence, accuracy of each bin).
    """
    bins = evaluation["reliability"]
    most = max((each["posts"] for each in bins), default=1)
    figure = go.Figure(
        go.Scatter(
            x=[each["confidence"] for each in bins],
            y=[each["accuracy"] for each in bins],
            mode="lines+markers",
            line={"color": PLAIN},
            # the area of a point stands for its posts
            marker={"color": RAISES, "size": [8 + 20 * (each["posts"] / most) ** 0.5 for each in bins]},
            hovertext=[
                f"{each['posts']:,} posts: sure to {percent(each['confidence'])}, "
                f"right in {percent(each['accuracy'])}"
                for each in bins
            ],
            hoverinfo="text",
            showlegend=False,
        )
    )
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": PLAIN, "dash": "dash"})
    ticks = {"range": [0, 1.05], "tickvals": [0, 0.25, 0.5, 0.75, 1], "tickformat": ".0%"}
    figure.update_xaxes(title="How sure it was", **ticks)
    figure.update_yaxes(title="How often it was right", **ticks)
    return styled(figure, height=340)


def confusion_matrix(evaluation: Mapping[str, Any], titles: Mapping[str, str] = NO_TITLES) -> go.Figure:
    """What people said, row by row, and what the model said; a cell is as dark as its part of its row.

    Args:
        evaluation: `classes` and `confusion` (rows: truth).
        titles: Titles of the classes by name.
    """
    names = [plain_label(title_of(name, titles)) for name in evaluation["classes"]]
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
                    f"{posts:,} posts, {percent(part)} of those labelled so"
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
    figure.update_xaxes(
        title="The model said", tickvals=places, ticktext=names, showgrid=False, automargin=True
    )
    figure.update_yaxes(
        title="People said",
        tickvals=places,
        ticktext=names,
        showgrid=False,
        autorange="reversed",
        automargin=True,
    )
    return styled(figure, height=140 + 50 * len(names))


def slice_bars(evaluation: Mapping[str, Any]) -> go.Figure:
    """Accuracy on all posts and on each slice of them.

    Args:
        evaluation: `posts`, `accuracy` and `slices` (slice, posts, accuracy of each).
    """
    whole = {"slice": "All posts", "posts": evaluation["posts"], "accuracy": evaluation["accuracy"]}
    bars = [whole, *evaluation["slices"]]
    figure = go.Figure(
        go.Bar(
            y=distinct(f"{plain_label(title_of(each['slice']))} ({each['posts']:,})" for each in bars),
            x=[each["accuracy"] for each in bars],
            text=[percent(each["accuracy"]) for each in bars],
            marker=marker([PLAIN, *[RAISES] * (len(bars) - 1)], ["", *["/"] * (len(bars) - 1)]),
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    sized(figure, bars=len(bars))
    figure.update_xaxes(range=[0, 1])
    return figure
