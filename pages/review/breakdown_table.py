"""The table of the Breakdown page: one row per value, with its sentiments as a small bar and its posts over time."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analysis import query
from analysis.charts.palette import SENTIMENT_COLOURS
from analysis.model.config import SENTIMENTS
from analysis.query import ValueCounts
from analysis.wording import shorten_to_one_line
from pages.shared.counting import Counting

_BAR_WIDTH, _BAR_HEIGHT, _BAR_MARGIN = 88, 14, 5  # pixels
_ROW_HEIGHT = 36
_HEADER_HEIGHT = 40
_NAME_CHARS = 80

STYLE = """<style>
@media (min-width: 1001px) and (max-width: 1400px) {
  [data-testid=stMainBlockContainer] { padding-left: 2rem; padding-right: 2rem; }
}
</style>"""
"""Streamlit leaves 5rem on both sides of a page, too much for the table in a window of 1280 pixels."""


def show_values(
    found: ValueCounts,
    unit: str,
    periods: pd.DataFrame,
    name: str,
    sign: str,
    counting: Counting,
    key: str,
) -> str | None:
    """Show values as rows.

    Args:
        found: The values.
        unit: Unit of the periods.
        periods: Amounts by value and period (`query.count_value_periods`).
        name: What a value is, such as "Hashtag".
        sign: What is written before each value, such as "#".
        counting: What is counted.
        key: Key of the table.

    Returns:
        The key of the value that was chosen; None if none was.
    """
    table = found.table
    amount = table["amount"].astype(float)
    shares = {each: 100 * (table[each] / amount.where(amount > 0)) for each in SENTIMENTS}
    trends = _list_trends(table["key"], unit, periods)
    shown: dict[str, Any] = {
        "value": [shorten_to_one_line(f"{sign}{title}")[:_NAME_CHARS] for title in table["title"]],
        "amount": table["amount"],
        "share": 100 * amount / max(found.amount, 1),
        "sentiment": [
            draw_sentiments({each: shares[each].iloc[row] for each in SENTIMENTS})
            for row in range(len(table))
        ],
        "negative": shares["negative"],
        "interval": [_format_interval(*each) for each in zip(table["low"], table["high"], strict=True)],
        "net": shares["positive"] - shares["negative"],
        "posts": table["posts"],
        **{each: table[each] for each in query.ENGAGEMENT},
        "times": table["times"],
        "trend": trends,
    }
    order = ["value", "amount", "share"]
    order += ["times"] if table["times"].notna().any() else []
    order += ["sentiment", "negative", "interval", "net"]
    order += ["trend"] if any(len(each) > 1 for each in trends) else []
    order += ["posts"] if counting.is_weighted else []
    order += [each for each in query.ENGAGEMENT if each in counting.engagement and each != counting.weight]
    styled: Any = pd.DataFrame({each: shown[each] for each in order}).style.format({"net": format_net})
    event = st.dataframe(
        styled,
        column_order=order,
        column_config=_configure(name, unit, counting, max(shown["share"].max(), 1e-9)),
        hide_index=True,
        placeholder="",
        row_height=_ROW_HEIGHT,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * len(table),
        on_select="rerun",
        selection_mode="single-row",  # cells are chosen by the keyboard and by clicks on headers too
        key=key,
    )
    chosen = event["selection"]["rows"]
    return str(table["key"].iloc[chosen[0]]) if chosen else None


def draw_sentiments(shares: Mapping[str, float]) -> str | None:
    """Draw shares of sentiments, in percent, as a bar in a data address; None if they are not known."""
    if any(pd.isna(share) for share in shares.values()):
        return None
    parts, left = [], 0.0
    for name in SENTIMENTS:
        width = shares[name] / 100 * _BAR_WIDTH
        box = f"x='{left:.1f}' y='{_BAR_MARGIN}' width='{width:.1f}' height='{_BAR_HEIGHT}'"
        parts.append(f"<rect {box} fill='{SENTIMENT_COLOURS[name]}'/>")
        left += width
    height = _BAR_HEIGHT + 2 * _BAR_MARGIN
    drawn = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_BAR_WIDTH}' height='{height}' "
        f"viewBox='0 0 {_BAR_WIDTH} {height}'>{''.join(parts)}</svg>"
    )
    return f"data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}"


def format_net(points: Any) -> str:
    """Format percentage points with their sign: "+12", "−3", "0"; "" if they are not known."""
    if pd.isna(points):
        return ""
    return f"{points:+.0f}".replace("-", "−") if round(points) else "0"


def _list_trends(keys: pd.Series, unit: str, periods: pd.DataFrame) -> list[list[int]]:
    """List the amounts of each value in every period from the first to the last with posts."""
    if periods.empty:
        return [[] for _ in keys]
    start, end = periods["first"].min(), periods["first"].max()
    by_key = dict(iter(periods.groupby("key")))
    empty = periods.iloc[:0]
    rows = [by_key.get(key, empty) for key in keys]
    return [query.fill_periods(unit, each["first"], each["amount"], start, end) for each in rows]


def _format_interval(low: float, high: float) -> str:
    return "" if pd.isna(low) else f"{100 * low:.0f} to {100 * high:.0f} %"


def _configure(name: str, unit: str, counting: Counting, largest: float) -> dict[str, ColumnConfig]:
    """Configure the columns; `largest` is the largest share, in percent.

    Together they are as wide as a page next to the menu in a window of 1280 pixels (`STYLE`).
    """
    config, weight = st.column_config, counting.weight
    share = (
        f"Of all {weight} here. A post can have several values, so shares can add up to more than 100 %. They are "
        "exact counts of these posts, so they have no interval."
    )
    return {
        "value": config.TextColumn(name, width=135),
        "amount": config.NumberColumn(weight.capitalize(), format="localized", width=80),
        "share": config.ProgressColumn(
            "Share", format="%.1f %%", min_value=0, max_value=largest, width=88, help=share
        ),
        "times": config.NumberColumn(
            "Unusual",
            format="%.1f ×",
            width=88,
            help="Times as frequent as in general texts, by posts here: posts with it per million words, plus 1, "
            "divided by its frequency per million words of general texts, plus 1 (“simple maths”, Kilgarriff 2009), "
            "without stop words. General texts are Wikipedia, subtitles, news, books, the web, Twitter and Reddit, "
            "up to 2021 (wordfreq), in English and the languages of this batch. Of several words, the rarest counts.",
        ),
        "sentiment": config.ImageColumn(
            "Sentiment", width=100, help="Negative (orange), neutral (grey) and positive (blue) shares."
        ),
        "negative": config.NumberColumn(
            "Negative", format="%.0f %%", width=72, help=f"Share of its {weight} that are negative."
        ),
        "interval": config.TextColumn(
            "95 % interval",
            width=94,
            help="Of the negative share: how much it could differ in another sample of such posts (Wilson"
            + (", with the effective number of posts)." if counting.is_weighted else ")."),
        ),
        "net": config.NumberColumn(
            "Net",
            width=48,
            help="Positive minus negative share, in percentage points. Compare shows its interval.",
        ),
        "posts": config.NumberColumn("Posts", format="localized", width=75),
        "likes": config.NumberColumn("Likes", format="localized", width=72),
        "interactions": config.NumberColumn("Interactions", format="localized", width=95),
        "trend": config.BarChartColumn(
            f"Per {unit}", width=80, y_min=0, help=f"{weight.capitalize()} per {unit}."
        ),
    }
