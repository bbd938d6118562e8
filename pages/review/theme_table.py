"""The table of all themes: one compact row per theme, so that many names can be scanned at once."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from analysis import query
from analysis.model.config import SENTIMENTS
from analysis.query import Filters
from analysis.search.theme_terms import NAME_TERMS
from analysis.workspace import Batch, Themes
from pages.review.breakdown_table import STYLE, draw_sentiments
from pages.shared import labels
from pages.shared.messages import plain

_ROW_HEIGHT, _HEADER_HEIGHT = 24, 40  # pixels
_MAX_ROWS = 50
"""Rows of the table without scrolling."""


def _sort_by_limit(count: str, total: str) -> Callable[[pd.DataFrame], pd.Series]:
    """Sort by the lower limit of the interval of a share, so that small themes do not come first by chance."""

    def order(table: pd.DataFrame) -> pd.Series:
        pairs = zip(table[count], table[total], strict=True)
        limits = [-query.compute_share_interval(*pair)[0] if pair[1] else 0.0 for pair in pairs]
        return pd.Series(limits, table.index)

    return order


ORDERS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.Series]]] = {
    "posts": ("Most posts", lambda table: -table["posts"]),
    "later": ("Growing most", _sort_by_limit("later", "dated")),
    "alike": ("Most similar posts", lambda table: -table["closeness"]),
    "negative": ("Most negative", _sort_by_limit("negative", "posts")),
    "positive": ("Most positive", _sort_by_limit("positive", "posts")),
    "name": ("Name", lambda table: table["name"].str.casefold()),
}
"""Orders of themes: what it is called, and the column to sort by."""


def choose_themes(batch: Batch, themes: Themes, counts: pd.DataFrame) -> pd.DataFrame:
    """Show the choices: how to sort, and which terms.

    Args:
        batch: The batch.
        themes: Its themes.
        counts: `query.count_themes`.

    Returns:
        The chosen rows of the counts in their order, and the name of each theme.
    """
    found = counts[counts["theme"] < len(themes.names)]
    found = found.assign(name=[themes.names[number] for number in found["theme"]])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.selectbox(
            "Sort",
            [each for each in ORDERS if each != "later" or found["dated"].any()],
            format_func=lambda each: ORDERS[each][0],
            key="theme_order",
            persist_state="session",
            width=200,
            help="“Growing most” sorts by the share of a theme's posts in the later half of all posts. It, “Most "
            "negative” and “Most positive” use the lower limit of the 95 % interval, so that themes with few posts "
            "do not come first by chance. Posts are alike if they are near the mean of their theme.",
        )
        search = st.text_input(
            "Find",
            placeholder="Part of a term",
            key=f"theme_search_{batch.id}",
            persist_state="session",
            icon=":material/search:",
            width=200,
        )
    if wanted := search.strip().casefold():
        is_found = [
            wanted in themes.names[number].casefold()
            or any(wanted in term.casefold() for term in themes.terms[number])
            for number in found["theme"]
        ]
        found = found[is_found]
        if found.empty:
            st.info(f"No theme has “{plain(search)}” in its terms.", icon=":material/search_off:")
    return found.sort_values("name", key=lambda _: ORDERS[order][1](found), kind="stable").reset_index(
        drop=True
    )


def add_trends(batch: Batch, filters: Filters, found: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Add a column `trend` to themes, their posts in every period; empty without dates; return the unit too."""
    numbers = found["theme"].tolist()
    unit, periods = query.count_theme_periods(batch, filters, numbers)
    trends: list[list[int]] = [[] for _ in numbers]
    if len(periods):
        ends = periods["first"].min(), periods["first"].max()
        by_theme = dict(iter(periods.groupby("theme")))
        rows = [by_theme.get(number, periods.iloc[:0]) for number in numbers]
        trends = [query.fill_periods(unit, each["first"], each["amount"], *ends) for each in rows]
    return unit, found.assign(trend=pd.Series(trends, found.index, dtype=object))


def show_theme_table(
    batch: Batch, filters: Filters, themes: Themes, found: pd.DataFrame, unit: str, compared: int
) -> str | None:
    """Show themes as rows.

    Args:
        batch: The batch, with themes.
        filters: Which posts match.
        themes: Its themes.
        found: `choose_themes`, with `add_trends`.
        unit: Unit of the trends.
        compared: Number of posts that shares are of.

    Returns:
        The name of the theme that was chosen; None if none was.
    """
    numbers = found["theme"].tolist()
    shown = pd.DataFrame(
        {
            "name": found["name"],
            "posts": found["posts"],
            "share": 100 * found["posts"] / compared,
            "interval": [_format_share_interval(posts, compared) for posts in found["posts"]],
            "sentiment": [
                draw_sentiments({name: 100 * row[name] / row["posts"] for name in SENTIMENTS})
                for row in found.to_dict("records")
            ],
            "negative": 100 * found["negative"] / found["posts"],
            "later": 100 * found["later"] / found["dated"].where(found["dated"] > 0),
            "trend": found["trend"],
            "terms": [", ".join(themes.terms[number][NAME_TERMS:]) for number in numbers],
        }
    )
    has_times = bool(found["dated"].any())
    order = [str(each) for each in shown if has_times or each not in ("later", "trend")]
    st.html(STYLE)
    event = st.dataframe(
        shown,
        column_order=order,
        column_config=_configure_theme_columns(unit, max(shown["share"].max(), 1e-9)),
        hide_index=True,
        placeholder="",
        row_height=_ROW_HEIGHT,
        height=_HEADER_HEIGHT + _ROW_HEIGHT * min(len(shown), _MAX_ROWS),
        on_select="rerun",
        selection_mode="single-row",
        key=f"theme_table_{hash((batch.id, filters, tuple(numbers)))}",
    )
    chosen = event["selection"]["rows"]
    st.caption(f"Tick a row to open its posts. Shares are of {labels.posts(compared)}.")
    return str(found["name"].iloc[chosen[0]]) if chosen else None


def _format_share_interval(posts: int, compared: int) -> str:
    low, high = query.compute_share_interval(posts, compared)
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def _configure_theme_columns(unit: str, largest: float) -> dict[str, ColumnConfig]:
    config = st.column_config
    return {
        "name": config.TextColumn("Theme", width=205),
        "posts": config.NumberColumn("Posts", format="localized", width=65),
        "share": config.ProgressColumn("Share", format="%.1f %%", min_value=0, max_value=largest, width=88),
        "interval": config.TextColumn("95 % interval", width=94, help="Of the share (Wilson)."),
        "sentiment": config.ImageColumn(
            "Sentiment", width=100, help="Negative (orange), neutral (grey) and positive (blue) shares."
        ),
        "negative": config.NumberColumn("Negative", format="%.0f %%", width=72),
        "later": config.NumberColumn(
            "Later half",
            format="%.0f %%",
            width=78,
            help="Share of its posts in the later half of all posts that have a time; 50 % if it grows as all do.",
        ),
        "trend": config.BarChartColumn(f"Per {unit}", width=90, y_min=0),
        "terms": config.TextColumn("Further terms", width=260),
    }
