"""Charts in the colours of the page's theme, and charts whose bars and points open their posts."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from analysis.charts.alternative import describe_chart
from analysis.charts.layout import set_text_colour
from analysis.query import Filters
from pages.shared import places

TEXT_COLOURS = {"light": "#3c4650", "dark": "#c9d1d9"}


def draw(figure: go.Figure, key: str, alt: str, **options: Any) -> Any:
    """Show a figure.

    Args:
        figure: The figure; its text gets the colour of the theme.
        key: Key of the element.
        alt: What the chart shows; screen readers read it, and the values.
        options: Further arguments of `st.plotly_chart`.

    Returns:
        What `st.plotly_chart` returns.
    """
    set_text_colour(figure, TEXT_COLOURS.get(st.context.theme.type or "light", TEXT_COLOURS["light"]))
    alternative = describe_chart(alt, figure)
    return st.plotly_chart(figure, key=key, alt=alternative, config={"displayModeBar": False}, **options)


def show_chart_card(title: str, figure: go.Figure) -> list[str]:
    """Show a chart in a card; return the custom data of the bar or point that was clicked, [] if none was."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        event = draw(figure, title, title, on_select="rerun", selection_mode="points")
    points = event["selection"]["points"]
    return list(points[0]["customdata"]) if points else []


def chart(title: str, figure: go.Figure, filters: Filters) -> None:
    """Show a chart in a card; clicking a bar opens its posts, clicking a point opens its post."""
    if mark := show_chart_card(title, figure):
        if mark[0] == "post_ids":
            st.switch_page(places.EXPLAIN, query_params=places.link(post=mark[1]))
        st.switch_page(places.POSTS, query_params=places.link(filters.with_selection(mark)))
