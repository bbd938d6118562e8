"""A card that shows one theme: its name, share, sentiment, posts over time, and typical posts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from analysis import query
from analysis.charts.palette import SENTIMENT_COLOURS, SENTIMENT_SIGNS
from analysis.columns.themes import THEME_FILTER
from analysis.model.config import SENTIMENTS
from analysis.posts import has_text
from analysis.query import Filters
from analysis.search.theme_terms import ONE_AUTHOR
from analysis.workspace import Batch
from pages.components.sparkline import show_sparkline
from pages.components.stacked_bar import Segment, show_stacked_bar
from pages.review.theme_topic import offer_topic
from pages.shared import cards, labels, places
from pages.shared.messages import plain

EXAMPLE_WIDTH = 150  # pixels: three posts fit next to the facts in a wide window


@dataclass(frozen=True)
class ShownTheme:
    """One theme as the page shows it.

    Attributes:
        number: Its number.
        name: Its name.
        terms: Its most typical terms.
        counts: posts, negative, neutral, positive.
        of: Number of posts that the share is of.
        trend: Posts in every period.
        unit: Unit of the periods.
        typical: Its typical posts (`query.read_typical_posts`).
    """

    number: int
    name: str
    terms: tuple[str, ...]
    counts: pd.Series
    of: int
    trend: list[int]
    unit: str
    typical: pd.DataFrame


def show_theme(batch: Batch, filters: Filters, theme: ShownTheme) -> None:
    """Show the card of a theme."""
    posts = int(theme.counts["posts"])
    only = filters.with_selection((THEME_FILTER, theme.name))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(theme.name), anchor=False, width="stretch")
            st.page_link(
                places.POSTS,
                label=labels.posts(posts),
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=places.link(only),
                width="content",
            )
            offer_topic(batch, theme.number, theme.name, theme.typical)
        about = " ".join(filter(None, (describe_author(theme), _list_terms(theme))))
        st.caption(f"{describe_share(posts, theme.of)} {plain(about)}")
        facts, examples = st.columns([2, 3], gap="medium")
        with facts:
            show_stacked_bar(
                [
                    Segment(
                        labels.sentiment(name),
                        SENTIMENT_SIGNS[name],
                        theme.counts[name] / max(posts, 1),
                        SENTIMENT_COLOURS[name],
                    )
                    for name in SENTIMENTS
                ]
            )
            if len(theme.trend) > 1:
                show_sparkline(theme.trend, f"Posts by {theme.unit}")
        with examples, st.grid(min_column_width=EXAMPLE_WIDTH):
            for post in query.list_rows(theme.typical):
                with st.container():
                    cards.show_cover([batch.media_path(media_id) for media_id in post["images"]][:1])
                    if has_text(post["text"]):
                        st.text(cards.excerpt(post["text"]))
                    st.page_link(
                        places.EXPLAIN,
                        label="Explanation",
                        icon=":material/troubleshoot:",
                        query_params=places.link(only, post=post["post_id"]),
                    )


def describe_share(posts: int, of: int) -> str:
    """Describe a share with its interval: "3.1 % of these posts (2.8 to 3.5 %)."."""
    low, high = query.compute_share_interval(posts, of)
    return f"{100 * posts / of:.1f} % of these posts ({100 * low:.1f} to {100 * high:.1f} %)."


def _list_terms(theme: ShownTheme) -> str:
    further = [term for term in theme.terms if term not in theme.name]
    return f"Further terms: {', '.join(further)}." if further else ""


def describe_author(theme: ShownTheme) -> str:
    """Name the author of a theme of one author; "" for others."""
    authors = theme.typical["author"].dropna().unique()
    return f"All by {authors[0]}." if ONE_AUTHOR in theme.name and len(authors) else ""
