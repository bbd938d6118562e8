"""The rejected rows and files of a batch, each with its reason and remedy."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.exporters import rejected_csv

TITLES = {
    "kind": "Kind",
    "name": "File or row",
    "post_id": "Post",
    "reason": "Reason",
    "remedy": "Remedy",
    "raw": "Original value",
}
WIDTHS = {
    "kind": 70,
    "name": 130,
    "post_id": 80,
    "reason": 260,
    "remedy": 260,
}  # px; wide enough to read the remedy


def show_rejected(rejected: pd.DataFrame, expanded: bool = True) -> None:
    """Show rejections as a table with a download button; nothing if there are none."""
    if rejected.empty:
        return
    with st.expander(f"{len(rejected):,} rejected", expanded=expanded, icon=":material/rule:"):
        st.dataframe(
            rejected,
            column_order=list(TITLES),
            column_config={
                name: st.column_config.Column(title, width=WIDTHS.get(name)) for name, title in TITLES.items()
            },
            hide_index=True,
            placeholder="",
        )
        st.download_button(
            "Download this list",
            data=lambda: rejected_csv(rejected),
            file_name="rejected.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="rejected_csv",
        )
