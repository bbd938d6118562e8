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
from analysis.wording import format_day, format_days, format_percent, format_signed

_SECOND_MS = 1_000
_ROW_HEIGHT = 34  # pixels
_DENSE = 150  # periods from which lines and points are thin
_BAND = "rgba(128, 128, 128, 0.25)"


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
    add_volume(figure, unit, periods, peaks, weight)
    middles = _find_middles(unit, periods)
    spans, limits = _describe_periods(unit, periods)
    means = periods["mean_valence"]
    figure.add_scatter(
        x=middles,
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
    figure.update_yaxes(title="Mean valence", range=[-1.05, 1.05], tickvals=[-1, 0, 1], row=2, col=1)
    return apply_style(figure, height=360)


def trend(
    unit: str,
    periods: pd.DataFrame,
    peaks: Sequence[int] = (),
    negative_peaks: Sequence[int] = (),
    weight: str = "posts",
) -> go.Figure:
    """Plot the number of posts by sentiment over time, with the share of negative ones and the net sentiment below.

    Args:
        unit: "hour", "day", "week", "month" or "year".
        periods: first, last, is_complete, negative, neutral, positive (amounts), and share, share_low, share_high,
            net, net_low, net_high (0..1 and -1..1; null without posts). Incomplete periods are pale.
        peaks: Rows of periods with unusually many posts, which are marked.
        negative_peaks: Rows of periods with an unusually large share of negative ones.
        weight: What is counted: "posts", "likes" or "interactions".
    """
    figure = make_subplots(rows=3, shared_xaxes=True, row_heights=[0.5, 0.25, 0.25], vertical_spacing=0.06)
    add_volume(figure, unit, periods, peaks, weight)
    middles = _find_middles(unit, periods)
    spans, limits = _describe_periods(unit, periods)
    is_dense = len(periods) > _DENSE
    lines = (("share", "Negative", SENTIMENT_COLOURS["negative"]), ("net", "Net sentiment", PLAIN))
    for row, (name, title, colour) in enumerate(lines, start=2):
        values, low, high = (100 * periods[column] for column in (name, f"{name}_low", f"{name}_high"))
        for limit, fill in ((low, None), (high, "tonexty")):
            figure.add_scatter(
                x=middles,
                y=limit,
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor=_BAND,
                showlegend=False,
                hoverinfo="skip",
                row=row,
                col=1,
            )
        figure.add_scatter(
            x=middles,
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": 1 if is_dense else 2},
            marker_size=3 if is_dense else 6,
            showlegend=False,
            customdata=limits,
            hovertext=[
                f"{span}: {title.lower()} {value:.0f} (95 % interval {least:.0f} to {most:.0f})".replace(
                    "-", "−"
                )
                for span, value, least, most in zip(spans, values, low, high, strict=True)
            ],
            hoverinfo="text",
            row=row,
            col=1,
        )
    for place in negative_peaks:
        _mark_peak(figure, middles.iloc[place], 100 * periods["share"].iloc[place], row=2)
    figure.update_yaxes(title="% negative", rangemode="tozero", row=2, col=1)
    figure.update_yaxes(title="Net", row=3, col=1)
    return apply_style(figure, height=480)


def add_volume(
    figure: go.Figure, unit: str, periods: pd.DataFrame, peaks: Sequence[int], weight: str
) -> None:
    """Add stacked bars of the sentiments of periods to the first row of a figure, with marks at peaks.

    Args:
        figure: Modified in place.
        unit: "hour", "day", "week", "month" or "year".
        periods: first, last, negative, neutral, positive, and is_complete, if some may be incomplete.
        peaks: Rows of periods to mark.
        weight: What is counted: "posts", "likes" or "interactions".
    """
    starts, lengths = pd.to_datetime(periods["first"]), _measure_lengths(unit, periods)
    spans, limits = _describe_periods(unit, periods)
    counted = "" if weight == "posts" else f" {weight},"
    opacity = (
        periods["is_complete"].map({True: 1.0, False: 0.5}).tolist() if "is_complete" in periods else 1.0
    )
    for name in SENTIMENTS:
        figure.add_bar(
            x=starts,
            y=periods[name],
            offset=0,
            width=(lengths.dt.total_seconds() * 0.9 * _SECOND_MS).tolist(),
            name=SIGNED_SENTIMENTS[name],
            marker={
                **make_bar_marker(SENTIMENT_COLOURS[name], SENTIMENT_PATTERNS[name]),
                "opacity": opacity,
            },
            customdata=[[*days, "sentiments", name] for days in limits],
            hovertext=[
                f"{span}: {posts:,}{counted} {name}" for span, posts in zip(spans, periods[name], strict=True)
            ],
            hoverinfo="text",
            row=1,
            col=1,
        )
    amounts = periods[list(SENTIMENTS)].sum(axis=1)
    for row in peaks:
        _mark_peak(figure, (starts + lengths / 2).iloc[row], amounts.iloc[row], row=1)
    figure.update_layout(barmode="stack")
    figure.update_yaxes(title=f"{weight.capitalize()} per {unit}", rangemode="tozero", row=1, col=1)


def _mark_peak(figure: go.Figure, moment: pd.Timestamp, height: float, row: int) -> None:
    figure.add_annotation(x=moment, y=height, text="Peak", showarrow=False, yshift=10, row=row, col=1)


def _measure_lengths(unit: str, periods: pd.DataFrame) -> pd.Series:
    lengths = pd.to_datetime(periods["last"]) - pd.to_datetime(periods["first"])
    return lengths + pd.Timedelta(1, "h" if unit == "hour" else "D")


def _find_middles(unit: str, periods: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(periods["first"]) + _measure_lengths(unit, periods) / 2


def _describe_periods(unit: str, periods: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the names of periods and their filters."""
    ends = list(zip(periods["first"], periods["last"], strict=True))
    spans, limits = (
        [format_period(unit, *each) for each in ends],
        [limit_to_period(unit, *each) for each in ends],
    )
    if "is_complete" in periods:
        pairs = zip(spans, periods["is_complete"], strict=True)
        spans = [span if complete else f"{span} (incomplete)" for span, complete in pairs]
    return spans, limits


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


def limit_to_period(unit: str, first: date, last: date) -> list[str]:
    """Return the filters of a period."""
    if unit == "hour":
        moment: datetime = pd.Timestamp(first).to_pydatetime()
        return ["since", str(moment.date()), "until", str(moment.date()), "hours", str(moment.hour)]
    return ["since", str(first), "until", str(last)]


def format_period(unit: str, first: date, last: date) -> str:
    """Name a period: "3 Nov 2026, 14:00", "3 Nov 2026", or "2 to 8 Nov 2026"."""
    if unit == "hour":
        return f"{format_day(first)}, {first:%H:%M}"
    return format_days(first, last)
