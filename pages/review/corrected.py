"""The section of Review with the shares that labels correct."""

from __future__ import annotations

import streamlit as st

from analysis import review
from analysis.columns import head_title
from analysis.query import Filters
from analysis.workspace import Batch
from pages.components.corrected_shares import show_corrected_shares
from pages.shared import catalogue, labels

METHODS = (
    "The model makes some mistakes more often than others, so its shares are biased. Two published methods correct "
    "them with the labels of a random sample: prediction-powered inference (Angelopoulos et al., Science 2023), with "
    "the regression estimator's variance for a finite number of posts (Cochran 1977), and the confusion matrix of "
    "the sample (post-stratification, Little 1993). Intervals are 95 % and cover the share among these posts. They "
    "are not adjusted for looking at several classes."
)


def show_results(batch: Batch, filters: Filters) -> None:
    """Show the model's and the corrected shares of sentiments, topics and tones."""
    titles = {**labels.titles(), **{mark: catalogue.mark_title(mark) for mark in catalogue.marks()}}
    for field in review.FIELDS:
        st.header(head_title(field), anchor=False)
        found = review.compute_corrected_shares(batch, filters, field)
        if found.shares:
            show_corrected_shares(found, titles)
            continue
        left = batch.settings.min_review_sample - found.sample
        st.caption(
            f"{labels.posts(left).capitalize()} more of the random sample need a label. Choose “Random sample” under "
            "“Label posts”."
        )
    st.caption(METHODS)
