"""Cached semantic search for pages: posts similar to a query or to another post."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analysis import search
from analysis.workspace import Batch
from pages.shared import progress
from pages.shared.engine import config, model
from pages.shared.messages import plain


def is_offered(batch: Batch) -> bool:
    """Check whether semantic search is available; if scoring the batch again would enable it, show a button."""
    if config().space is None or not batch.has_part("scores", 0):
        return False
    if batch.has_part("embeddings", 0):
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("To search by meaning and count custom topics, score this batch again.", width="content")
        st.button(
            "Score again",
            key="score_again",
            icon=":material/replay:",
            on_click=progress.start,
            args=(batch,),
        )
    return False


def find_similar(batch: Batch, name: str, value: str) -> pd.DataFrame:
    """Find the posts similar to the target in the URL.

    Args:
        batch: A batch for which `is_offered` returns true.
        name: One of `places.NEAR`.
        value: The query, or the post's id.

    Returns:
        post_id, similarity; most similar first.

    Raises:
        ScoringError: The batch was scored with another model.
    """
    return _nearest(batch, batch.id, batch.manifest.bundle, batch.scored(), name, value)


def near_label(name: str, value: str) -> str:
    """Describe what the posts are similar to."""
    title = {"meaning": "Similar to", "like": "Similar to post"}[name]
    return f"{title} “{plain(value)}”"


# The cache key: the batch's id, its model and the number of scored posts.
@st.cache_data(max_entries=50, show_spinner="Comparing meanings...")
def _nearest(
    _batch: Batch, batch_id: str, bundle_id: str | None, scored: int, name: str, value: str
) -> pd.DataFrame:
    limit = _batch.settings.max_similar_posts
    if name == "like":
        return search.find_similar_posts(_batch, value, limit)
    return search.search_posts(_batch, model(), value, limit)
