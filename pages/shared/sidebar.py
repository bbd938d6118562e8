"""The sidebar below the menu, with batch and model, and the filters at the top of a page. All mirror the URL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

import streamlit as st

from analysis.errors import WorkspaceError
from analysis.query import Filters
from analysis.wording import format_time
from analysis.workspace import Batch, BatchInfo
from pages.components.chip_bar import Chip, show_chip_bar
from pages.shared import filter_bar, filter_widgets, labels, places
from pages.shared.callbacks import show_stored_errors
from pages.shared.choices import unique_labels
from pages.shared.custom_topics import add_custom_topics
from pages.shared.engine import workspace
from pages.shared.messages import plain


def show_sidebar() -> BatchInfo | None:
    """Show the sidebar, after restoring the URL's query; return the chosen batch, None if there is none."""
    show_stored_errors()
    places.restore()
    with st.sidebar:
        batch = _pick_batch()
        if batch and batch.bundle:
            st.caption(f"Scored with {plain(batch.bundle)}")
        return batch


def open_current_batch() -> Batch:
    """Open the batch in the URL, with its custom topics; without one, show what to do and stop the page.

    Raises:
        WorkspaceError: The batch in the URL does not exist, was deleted, or is damaged.
    """
    batch_id = st.query_params.get("batch")
    if not batch_id:
        st.info("There are no posts yet. Upload some to score them.", icon=":material/upload:")
        st.page_link(places.UPLOAD, label="Upload posts", icon=":material/arrow_forward:")
        st.stop()
    opened: dict[str, str] = st.session_state.setdefault("opened", {})  # names by id, to name a deleted batch
    try:
        batch = workspace().open(batch_id)
    except WorkspaceError:
        if batch_id in opened and not workspace().has(batch_id):
            raise WorkspaceError(
                f"The batch “{opened[batch_id]}”",
                "was deleted",
                "Choose another batch, or upload its posts again.",
            ) from None
        raise
    opened[batch_id] = batch.manifest.name
    return add_custom_topics(batch)


def show_active_filters(shown: int, total: int) -> None:
    """Show the filter bar, how many posts match, and a chip for each filter that is set.

    Args:
        shown: Number of posts that match.
        total: Number of posts of the batch.
    """
    filters = places.current_filters()
    filter_bar.show_filter_bar(filters)
    on = _list_active(filters)
    show_chip_bar(
        f"**{shown:,} of {labels.posts(total)}**" if on else f"All {labels.posts(total)}",
        [Chip(name, filter_widgets.describe_filter(name, filters), partial(_drop, name)) for name in on],
    )


def stop_if_empty(found: int) -> None:
    """Stop the page if no posts match, and offer to clear the filters."""
    if found:
        return
    filters = places.current_filters()
    on = _list_active(filters)
    st.info(f"No posts match{' these filters' if on else ''}.", icon=":material/filter_alt_off:")
    if on:
        st.button(
            "Clear all filters",
            key="clear_filters",
            icon=":material/close:",
            type="primary",
            on_click=_drop,
            args=tuple(on),
        )
    st.stop()


def _list_active(filters: Filters) -> list[str]:
    """List the names of the filters that are set."""
    return [*(["search"] if filters.search else []), *dict(filters.by_name)]


def _pick_batch() -> BatchInfo | None:
    batches = {batch.id: batch for batch in workspace().batches() if batch.problem is None}
    if not batches:
        return None
    if not st.query_params.get("batch"):
        st.query_params["batch"] = next(iter(batches))
    wanted = st.query_params["batch"]
    st.session_state["batch_choice"] = wanted if wanted in batches else None
    st.selectbox(
        "Batch",
        list(batches),
        index=0 if wanted in batches else None,  # an index would prevent an empty choice
        format_func=unique_labels(batches, _batch_labels(batches.values()).__getitem__),
        key="batch_choice",
        placeholder="Choose a batch",
        on_change=_change_batch,
    )
    return batches.get(wanted)


def _batch_labels(batches: Iterable[BatchInfo]) -> dict[str, str]:
    """Label batches by name and size, and by time if older workspaces contain several with the same name."""
    batches = list(batches)
    names = Counter(batch.name.casefold() for batch in batches)
    return {
        batch.id: batch.name
        + (f" · {format_time(batch.created_at)}" if names[batch.name.casefold()] > 1 else "")
        + f" ({labels.posts(batch.n_posts)})"
        for batch in batches
    }


def _change_batch() -> None:
    places.set_batch(st.session_state["batch_choice"])


def _drop(*names: str) -> None:
    filters = places.current_filters().with_values(dict.fromkeys(set(names) - {"search"}))
    places.set_filters(filters.replace(search="") if "search" in names else filters)
