"""The custom topics that are switched on or in the URL, compared with the posts of a batch; results are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from analysis import search
from analysis.custom_topics import CustomTopic
from analysis.errors import PostLensError
from analysis.model import Bundle
from analysis.workspace import Batch, CustomTopics
from pages.shared import catalogue
from pages.shared.engine import model
from pages.shared.messages import show_error


def add_custom_topics(batch: Batch) -> Batch:
    """Return the batch with its custom topics; as it is if there are none, or if it has no embeddings.

    A reason why topics cannot be compared, such as another model, is shown.
    """
    topics = catalogue.custom_topics()
    if not topics or not batch.has_part("embeddings", 0):
        return batch
    try:
        return batch.with_custom_topics(find_topics(batch, topics))
    except PostLensError as error:
        show_error(error)
        return batch


def find_topics(batch: Batch, topics: Sequence[CustomTopic]) -> CustomTopics:
    """Compare the posts of a batch with topics, as `search.find_custom_topics` does; recent results are kept."""
    return _find_topics(batch, tuple(topics), _make_key(batch), repr(topics))


def _make_key(batch: Batch) -> tuple[object, ...]:
    """Return what the similarities of the posts to a topic depend on."""
    return batch.id, batch.manifest.salt, batch.manifest.bundle, batch.scored()


# The last two arguments are the cache key. Results are not copied, as they may be large.
@st.cache_resource(max_entries=4, show_spinner="Comparing meanings...")
def _find_topics(
    _batch: Batch, _topics: tuple[CustomTopic, ...], batch_key: tuple[object, ...], topics_key: str
) -> CustomTopics:
    def compare(batch: Batch, bundle: Bundle, topic: CustomTopic) -> NDArray[np.float32]:
        about = (topic.name, topic.description, topic.examples)  # its threshold makes no difference
        return _compare(batch, bundle, topic, batch_key, repr(about))

    return search.find_custom_topics(_batch, model(), _topics, compare)


@st.cache_resource(max_entries=40, show_spinner=False)
def _compare(
    _batch: Batch, _bundle: Bundle, _topic: CustomTopic, batch_key: tuple[object, ...], topic_key: str
) -> NDArray[np.float32]:
    return search.compare_batch(_batch, _bundle, _topic)
