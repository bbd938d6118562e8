"""The rejected rows and files of a batch, each with its reason and remedy.

They are a list of texts, not a table: a table would cut reasons at the side of a narrow window.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd
import streamlit as st

from analysis.exporters import export_rejected_csv
from analysis.intake import describe_rejected
from analysis.wording import shorten_to_one_line
from pages.shared import cards
from pages.shared.messages import plain

PAGE_ROWS = 10
RAW_CHARS = 160
OF_A_ROW = ("row", "reference")
"""Kinds whose reason begins with the row; the reasons of others follow the name of the file."""


def show_rejected(rejected: pd.DataFrame, expanded: bool = True, is_downloadable: bool = True) -> None:
    """Show rejections; nothing if there are none.

    Args:
        rejected: The rejections.
        expanded: Whether the list is open.
        is_downloadable: Whether it has a download button; the file would have original values.
    """
    if rejected.empty:
        return
    n_pages = -(-len(rejected) // PAGE_ROWS)
    with st.expander(describe_rejected(rejected), expanded=expanded, icon=":material/rule:"):
        start = 0
        if n_pages > 1:
            start = (st.pagination(n_pages, key=f"rejected_page_{n_pages}") - 1) * PAGE_ROWS
        with st.grid(min(2, len(rejected)), min_column_width=280, gap="medium"):
            for each in rejected.iloc[start : start + PAGE_ROWS].fillna("").to_dict("records"):
                _show(each)
        if not is_downloadable:
            st.caption(
                "This list has original values, so it can only be downloaded with the privacy “As given”."
            )
            return
        st.download_button(
            "Download this list",
            data=lambda: export_rejected_csv(rejected),
            file_name="rejected.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="rejected_csv",
        )


def _show(rejection: Mapping[Hashable, str]) -> None:
    colon = ":" if rejection["kind"] in OF_A_ROW else ""
    with st.container(gap="xsmall"):
        st.text(shorten_to_one_line(f"{rejection['name']}{colon} {rejection['reason']}."))
        st.caption(plain(rejection["remedy"]))
        if rejection["raw"]:
            st.caption(plain(f"Original value: {cards.excerpt(rejection['raw'], RAW_CHARS)}"))
