"""Merging batches: the choice of batches and a name, on the Upload page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.wording import format_time
from analysis.workspace import BatchInfo, merge_batches
from pages.shared import labels, places, progress
from pages.shared.callbacks import defer_errors
from pages.shared.choices import unique_labels
from pages.shared.engine import workspace

_CHOSEN, _NAME = "merged_batches", "merged_name"
_MERGED, _LEFT_OUT = "last_merged", "left_out_by_merge"


def show_merge(listed: Sequence[BatchInfo]) -> None:
    """Let the user make one batch of several; nothing with fewer than two batches.

    Args:
        listed: All batches, newest first.
    """
    batches = {info.id: info for info in reversed(listed) if info.problem is None}
    if len(batches) < 2:
        return
    with st.expander("Merge batches", icon=":material/call_merge:"):
        chosen = st.multiselect(
            "Batches, in the order of their posts",
            list(batches),
            format_func=unique_labels(batches, lambda batch_id: _title_batch(batches[batch_id])),
            key=_CHOSEN,
            placeholder="Choose two batches or more",
        )
        st.text_input("Name of the new batch", key=_NAME, max_chars=workspace().settings.max_name_chars)
        st.caption(
            "The batches stay as they are. Posts with the same ID, text and images are in the new batch once. Which "
            "batch a post comes from becomes a filter. Labels move with their posts."
        )
        st.button(
            "Merge",
            icon=":material/call_merge:",
            type="primary",
            disabled=len(chosen) < 2,
            on_click=_merge,
            args=(chosen,),
        )
    merged = st.session_state.get(_MERGED)
    if merged in batches:
        left_out = st.session_state.get(_LEFT_OUT, 0)
        repeated = (
            f" {labels.posts(left_out)} repeated others and are listed as rejected." if left_out else ""
        )
        st.success(f"Merged: {labels.posts(batches[merged].n_posts)}.{repeated}", icon=":material/check:")
        st.page_link(
            places.OVERVIEW,
            label="Open the merged batch",
            icon=":material/arrow_forward:",
            query_params={"batch": merged},
        )


@defer_errors
def _merge(chosen: Sequence[str]) -> None:
    name = st.session_state[_NAME].strip() or "Merged posts"
    merged_from = [workspace().open(batch_id).manifest for batch_id in chosen]
    batch = merge_batches(workspace(), chosen, name)
    progress.start(batch)
    st.session_state[_MERGED] = batch.id
    st.session_state[_LEFT_OUT] = sum(each.n_posts for each in merged_from) - batch.manifest.n_posts
    st.session_state[_CHOSEN] = []
    st.session_state[_NAME] = ""


def _title_batch(info: BatchInfo) -> str:
    return f"{info.name} · {format_time(info.created_at)} ({labels.posts(info.n_posts)})"
