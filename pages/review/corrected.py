"""The section of Review with the shares that labels correct."""

from __future__ import annotations

import streamlit as st

from analysis import review
from analysis.columns import head_title
from analysis.query import Filters
from analysis.workspace import Batch
from pages.components.corrected_shares import show_corrected_shares
from pages.shared import catalogue, labels


def show_results(batch: Batch, filters: Filters) -> None:
    """Show the model's and the corrected shares of sentiments, topics and tones."""
    titles = {**labels.titles(), **{mark: catalogue.mark_title(mark) for mark in catalogue.marks()}}
    for field in review.FIELDS:
        st.header(head_title(field), anchor=False)
        found = review.compute_corrected_shares(batch, filters, field)
        if found.shares:
            show_corrected_shares(found, titles)
            continue
        st.caption(found.reason)
    st.caption(review.CORRECTION_METHODS)
