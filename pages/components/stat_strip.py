"""A row of short facts, each a link to its posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from analysis.query import Filters
from pages.shared import places


@dataclass(frozen=True)
class Stat:
    """One fact.

    Attributes:
        title: Such as "Not sure".
        value: The number of posts, with what it is a share of: "5 of 34 posts".
        filters: Select the posts.
        count: Number of these posts; without any, the link is disabled.
        meaning: Tooltip; None for none.
    """

    title: str
    value: str
    filters: Filters
    count: int
    meaning: str | None = None


def show_stat_strip(stats: Sequence[Stat]) -> None:
    """Show facts next to each other, as many as fit in a row."""
    with st.container(horizontal=True, gap="small"):
        for stat in stats:
            st.page_link(
                places.POSTS,
                label=f"{stat.title} **{stat.value}**",
                query_params=places.link(stat.filters),
                help=stat.meaning,
                disabled=not stat.count,
                width="content",
            )
