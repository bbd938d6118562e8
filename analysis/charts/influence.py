"""Charts of what influenced the scores of a batch: text or image, and which words.

The numbers come from `analysis.query.reasons`. Each bar's custom data is a filter, as in `analysis.charts.scores`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.layout import make_bar_marker, style_horizontal_bars
from analysis.charts.palette import INPUT_COLOURS, INPUT_PATTERNS, SENTIMENT_COLOURS, SENTIMENT_PATTERNS
from analysis.query.search_syntax import quote_search
from analysis.wording import (
    NO_TITLES,
    format_percent,
    format_plain_label,
    format_signed,
    number_duplicate_labels,
    title_from_name,
)


def modality_shares_bar(
    shares: pd.DataFrame, column: str, filter_name: str, titles: Mapping[str, str] = NO_TITLES
) -> go.Figure:
    """Plot the shares of text and image in the scores, by sentiment or topic.

    Args:
        shares: The column, posts, share_text, share_image (`query.average_shares_by`).
        column: "sentiment" or "topic".
        filter_name: The filter of this column, which a bar sets.
        titles: Titles of classes by name.
    """
    figure = go.Figure()
    names = number_duplicate_labels(
        format_plain_label(f"{title_from_name(name, titles)} ({posts:,})")
        for name, posts in zip(shares[column], shares["posts"], strict=True)
    )
    for modality in ("text", "image"):
        parts = shares[f"share_{modality}"]
        figure.add_bar(
            y=names,
            x=parts,
            name=title_from_name(modality),
            orientation="h",
            marker=make_bar_marker(INPUT_COLOURS[modality], INPUT_PATTERNS[modality]),
            text=[format_percent(part) for part in parts],
            textposition="inside",
            insidetextanchor="middle",
            hoverinfo="skip",
            customdata=[[filter_name, name, "inputs", "both"] for name in shares[column]],
        )
    figure.update_layout(barmode="stack")
    style_horizontal_bars(figure, bars=len(shares), legend=True)
    figure.update_xaxes(range=[0, 1])
    return figure


def influential_words_bar(words: pd.DataFrame, sentiment: str) -> go.Figure:
    """Plot the words that most raised a sentiment's score, by their mean value in logits.

    Args:
        words: word, posts, value (`query.aggregate_top_words`).
        sentiment: Name of the sentiment.
    """
    figure = go.Figure(
        go.Bar(
            y=list(range(len(words))),
            x=words["value"],
            orientation="h",
            text=[
                f"{format_signed(value)} ({posts:,})"
                for value, posts in zip(words["value"], words["posts"], strict=True)
            ],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            marker=make_bar_marker(SENTIMENT_COLOURS[sentiment], SENTIMENT_PATTERNS[sentiment]),
            customdata=[["search", quote_search(word), "sentiments", sentiment] for word in words["word"]],
        )
    )
    style_horizontal_bars(figure, bars=len(words) * 0.75)
    figure.update_xaxes(range=[0, 1.6 * max(words["value"], default=1.0)])
    figure.update_yaxes(
        tickvals=list(range(len(words))),
        ticktext=[format_plain_label(word, max_length=24) for word in words["word"]],
    )
    return figure
