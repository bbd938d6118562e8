"""The model's shares of sentiments next to those that the labels of people correct."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.review import CorrectedShares, EstimatedShare
from analysis.wording import format_share_with_interval
from pages.shared import labels, places


def show_corrected_shares(found: CorrectedShares, titles: dict[str, str]) -> None:
    """Show a table of shares with 95 % intervals, and what they are based on.

    Args:
        found: The shares, with entries (`CorrectedShares.shares`).
        titles: Display names of the classes.
    """
    rows = [
        {
            "Class": titles.get(each.name, each.name),
            "Model": format_share(each.raw),
            "Corrected": format_share(each.powered),
            "By confusion matrix": format_share(each.by_confusion),
            "Model is right": f"{each.correct:,} of {found.sample:,}",
        }
        for each in found.shares
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Model": st.column_config.TextColumn(
                help="The model's share. Its interval covers the chance of which posts are in the batch, not "
                "mistakes of the model."
            ),
            "Corrected": st.column_config.TextColumn(
                help="Corrected by your labels with prediction-powered inference (Angelopoulos et al. 2023)."
            ),
            "By confusion matrix": st.column_config.TextColumn(
                help="Corrected by the shares of your labels among the posts that the model gave each label."
            ),
        },
    )
    st.caption(found.describe_basis())


def show_corrected_line(found: CorrectedShares) -> None:
    """Show corrected shares of sentiments in one line, or why there are none; nothing with few labels."""
    if found.is_expected:
        st.caption(found.reason)
    if not found.shares:
        return
    shares = ", ".join(
        f"{labels.sentiment(each.name)} **{format_share(each.powered)}**" for each in found.shares
    )
    trained = f", and of {found.known:,} that trained the model" if found.known else ""
    st.markdown(f"Corrected by labels of {labels.posts(found.sample)}{trained}: {shares}.")
    st.page_link(
        places.LABELLING,
        label="How they are corrected",
        icon=":material/rate_review:",
        query_params=places.link(),
    )


def format_share(share: EstimatedShare) -> str:
    """Format a share with its interval, such as "31 % (27 to 36 %)"."""
    return format_share_with_interval(share.share, share.low, share.high)
