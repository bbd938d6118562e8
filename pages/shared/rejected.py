"""The rejected rows and files of a batch, each with its reason and remedy."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis.exporters import rejected_csv

TITLES = {
    "kind": "Kind",
    "name": "File or row",
    "reason": "Reason",
    "remedy": "Remedy",
    "post_id": "Post",
    "raw": "Original value",
}
WIDTHS = {"kind": 75, "name": 120, "reason": 280, "remedy": 280, "post_id": 70, "raw": 180}  # px
CHARS_PER_PX = 1 / 7.5  # of the table's font, on average; wide letters included
LINE_PX, PADDING_PX = 20, 16
MAX_LINES = 14
LOOKED_AT = 1_000  # rejections, in the search for the longest reason


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
            row_height=_row_height(rejected),
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


def _row_height(rejected: pd.DataFrame) -> int:
    """Return the height of rows, in px, in which the longest reason and remedy wrap instead of being cut."""
    lines = 1
    for name in ("reason", "remedy", "name"):
        per_line = int(WIDTHS[name] * CHARS_PER_PX)
        longest = int(rejected[name].head(LOOKED_AT).str.len().max())
        lines = max(lines, -(-longest // per_line))
    return LINE_PX * min(lines, MAX_LINES) + PADDING_PX
