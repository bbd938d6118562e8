"""Charts of one explanation: waterfall of modalities, word values, class probabilities, and a part of an image.

The values come from `analysis.attribution`. `analysis.charts.highlights` draws highlights on the post itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import plotly.graph_objects as go
from PIL import Image

from analysis.attribution.ledger import Ledger, WordValue
from analysis.attribution.what_if import Box
from analysis.charts.layout import apply_style, make_bar_marker, style_horizontal_bars
from analysis.charts.palette import LOWERS, PLAIN, RAISES, chart_style_by_input
from analysis.wording import (
    NO_TITLES,
    format_inputs_title,
    format_percent,
    format_plain_label,
    format_signed,
    number_duplicate_labels,
    title_from_name,
)

PICKER_SIDE = 400
"""Longest side, in pixels, of an image on which a part is chosen."""


def find_waterfall_range(ledgers: Iterable[Ledger]) -> tuple[float, float]:
    """Find a common range for the charts of several explanations, in logits, with space for the labels."""
    ends = [0.0]
    for ledger in ledgers:
        ends += accumulate(ledger.phi.values(), initial=ledger.base)
    margin = 0.15 * (max(ends) - min(ends) or 1.0)
    return min(ends) - margin, max(ends) + margin


def waterfall_chart(
    ledger: Ledger,
    titles: Mapping[str, str] = NO_TITLES,
    limits: tuple[float, float] | None = None,
    post: str = "This post",
) -> go.Figure:
    """Plot the steps from the base, such as an empty post's score, to this post's: what modalities add, in logits.

    Args:
        ledger: The explanation of one output.
        titles: Titles of the bundle's classes by name.
        limits: Range of the axis, to compare charts; None for that of this chart.
        post: Label of the last bar.
    """
    modalities = list(ledger.phi)
    labels = [
        ledger.title(name) if ledger.present[name] else f"No {ledger.title(name).lower()}"
        for name in modalities
    ]
    values = [ledger.base, *(ledger.phi[name] for name in modalities), ledger.total]
    figure = go.Figure(
        go.Waterfall(
            x=["Average post" if ledger.base_is_average else "Empty post", *labels, post],
            y=values,
            measure=["absolute", *("relative" for _ in modalities), "total"],
            text=[format_signed(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            increasing={"marker": {"color": RAISES}},
            decreasing={"marker": {"color": LOWERS}},
            totals={"marker": {"color": PLAIN}},
            connector={"line": {"color": PLAIN, "width": 1}},
        )
    )
    figure.update_yaxes(
        title=f"Logits for {format_plain_label(title_from_name(ledger.output.name, titles)).lower()}",
        range=limits,
    )
    return apply_style(figure, height=340)


def word_values_bar(words: Sequence[WordValue], max_words: int = 12) -> go.Figure:
    """Plot the most influential words, largest value first, in logits.

    Args:
        words: `Ledger.words`.
        max_words: Maximum number of words.
    """
    strongest = sorted(words, key=lambda word: -abs(word.value))[:max_words]
    return _plot_signed_bars(
        [format_plain_label(word.text, max_length=24) for word in strongest],
        [word.value for word in strongest],
        [format_signed(word.value) for word in strongest],
    )


def class_probabilities_bar(
    alone: Mapping[str, Mapping[str, Mapping[str, float]]],
    head: str,
    titles: Mapping[str, str] = NO_TITLES,
    modalities: Mapping[str, str] = NO_TITLES,
) -> go.Figure:
    """Plot the probability of each class for the full post, and for each of its modalities alone.

    Args:
        alone: Probabilities by inputs, head and class (`analysis.attribution.score_modalities_alone`).
        head: Name of the head; modalities that it does not read are omitted.
        titles: Titles of its classes by name.
        modalities: Titles of modalities by name (`Ledger.titles`).
    """
    figure, looks = go.Figure(), chart_style_by_input(alone)
    alone = {inputs: scores for inputs, scores in alone.items() if head in scores}
    for inputs, scores in alone.items():
        figure.add_bar(
            y=number_duplicate_labels(
                format_plain_label(title_from_name(name, titles)) for name in scores[head]
            ),
            x=list(scores[head].values()),
            name=format_inputs_title(inputs, modalities),
            orientation="h",
            marker=make_bar_marker(*looks[inputs]),
            text=[format_percent(part) for part in scores[head].values()],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    classes = max((len(scores[head]) for scores in alone.values()), default=1)
    figure.update_layout(barmode="group")
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    style_horizontal_bars(figure, bars=classes * max(1, len(alone)) * 0.7, legend=True)
    return figure


def image_part_picker(image: Image.Image, box: Box) -> go.Figure:
    """Plot an image on which a part can be chosen by dragging; both axes are per cent from the left and from the top.

    Args:
        image: The image.
        box: The part that is chosen now, drawn as a rectangle.
    """
    shown = image.convert("RGB")
    shown.thumbnail((PICKER_SIDE, PICKER_SIDE))
    figure = go.Figure(
        go.Scatter(x=[0, 100], y=[0, 100], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    )  # Plotly lets the user drag only over a chart with data
    figure.add_layout_image(
        source=shown, x=0, y=0, sizex=100, sizey=100, xref="x", yref="y", sizing="stretch", layer="below"
    )
    figure.add_shape(
        type="rect",
        x0=100 * box.left,
        x1=100 * box.right,
        y0=100 * box.top,
        y1=100 * box.bottom,
        line={"color": "#ffffff", "width": 3},
    )
    figure.update_xaxes(visible=False, range=[0, 100], fixedrange=True)
    figure.update_yaxes(visible=False, range=[100, 0], fixedrange=True)
    apply_style(figure, height=shown.height)
    return figure.update_layout(
        dragmode="select", width=shown.width, margin={"l": 0, "r": 0, "t": 0, "b": 0}, showlegend=False
    )


def _plot_signed_bars(labels: Sequence[str], values: Sequence[float], texts: Sequence[str]) -> go.Figure:
    """Plot horizontal bars on both sides of 0; positions are numbers because labels may be equal."""
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Bar(
            y=places,
            x=list(values),
            text=list(texts),
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            marker=make_bar_marker(
                [RAISES if value >= 0 else LOWERS for value in values],
                ["" if value >= 0 else "/" for value in values],
            ),
        )
    )
    largest = max((abs(value) for value in values), default=0.0) or 1.0
    style_horizontal_bars(figure, bars=len(labels))
    figure.update_xaxes(range=[-1.5 * largest, 1.5 * largest], zeroline=True, zerolinewidth=2)
    figure.update_yaxes(tickvals=places, ticktext=list(labels))
    return figure
