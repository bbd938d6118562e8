"""The batch in the URL, which every page with posts shows."""

from __future__ import annotations

import streamlit as st

from analysis.errors import WorkspaceError
from analysis.workspace import Batch
from pages.shared import address, places
from pages.shared.custom_topics import add_custom_topics
from pages.shared.engine import workspace


def open_current_batch() -> Batch:
    """Open the batch in the URL, with custom topics and time zone; without one, show what to do and stop the page.

    Raises:
        WorkspaceError: The batch in the URL does not exist, was deleted, or is damaged.
    """
    batch_id = address.get("batch")
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
    return add_custom_topics(batch.with_timezone(places.timezone()))
