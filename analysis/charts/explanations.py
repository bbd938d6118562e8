"""Charts of one explanation, one function a figure; `analysis.attribution.ledger` gives the values.

Words and regions marked on the post itself are `analysis.charts.marks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from analysis.attribution.ledger import Ledger, WordValue
from analysis.charts.layout import marker, sized, styled
from analysis.charts.palette import INPUT_COLOURS, INPUT_PATTERNS, LOWERS, PLAIN, RAISES
from analysis.charts.wording import NO_TITLES, distinct, percent, plain_label, signed, title_of


def waterfall(ledger: Ledger, titles: Mapping[str, str] = NO_TITLES) -> go.Figure:
    """From the score of an empty post, over what text and pictures add, to the score of this post, in logits.

    Args:
        ledger: The account of one output.
        titles: Titles of the bundle's classes by name.
    """
    modalities = list(ledger.phi)
    labels = [
        title_of(name) if ledger.present[name] else f"No {title_of(name).lower()}" for name in modalities
    ]
    values = [ledger.base, *(ledger.phi[name] for name in modalities), ledger.total]
    figure = go.Figure(
        go.Waterfall(
            x=["Empty post", *labels, "This post"],
            y=values,
            measure=["absolute", *("relative" for _ in modalities), "total"],
            text=[signed(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            increasing={"marker": {"color": RAISES}},
            decreasing={"marker": {"color": LOWERS}},
            totals={"marker": {"color": PLAIN}},
            connector={"line": {"color": PLAIN, "width": 1}},
        )
    )
    figure.update_yaxes(title=f"Logits for {plain_label(title_of(ledger.output.name, titles)).lower()}")
    return styled(figure, height=340)


def words_bar(words: Sequence[WordValue], most: int = 12) -> go.Figure:
    """The words that weigh most, strongest first, in logits.

    Args:
        words: `Ledger.words`.
        most: Words shown.
    """
    strongest = sorted(words, key=lambda word: -abs(word.value))[:most]
    return _signed_bars(
        [plain_label(word.text, most=24) for word in strongest],
        [word.value for word in strongest],
        [signed(word.value) for word in strongest],
    )


def probabilities(
    alone: Mapping[str, Mapping[str, Mapping[str, float]]], head: str, titles: Mapping[str, str] = NO_TITLES
) -> go.Figure:
    """Probability of each class from all that the post has, and from text and pictures alone.

    Args:
        alone: Probabilities by inputs, head and class (`analysis.attribution.alone_scores`).
        head: Which head; inputs that it does not read are left out.
        titles: Titles of its classes by name.
    """
    figure = go.Figure()
    alone = {inputs: scores for inputs, scores in alone.items() if head in scores}
    for inputs, scores in alone.items():
        figure.add_bar(
            y=distinct(plain_label(title_of(name, titles)) for name in scores[head]),
            x=list(scores[head].values()),
            name=title_of(inputs) if inputs == "both" else f"{title_of(inputs)} alone",
            orientation="h",
            marker=marker(INPUT_COLOURS[inputs], INPUT_PATTERNS[inputs]),
            text=[percent(part) for part in scores[head].values()],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    classes = max((len(scores[head]) for scores in alone.values()), default=1)
    figure.update_layout(barmode="group")
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    sized(figure, bars=classes * max(1, len(alone)) * 0.7, legend=True)
    return figure


def _signed_bars(labels: Sequence[str], values: Sequence[float], texts: Sequence[str]) -> go.Figure:
    """Lying bars to both sides of 0; places are numbers, since two words may read the same."""
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
            marker=marker(
                [RAISES if value >= 0 else LOWERS for value in values],
                ["" if value >= 0 else "/" for value in values],
            ),
        )
    )
    largest = max((abs(value) for value in values), default=0.0) or 1.0
    sized(figure, bars=len(labels))
    figure.update_xaxes(range=[-1.5 * largest, 1.5 * largest], zeroline=True, zerolinewidth=2)
    figure.update_yaxes(tickvals=places, ticktext=list(labels))
    return figure
