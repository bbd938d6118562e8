"""The custom topics named in the URL, compared with the posts of the open batch; cached for all sessions."""

from __future__ import annotations

import streamlit as st

from analysis import search
from analysis.errors import PostLensError
from analysis.workspace import Batch, CustomTopics
from pages.shared import catalogue
from pages.shared.engine import model
from pages.shared.messages import show_error


def add_custom_topics(batch: Batch) -> Batch:
    """Return the batch with the custom topics in the URL; as it is if there are none, or if it has no embeddings.

    A reason why topics cannot be compared, such as another model, is shown.
    """
    names = tuple(catalogue.custom_topics())
    if not names or not batch.has_part("embeddings", 0):
        return batch
    try:
        return batch.with_custom_topics(
            _find_custom_topics(batch, batch.id, batch.manifest.bundle, batch.scored(), names)
        )
    except PostLensError as error:
        show_error(error)
        return batch


# The cache key: the batch's id, its model, the number of scored posts, and the names. Not copied, as it may be large.
@st.cache_resource(max_entries=4, show_spinner="Comparing meanings...")
def _find_custom_topics(
    _batch: Batch, batch_id: str, bundle_id: str | None, scored: int, names: tuple[str, ...]
) -> CustomTopics:
    return search.find_custom_topics(_batch, model(), names)
