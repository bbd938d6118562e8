"""The start of pages that need scored posts."""

from __future__ import annotations

import streamlit as st

from analysis import query
from analysis.query import Filters, Totals
from analysis.workspace import Batch
from pages.shared import current_batch, filter_bar, places, progress


def open_scored_posts() -> tuple[Batch, Filters, Totals]:
    """Open the batch in the URL, and show its job and the filters; stop the page if no scored posts match.

    Returns:
        The batch, the filters, and the totals of the matching posts.

    Raises:
        WorkspaceError: The batch in the URL does not exist, was deleted, or is damaged.
    """
    batch, filters, totals = open_posts()
    if not has_scored_posts(totals):
        st.stop()
    return batch, filters, totals


def open_posts() -> tuple[Batch, Filters, Totals]:
    """Open the batch in the URL, and show its job and the filters; see `open_scored_posts`. Posts need not match."""
    batch = current_batch.open_current_batch()
    progress.show_job(batch)
    filters = places.current_filters()
    totals = query.compute_totals(batch, filters)
    filter_bar.show_filters(totals.posts, batch.manifest.n_posts)
    return batch, filters, totals


def has_scored_posts(totals: Totals) -> bool:
    """Return whether any scored posts match; if not, say why."""
    if not totals.posts:
        filter_bar.show_empty()
    elif not totals.scored:
        st.info("None of these posts has been scored yet.", icon=":material/info:")
    return totals.scored > 0
