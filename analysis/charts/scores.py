"""Charts of a batch's scores: sentiments, topics, emotions, time, and agreement of text and image.

The numbers come from `analysis.query.summaries`. Each bar's or point's custom data is a filter, written as
alternating names and values such as ["topics", "daily_life", "sentiments", "positive"]; `Filters.with_selection`
parses it. The page adds the titles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.charts.layout import apply_style, make_bar_marker, style_horizontal_bars
from analysis.charts.palette import (
    ACCENT,
    PLAIN,
    SENTIMENT_COLOURS,
    SENTIMENT_PATTERNS,
    SENTIMENT_SIGNS,
    SENTIMENT_SYMBOLS,
    SENTIMENTS,
)
from analysis.columns import TEXT_AND_IMAGE, TOPIC_FILTER, input_titles
from analysis.wording import (
    NO_TITLES,
    format_percent,
    format_plain_label,
    format_signed,
    number_duplicate_labels,
    title_from_name,
)

_DAY_MS = 86_400_000
_SIGNED_SENTIMENTS = {name: f"{SENTIMENT_SIGNS[name]} {title_from_name(name)}" for name in SENTIMENTS}


def sentiment_bar(counts: pd.DataFrame) -> go.Figure:
    """Plot the number of posts by sentiment.

    Args:
        counts: sentiment, posts (`query.count_by`).
    """
    posts = dict(zip(counts["sentiment"], counts["posts"], strict=True))
    total = sum(posts.values())
    figure = go.Figure(
        go.Bar(
            y=[_SIGNED_SENTIMENTS[name] for name in SENTIMENTS],
            x=[posts.get(name, 0) for name in SENTIMENTS],
            text=[_format_count(posts.get(name, 0), total) for name in SENTIMENTS],
            customdata=[["sentiments", name] for name in SENTIMENTS],
            marker=make_bar_marker(list(SENTIMENT_COLOURS.values()), list(SENTIMENT_PATTERNS.values())),
            **_HORIZONTAL,
        )
    )
    return style_horizontal_bars(figure, bars=len(SENTIMENTS))


def class_bar(
    counts: pd.DataFrame, column: str, filter_name: str, titles: Mapping[str, str] = NO_TITLES
) -> go.Figure:
    """Plot the number of posts by the classes of a head, such as topics, largest first, "unclear" last.

    Args:
        counts: The column, posts (`query.count_by`).
        column: The head's column.
        filter_name: The filter that a bar sets, such as "topics".
        titles: Titles of classes by name.
    """
    return _plot_posts_by(counts, column, filter_name, titles)


def custom_topic_bar(counts: pd.DataFrame, total: int) -> go.Figure:
    """Plot the number of posts by custom topic; a post can have several, so the bars can add up to more than `total`.

    Args:
        counts: topic, posts, in the order of the bars.
        total: Number of posts that the shares are of.
    """
    names = {name: name for name in counts["topic"]}  # as the user wrote them
    return _plot_posts_by(counts, "topic", TOPIC_FILTER, names, total)


def sentiment_by_topic(
    counts: pd.DataFrame, filter_name: str, titles: Mapping[str, str] = NO_TITLES
) -> go.Figure:
    """Plot the shares of sentiments within each topic.

    Args:
        counts: topic, sentiment, posts (`query.count_by`).
        filter_name: The filter of topics, which a bar sets with that of sentiments.
        titles: Titles of the topics by name.
    """
    return _plot_sentiments_within(counts, "topic", filter_name, titles)


def sentiment_by_content_type(
    counts: pd.DataFrame, modalities: Mapping[str, str] = TEXT_AND_IMAGE
) -> go.Figure:
    """Plot the shares of sentiments of posts with text only, images only, and both.

    Args:
        counts: inputs_used, sentiment, posts (`query.count_by`).
        modalities: Titles of the model's modalities by name (`ModelConfig.modalities`).
    """
    return _plot_sentiments_within(counts, "inputs_used", "inputs", input_titles(modalities))


def sentiment_by_value(counts: pd.DataFrame, column: str) -> go.Figure:
    """Plot the shares of sentiments of posts with each value of a column of the analyst's own tables.

    Args:
        counts: The column, sentiment, posts (`query.count_by`).
        column: Its name there and as a filter (`analysis.columns.own_filter`).
    """
    return _plot_sentiments_within(counts, column, column, {value: value for value in counts[column]})


def sentiment_over_time(unit: str, periods: pd.DataFrame, peaks: Sequence[int] = ()) -> go.Figure:
    """Plot the number of posts by sentiment over time, with their mean valence below.

    Args:
        unit: "day", "week", "month" or "year".
        periods: first, last, negative, neutral, positive, mean_valence (`query.count_by_period`).
        peaks: Rows of periods to mark (`query.find_peaks`).
    """
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.65, 0.35], vertical_spacing=0.08)
    starts = pd.to_datetime(periods["first"])
    lengths = pd.to_datetime(periods["last"]) - starts + pd.Timedelta(days=1)
    spans = [
        _format_period(first, last) for first, last in zip(periods["first"], periods["last"], strict=True)
    ]
    limits = [
        ["since", str(first), "until", str(last)]
        for first, last in zip(periods["first"], periods["last"], strict=True)
    ]
    for name in SENTIMENTS:
        figure.add_bar(
            x=starts,
            y=periods[name],
            offset=0,
            width=(lengths / pd.Timedelta(days=1) * 0.9 * _DAY_MS).tolist(),
            name=_SIGNED_SENTIMENTS[name],
            marker=make_bar_marker(SENTIMENT_COLOURS[name], SENTIMENT_PATTERNS[name]),
            customdata=[[*days, "sentiments", name] for days in limits],
            hovertext=[f"{span}: {posts:,} {name}" for span, posts in zip(spans, periods[name], strict=True)],
            hoverinfo="text",
            row=1,
            col=1,
        )
    posts = periods[list(SENTIMENTS)].sum(axis=1)
    for row in peaks:
        figure.add_annotation(
            x=(starts + lengths / 2).iloc[row],
            y=posts.iloc[row],
            text="Peak",
            showarrow=False,
            yshift=10,
            row=1,
            col=1,
        )
    means = periods["mean_valence"]
    figure.add_scatter(
        x=starts + lengths / 2,
        y=means,
        mode="lines+markers",
        line={"color": PLAIN},
        showlegend=False,
        customdata=limits,
        hovertext=[
            f"{span}: mean valence {format_signed(mean)}" for span, mean in zip(spans, means, strict=True)
        ],
        hoverinfo="text",
        row=2,
        col=1,
    )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(title=f"Posts per {unit}", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title="Mean valence", range=[-1.05, 1.05], tickvals=[-1, 0, 1], row=2, col=1)
    return apply_style(figure, height=360)


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
            name=_SIGNED_SENTIMENTS[name],
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
    counts: pd.DataFrame, column: str, field: str, titles: Mapping[str, str], total: int | None = None
) -> go.Figure:
    """Plot one bar per value, in the given order, "unclear" last; shares are of `total`, or of all bars together."""
    ordered = counts.sort_values(column, key=lambda names: names == "unclear", kind="stable")
    total = int(ordered["posts"].sum()) if total is None else total
    figure = go.Figure(
        go.Bar(
            y=number_duplicate_labels(
                format_plain_label(title_from_name(name, titles)) for name in ordered[column]
            ),
            x=ordered["posts"].tolist(),
            text=[_format_count(posts, total) for posts in ordered["posts"]],
            customdata=[[field, name] for name in ordered[column]],
            marker={"color": ACCENT},
            **_HORIZONTAL,
        )
    )
    return style_horizontal_bars(figure, bars=len(ordered))


def _plot_sentiments_within(
    counts: pd.DataFrame, column: str, field: str, titles: Mapping[str, str]
) -> go.Figure:
    """Plot one bar of equal length per group, largest group on top, divided by sentiment."""
    table = counts.pivot_table(index=column, columns="sentiment", values="posts", aggfunc="sum", fill_value=0)
    table = table.reindex(columns=list(SENTIMENTS), fill_value=0)
    sizes = table.sum(axis=1)
    groups = sorted(table.index, key=lambda group: (group == "unclear", -sizes[group]))
    figure = go.Figure()
    for name in SENTIMENTS:
        posts = [int(table.loc[group, name]) for group in groups]
        parts = [count / int(sizes[group]) for count, group in zip(posts, groups, strict=True)]
        figure.add_bar(
            y=number_duplicate_labels(
                f"{format_plain_label(title_from_name(group, titles))} ({sizes[group]:,})" for group in groups
            ),
            x=parts,
            name=_SIGNED_SENTIMENTS[name],
            orientation="h",
            marker=make_bar_marker(SENTIMENT_COLOURS[name], SENTIMENT_PATTERNS[name]),
            text=[f"{count:,}" if count else "" for count in posts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "white"},
            customdata=[[field, group, "sentiments", name] for group in groups],
            hovertext=[
                f"{count:,} {name}, {format_percent(part)}" for count, part in zip(posts, parts, strict=True)
            ],
            hoverinfo="text",
        )
    figure.update_layout(barmode="stack", uniformtext={"minsize": 10, "mode": "hide"})
    style_horizontal_bars(figure, bars=len(groups), legend=True)
    figure.update_layout(margin_r=10)  # the numbers are inside the bars
    figure.update_xaxes(range=[0, 1])
    return figure


_HORIZONTAL = {"orientation": "h", "textposition": "outside", "cliponaxis": False, "hoverinfo": "text"}


def _format_count(posts: int, total: int) -> str:
    return f"{posts:,} ({format_percent(posts / total)})" if total else "0"


def _format_period(first: object, last: object) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
