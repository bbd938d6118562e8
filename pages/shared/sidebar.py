"""The sidebar below the menu: the choices of a batch and of a time zone, which mirror the URL, and the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import streamlit as st

from analysis.timezones import timezone_names
from analysis.wording import format_time
from analysis.workspace import BatchInfo
from pages.shared import address, labels, places
from pages.shared.callbacks import show_stored_errors
from pages.shared.choices import unique_labels
from pages.shared.engine import workspace
from pages.shared.messages import plain
from pages.shared.saved_views import show_saved_views


def show_sidebar(page: str) -> BatchInfo | None:
    """Show the sidebar, after restoring the URL's query.

    Args:
        page: Path of the page on screen.

    Returns:
        The chosen batch, None if there is none.
    """
    show_stored_errors()
    address.restore()
    with st.sidebar:
        batch = _pick_batch()
        if batch:
            _pick_timezone()
        if batch and batch.bundle:
            st.caption(f"Scored with {plain(batch.bundle)}")
        if batch:
            show_saved_views(page, page in places.SAVABLE)
        return batch


def _pick_batch() -> BatchInfo | None:
    batches = {batch.id: batch for batch in workspace().batches() if batch.problem is None}
    if not batches:
        return None
    places.add_defaults(next(iter(batches)))
    wanted = address.get("batch")
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


def _pick_timezone() -> None:
    st.session_state["timezone"] = places.timezone()
    st.selectbox(
        "Time zone",
        timezone_names(),
        key="timezone",
        help="Of days and hours in charts, filters and lists. Posts with a date only keep their date.",
        on_change=lambda: places.set_timezone(st.session_state["timezone"]),
    )


def _batch_labels(batches: Iterable[BatchInfo]) -> dict[str, str]:
    """Label batches by name and size, and by time if older workspaces contain several with the same name."""
    batches = list(batches)
    names = Counter(batch.name.casefold() for batch in batches)
    return {
        batch.id: batch.name
        + (
            f" · {format_time(batch.created_at, places.timezone())}"
            if names[batch.name.casefold()] > 1
            else ""
        )
        + f" ({labels.posts(batch.n_posts)})"
        for batch in batches
    }


def _change_batch() -> None:
    places.set_batch(st.session_state["batch_choice"])
