"""Charts of posts over time, and over the hours of the week.

The numbers come from `analysis.query.summaries`. Custom data are filters, as in `analysis.charts.scores`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.charts.layout import apply_style, make_bar_marker
from analysis.charts.palette import (
    PLAIN,
    SENTIMENT_COLOURS,
    SENTIMENT_PATTERNS,
    SIGNED_SENTIMENTS,
    mix_heat,
)
from analysis.columns import HOURS, WEEKDAYS
from analysis.model.config import SENTIMENTS
from analysis.wording import format_day, format_percent, format_signed

_DAY_MS = 86_400_000
_ROW_HEIGHT = 34  # pixels


def sentiment_over_time(
    unit: str, periods: pd.DataFrame, peaks: Sequence[int] = (), weight: str = "posts"
) -> go.Figure:
    """Plot the number of posts by sentiment over time, with their mean valence below.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        periods: first, last, negative, neutral, positive, mean_valence (`query.count_by_period`).
        peaks: Rows of periods to mark (`query.find_peaks`).
        weight: What is counted: "posts", "likes" or "interactions".
    """
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.65, 0.35], vertical_spacing=0.08)
    starts = pd.to_datetime(periods["first"])
    lengths = pd.to_datetime(periods["last"]) - starts + pd.Timedelta(1, "h" if unit == "hour" else "D")
    spans = [_format_period(unit, *each) for each in zip(periods["first"], periods["last"], strict=True)]
    limits = [_limit_to_period(unit, *each) for each in zip(periods["first"], periods["last"], strict=True)]
    counted = "" if weight == "posts" else f" {weight},"
    for name in SENTIMENTS:
        figure.add_bar(
            x=starts,
            y=periods[name],
            offset=0,
            width=(lengths / pd.Timedelta(days=1) * 0.9 * _DAY_MS).tolist(),
            name=SIGNED_SENTIMENTS[name],
            marker=make_bar_marker(SENTIMENT_COLOURS[name], SENTIMENT_PATTERNS[name]),
            customdata=[[*days, "sentiments", name] for days in limits],
            hovertext=[
                f"{span}: {posts:,}{counted} {name}" for span, posts in zip(spans, periods[name], strict=True)
            ],
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
    figure.update_yaxes(title=f"{weight.capitalize()} per {unit}", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title="Mean valence", range=[-1.05, 1.05], tickvals=[-1, 0, 1], row=2, col=1)
    return apply_style(figure, height=360)


def hours_of_the_week(hours: pd.DataFrame, peaks: Sequence[int] = (), weight: str = "posts") -> go.Figure:
    """Plot the number of posts by weekday and hour as a heat map; peaks have a mark.

    The cells are bars, because Plotly lets people choose bars, but not the cells of its heat maps.

    Args:
        hours: weekday, hour, negative, neutral, positive (`query.count_by_hour`).
        peaks: Rows of hours to mark (`query.find_peak_hours`).
        weight: What is counted: "posts", "likes" or "interactions".
    """
    amounts = hours[list(SENTIMENTS)].sum(axis=1)
    largest = max(int(amounts.max()), 1)
    shares = (hours["negative"] / amounts.where(amounts > 0)).fillna(0.0)
    by_hour = hours["hour"].nunique() > 1
    figure = go.Figure()
    for weekday in reversed(WEEKDAYS):  # Monday on top
        rows = hours.index[hours["weekday"] == int(weekday)]
        names = [_name_hour(weekday, hour, by_hour) for hour in hours.loc[rows, "hour"]]
        figure.add_bar(
            x=hours.loc[rows, "hour"].tolist(),
            y=[1] * len(rows),
            marker={
                "color": [mix_heat(amounts[row] / largest) for row in rows],
                "line": {"width": 0},
            },
            customdata=[_limit_to_hour(weekday, hour, by_hour) for hour in hours.loc[rows, "hour"]],
            hovertext=[
                f"{name}: {amounts[row]:,} {weight}, {format_percent(shares[row])} negative"
                + (" (peak)" if row in peaks else "")
                for name, row in zip(names, rows, strict=True)
            ],
            hoverinfo="text",
            showlegend=False,
        )
    for row in peaks:
        place, hour = len(WEEKDAYS) - int(hours["weekday"].iloc[row]) + 0.5, int(hours["hour"].iloc[row])
        figure.add_annotation(x=hour, y=place, text="▲", showarrow=False)
    names = list(reversed(WEEKDAYS.values()))
    figure.update_layout(barmode="stack")
    apply_style(figure, height=60 + _ROW_HEIGHT * len(WEEKDAYS))
    figure.update_layout(bargap=0.04, margin_r=10, margin_t=10)
    figure.update_yaxes(
        tickvals=[place + 0.5 for place in range(len(names))],
        ticktext=names,
        range=[0, len(names)],
        showgrid=False,
    )
    every = range(0, 24, 3)
    figure.update_xaxes(
        visible=by_hour, tickvals=list(every), ticktext=[HOURS[str(hour)] for hour in every], showgrid=False
    )
    return figure


def _limit_to_hour(weekday: str, hour: int, by_hour: bool) -> list[str]:
    """Return the filters of an hour of the week."""
    return ["weekdays", weekday, *(["hours", str(hour)] if by_hour else [])]


def _name_hour(weekday: str, hour: int, by_hour: bool) -> str:
    return f"{WEEKDAYS[weekday]} {HOURS[str(hour)]}" if by_hour else WEEKDAYS[weekday]


def _limit_to_period(unit: str, first: date, last: date) -> list[str]:
    """Return the filters of a period."""
    if unit == "hour":
        moment: datetime = pd.Timestamp(first).to_pydatetime()
        return ["since", str(moment.date()), "until", str(moment.date()), "hours", str(moment.hour)]
    return ["since", str(first), "until", str(last)]


def _format_period(unit: str, first: date, last: date) -> str:
    if unit == "hour":
        return f"{format_day(first)}, {first:%H:%M}"
    return format_day(first) if first == last else f"{format_day(first)} to {format_day(last)}"
