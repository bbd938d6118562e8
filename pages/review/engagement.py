"""Engagement on the Overview page: likes and interactions, their sentiments, and volume over time."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis import query
from analysis.charts.palette import SENTIMENT_COLOURS, SENTIMENT_SIGNS
from analysis.model.config import SENTIMENTS
from analysis.query import Filters
from analysis.wording import format_share_with_interval, title_from_name
from analysis.workspace import Batch
from pages.components.sparkline import show_sparkline
from pages.components.stacked_bar import Segment, show_stacked_bar
from pages.components.stat_strip import Stat, show_stat_strip
from pages.shared import labels
from pages.shared.counting import Counting


def show_metrics(counting: Counting) -> None:
    """Show the sums of likes and interactions; nothing if no post has any."""
    for name, found in counting.engagement.items():
        st.metric(
            name.capitalize(),
            f"{found.total:,}",
            help=f"Of the {labels.posts(found.known)} with a known number, among {found.scored:,} scored.",
            width="content",
        )


def show_volume(unit: str, periods: pd.DataFrame, counting: Counting) -> None:
    """Show a small chart of the number of posts over time; nothing for fewer than two periods."""
    if len(periods) < 2:
        return
    firsts = periods["first"]
    amounts = periods[list(SENTIMENTS)].sum(axis=1)
    filled = query.fill_periods(unit, firsts, amounts, firsts.iloc[0], firsts.iloc[-1])
    with st.container(width=220):
        show_sparkline(filled, f"{counting.weight.capitalize()} per {unit}")


def show_sentiments(batch: Batch, filters: Filters, counting: Counting) -> None:
    """Show the shares of sentiments of likes or interactions, with 95 % intervals."""
    found = query.sum_sentiments(batch, filters, counting.weight)
    total = sum(amount for amount, _ in found.values())
    if not total:
        st.caption(f"These posts have no {counting.weight}.")
        return
    shares = {name: found[name][0] / total if name in found else 0.0 for name in SENTIMENTS}
    show_stacked_bar(
        [
            Segment(title_from_name(name), SENTIMENT_SIGNS[name], share, SENTIMENT_COLOURS[name])
            for name, share in shares.items()
        ]
    )
    stats = []
    for name, (amount, (low, high)) in sorted(found.items(), key=lambda pair: SENTIMENTS.index(pair[0])):
        share = format_share_with_interval(shares[name], low, high)
        stats.append(
            Stat(
                labels.sentiment(name),
                share,
                filters.with_selection(("sentiments", name)),
                amount,
                f"{amount:,} of {total:,} {counting.weight}. In brackets: the 95 % interval of the share, which is "
                "wide if a few posts have most of them.",
            )
        )
    show_stat_strip(stats)
    st.caption(f"Shares of {counting.weight}. The net sentiment above counts posts.")
