"""The table of the Trends page: periods with their changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analysis.charts.over_time import format_period
from analysis.comparison import Difference, Period
from analysis.comparison.trends import Growth
from analysis.wording import format_percent
from pages.shared.counting import Counting
from pages.shared.estimates import format_p, format_points, format_share, format_signed

_ROW_HEIGHT = 36
_HEADER_HEIGHT = 40
_MOST_ROWS = 12  # rows on screen; more scroll
_INCOMPLETE = "Incomplete"


def show_change_metrics(period: Period, counting: Counting) -> None:
    """Show the amount, the share of negative ones and the net sentiment of a period, with their changes."""
    with st.container(horizontal=True, gap="large"):
        st.metric(
            counting.weight.capitalize(),
            f"{period.amount:,}",
            width="content",
            **_look_of(format_growth(period.growth)),
        )
        if period.negative:
            st.metric(
                "Negative",
                format_percent(period.negative.value),
                width="content",
                help=f"With its 95 % interval: {format_share(period.negative)}. The change is in percentage points.",
                **_look_of_points(period.negative_change, "red", "green"),
            )
        if period.net:
            st.metric(
                "Net sentiment",
                format_signed(period.net.value),
                width="content",
                help="The share of positive ones minus that of negative ones, in percentage points. With its 95 % "
                f"interval: {format_points(period.net)}.",
                **_look_of_points(period.net_change, "green", "red"),
            )


def choose_period(unit: str, periods: Sequence[Period], counting: Counting, key: str) -> Period | None:
    """Show periods as rows, the latest first; return the chosen one.

    Args:
        unit: Their unit.
        periods: The periods, in order.
        counting: What is counted.
        key: Key of the table.

    Returns:
        The period that was chosen; None if none was.
    """
    latest = list(reversed(periods))
    weight = counting.weight.capitalize()
    table = pd.DataFrame(
        {
            unit.capitalize(): [format_period(unit, each.first, each.last) for each in latest],
            weight: [each.amount for each in latest],
            "Change": [format_growth(each.growth) if each.is_complete else _INCOMPLETE for each in latest],
            "Negative": [format_share(each.negative) for each in latest],
            "Change, points": [format_points(each.negative_change) for each in latest],
            "p": [format_p(each.negative_change) for each in latest],
            "Net": [format_points(each.net) for each in latest],
            "Change of net": [format_points(each.net_change) for each in latest],
            "p of net": [format_p(each.net_change) for each in latest],
        }
    )
    config = st.column_config
    event = st.dataframe(
        table,
        column_config={
            weight: config.NumberColumn(weight, format="localized", width=90),
            "Change": config.TextColumn(width=140, help=f"Of the number of {counting.weight}."),
            "Negative": config.TextColumn(width=130, help="The share of negative ones."),
            "p": config.TextColumn(width=70, help="Of the change of the share of negative ones, adjusted."),
            "Net": config.TextColumn(width=110, help="Positive minus negative share, in percentage points."),
            "p of net": config.TextColumn(width=80, help="Of the change of net sentiment, adjusted."),
        },
        hide_index=True,
        placeholder="",
        row_height=_ROW_HEIGHT,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * min(len(table), _MOST_ROWS),
        on_select="rerun",
        selection_mode="single-row",
        key=key,
    )
    rows = event["selection"]["rows"]
    return latest[rows[0]] if rows else None


def describe_growth(counting: Counting) -> str:
    """Say what the interval of the change of an amount takes for granted, or why there is none."""
    if counting.is_weighted:
        return f"The change of {counting.weight} has no interval, as a few posts have most of them."
    return "The interval of the number of posts assumes that posts are independent of each other."


def format_growth(growth: Growth | None) -> str:
    """Format a relative change in percent: "+12 % (+3 to +21)"; "" without one."""
    if growth is None:
        return ""
    value = f"{format_signed(growth.value)} %"
    if growth.low is None or growth.high is None:
        return value
    return f"{value} ({format_signed(growth.low)} to {format_signed(growth.high)})"


def _look_of(change: str, rise: str = "gray", fall: str = "gray") -> dict[str, Any]:
    """Return a change as `st.metric` takes it, with its arrow and colour: it knows no minus sign but the hyphen."""
    arrow, colour = {"+": ("up", rise), "−": ("down", fall)}.get(change[:1], ("off", "gray"))
    return {"delta": change or None, "delta_arrow": arrow, "delta_color": colour}


def _look_of_points(change: Difference | None, rise: str, fall: str) -> dict[str, Any]:
    """Return the same for percentage points; grey unless the change is clear."""
    is_clear = change is not None and change.is_clear
    return _look_of(format_points(change), *((rise, fall) if is_clear else ()))
