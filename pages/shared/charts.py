"""A chart whose bars and points open their posts."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from analysis.query import Filters
from pages.shared import places


def chart(title: str, figure: go.Figure, filters: Filters) -> None:
    """Show a chart; clicking a bar opens its posts, clicking a point opens its post."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        event = st.plotly_chart(
            figure,
            on_select="rerun",
            selection_mode="points",
            key=title,
            alt=title,
            config={"displayModeBar": False},
        )
    if event["selection"]["points"]:
        mark = event["selection"]["points"][0]["customdata"]
        if mark[0] == "post_ids":
            st.switch_page(places.EXPLAIN, query_params=places.link(post=mark[1]))
        if mark[0] == "own_topic":
            st.switch_page(places.POSTS, query_params=places.link(filters, own_topic=mark[1]))
        st.switch_page(places.POSTS, query_params=places.link(filters.with_selection(mark)))
