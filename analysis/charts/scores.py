"""Charts of a batch's scores: sentiments, topics, emotions, and agreement of text and image.

The numbers come from `analysis.query.summaries`. Each bar's or point's custom data is a filter, written as
alternating names and values such as ["topics", "daily_life", "sentiments", "positive"]; `Filters.with_selection`
parses it. The page adds the titles. `weight` is what is counted: "posts", "likes" or "interactions".
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.layout import apply_style, make_bar_marker, style_horizontal_bars
from analysis.charts.palette import (
    ACCENT,
    PLAIN,
    SENTIMENT_COLOURS,
    SENTIMENT_PATTERNS,
    SENTIMENT_SYMBOLS,
    SIGNED_SENTIMENTS,
)
from analysis.columns import TEXT_AND_IMAGE, TOPIC_FILTER, input_titles
from analysis.model.config import SENTIMENTS
from analysis.wording import (
    NO_TITLES,
    format_percent,
    format_plain_label,
    number_duplicate_labels,
    title_from_name,
)


def sentiment_bar(counts: pd.DataFrame, weight: str = "posts") -> go.Figure:
    """Plot the number of posts by sentiment.

    Args:
        counts: sentiment and the weight (`query.count_by`).
        weight: What is counted.
    """
    posts = dict(zip(counts["sentiment"], counts[weight], strict=True))
    total = sum(posts.values())
    figure = go.Figure(
        go.Bar(
            y=[SIGNED_SENTIMENTS[name] for name in SENTIMENTS],
            x=[posts.get(name, 0) for name in SENTIMENTS],
            text=[_format_count(posts.get(name, 0), total, weight) for name in SENTIMENTS],
            customdata=[["sentiments", name] for name in SENTIMENTS],
            marker=make_bar_marker(list(SENTIMENT_COLOURS.values()), list(SENTIMENT_PATTERNS.values())),
            **_HORIZONTAL,
        )
    )
    return style_horizontal_bars(figure, bars=len(SENTIMENTS))


def class_bar(
    counts: pd.DataFrame,
    column: str,
    filter_name: str,
    titles: Mapping[str, str] = NO_TITLES,
    weight: str = "posts",
) -> go.Figure:
    """Plot the number of posts by the classes of a head, such as topics, largest first, "unclear" last.

    Args:
        counts: The column and the weight (`query.count_by`).
        column: The head's column.
        filter_name: The filter that a bar sets, such as "topics".
        titles: Titles of classes by name.
        weight: What is counted.
    """
    return _plot_posts_by(counts, column, filter_name, titles, weight)


def custom_topic_bar(counts: pd.DataFrame, total: int) -> go.Figure:
    """Plot the number of posts by custom topic; a post can have several, so the bars can add up to more than `total`.

    Args:
        counts: topic, posts, in the order of the bars.
        total: Number of posts that the shares are of.
    """
    names = {name: name for name in counts["topic"]}  # as the user wrote them
    return _plot_posts_by(counts, "topic", TOPIC_FILTER, names, total=total)


def sentiment_by_topic(
    counts: pd.DataFrame, filter_name: str, titles: Mapping[str, str] = NO_TITLES, weight: str = "posts"
) -> go.Figure:
    """Plot the shares of sentiments within each topic.

    Args:
        counts: topic, sentiment and the weight (`query.count_by`).
        filter_name: The filter of topics, which a bar sets with that of sentiments.
        titles: Titles of the topics by name.
        weight: What is counted.
    """
    return _plot_sentiments_within(counts, "topic", filter_name, titles, weight)


def sentiment_by_content_type(
    counts: pd.DataFrame, modalities: Mapping[str, str] = TEXT_AND_IMAGE, weight: str = "posts"
) -> go.Figure:
    """Plot the shares of sentiments of posts with text only, images only, and both.

    Args:
        counts: inputs_used, sentiment and the weight (`query.count_by`).
        modalities: Titles of the model's modalities by name (`ModelConfig.modalities`).
        weight: What is counted.
    """
    return _plot_sentiments_within(counts, "inputs_used", "inputs", input_titles(modalities), weight)


def sentiment_by_value(
    counts: pd.DataFrame,
    column: str,
    filter_name: str,
    titles: Mapping[str, str] = NO_TITLES,
    weight: str = "posts",
) -> go.Figure:
    """Plot the shares of sentiments of posts with each value of a column, such as an author or a language.

    Args:
        counts: The column, sentiment and the weight (`query.count_by`).
        column: Its name there.
        filter_name: The filter that a bar sets with that of sentiments, such as "authors".
        titles: Display names of values; others are shown as they are.
        weight: What is counted.
    """
    shown = {value: titles.get(value, value) for value in counts[column]}
    return _plot_sentiments_within(counts, column, filter_name, shown, weight)


def agreement_scatter(posts: pd.DataFrame, disagree_below: float) -> go.Figure:
    """Plot the valence of the text against that of the image; outside the dashed lines they disagree.

    Args:
        posts: Scored posts (`query.read_page`); those without both text and image are omitted.
        disagree_below: `Settings.disagree_below`.
    """
    shown = posts.dropna(subset=["text_valence", "image_valence"])
    figure = go.Figure()
    for name in SENTIMENTS:
        rows = shown[shown["sentiment"] == name]
        figure.add_scatter(
            x=rows["text_valence"],
            y=rows["image_valence"],
            mode="markers",
            name=SIGNED_SENTIMENTS[name],
            marker={
                "color": SENTIMENT_COLOURS[name],
                "symbol": SENTIMENT_SYMBOLS[name],
                "size": 9,
                "opacity": 0.9,
            },
            customdata=[["post_ids", post_id] for post_id in rows["post_id"]],
            hovertext=[format_plain_label(text) for text in rows["text"]],
            hoverinfo="text",
        )
    apart = 2 * (1 - disagree_below)
    for shift in (apart, -apart):
        low, high = max(-1.0, -1.0 - shift), min(1.0, 1.0 - shift)
        figure.add_shape(
            type="line",
            x0=low,
            y0=low + shift,
            x1=high,
            y1=high + shift,
            line={"color": PLAIN, "dash": "dash"},
        )
    for x, y, text in ((-0.95, 1, "Image more positive"), (0.95, -1, "Text more positive")):
        figure.add_annotation(x=x, y=y, text=text, showarrow=False, xanchor="left" if x < 0 else "right")
    for axis, what in ((figure.update_xaxes, "Text"), (figure.update_yaxes, "Image")):
        axis(title=f"Valence of the {what.lower()} alone", range=[-1.1, 1.1], tickvals=[-1, -0.5, 0, 0.5, 1])
    return apply_style(figure, height=420)


def _plot_posts_by(
    counts: pd.DataFrame,
    column: str,
    field: str,
    titles: Mapping[str, str],
    weight: str = "posts",
    total: int | None = None,
) -> go.Figure:
    """Plot one bar per value, in the given order, "unclear" last; shares are of `total`, or of all bars together."""
    ordered = counts.sort_values(column, key=lambda names: names == "unclear", kind="stable")
    total = int(ordered[weight].sum()) if total is None else total
    figure = go.Figure(
        go.Bar(
            y=number_duplicate_labels(
                format_plain_label(title_from_name(name, titles)) for name in ordered[column]
            ),
            x=ordered[weight].tolist(),
            text=[_format_count(amount, total, weight) for amount in ordered[weight]],
            customdata=[[field, name] for name in ordered[column]],
            marker={"color": ACCENT},
            **_HORIZONTAL,
        )
    )
    return style_horizontal_bars(figure, bars=len(ordered))


def _plot_sentiments_within(
    counts: pd.DataFrame, column: str, field: str, titles: Mapping[str, str], weight: str
) -> go.Figure:
    """Plot one bar of equal length per group, largest group on top, divided by sentiment."""
    table = counts.pivot_table(index=column, columns="sentiment", values=weight, aggfunc="sum", fill_value=0)
    table = table.reindex(columns=list(SENTIMENTS), fill_value=0)
    sizes = table.sum(axis=1)
    groups = sorted(table.index, key=lambda group: (group == "unclear", -sizes[group]))
    unit = "" if weight == "posts" else f" {weight}"
    figure = go.Figure()
    for name in SENTIMENTS:
        posts = [int(table.loc[group, name]) for group in groups]
        parts = [count / max(int(sizes[group]), 1) for count, group in zip(posts, groups, strict=True)]
        figure.add_bar(
            y=number_duplicate_labels(
                f"{format_plain_label(title_from_name(group, titles))} ({sizes[group]:,}{unit})"
                for group in groups
            ),
            x=parts,
            name=SIGNED_SENTIMENTS[name],
            orientation="h",
            marker=make_bar_marker(SENTIMENT_COLOURS[name], SENTIMENT_PATTERNS[name]),
            text=[f"{count:,}" if count else "" for count in posts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "white"},
            customdata=[[field, group, "sentiments", name] for group in groups],
            hovertext=[
                f"{count:,}{unit and f'{unit},'} {name}, {format_percent(part)}"
                for count, part in zip(posts, parts, strict=True)
            ],
            hoverinfo="text",
        )
    figure.update_layout(barmode="stack", uniformtext={"minsize": 10, "mode": "hide"})
    style_horizontal_bars(figure, bars=len(groups), legend=True)
    figure.update_layout(margin_r=10)  # the numbers are inside the bars
    figure.update_xaxes(range=[0, 1])
    return figure


_HORIZONTAL = {"orientation": "h", "textposition": "outside", "cliponaxis": False, "hoverinfo": "text"}


def _format_count(amount: int, total: int, weight: str) -> str:
    """Write "1,204 (34 %)" for posts, "1,204 likes (34 %)" for likes."""
    counted = f"{amount:,}" if weight == "posts" else f"{amount:,} {weight}"
    return f"{counted} ({format_percent(amount / total)})" if total else "0"
