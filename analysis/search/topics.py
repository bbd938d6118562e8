"""Custom topics: assigns each post the analyst's topic that is most similar in meaning ("zero-shot")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from analysis.errors import ScoringError
from analysis.search.vectors import cosine_similarity, embed_texts, read_embedding_vectors
from analysis.settings import Settings
from analysis.workspace import Batch

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

NO_TOPIC = "none of these"
"""The topic of a post that is not similar enough to any of the names."""


def search_custom_topics(
    batch: Batch, bundle: Bundle, names: Sequence[str], settings: Settings | None = None
) -> pd.DataFrame:
    """Assign each post the most similar of the analyst's custom topics, without any training.

    Args:
        batch: A batch scored with this bundle.
        bundle: The model.
        names: The topics, such as ("delivery", "prices").
        settings: Contains the minimum similarity, `custom_topic_from`.

    Returns:
        post_id, topic (a name, or `NO_TOPIC`) and similarity to the most similar name, in the batch's order.

    Raises:
        ScoringError: The batch has no embeddings or those of another model, or there are no names.
        BundleError: The bundle has no shared space.
    """
    if not names:
        raise ScoringError("Custom topics", "have no name", "Name at least one topic.")
    threshold = (settings or Settings()).custom_topic_from
    topics = embed_texts(batch, bundle, names)  # (names, dim)
    tables = []
    for ids, modalities in read_embedding_vectors(batch):
        similarity = cosine_similarity(modalities, topics)  # (posts, names)
        best, highest = similarity.argmax(1), similarity.max(1)
        assigned = [
            names[number] if value >= threshold else NO_TOPIC
            for number, value in zip(best, highest, strict=True)
        ]
        tables.append(pd.DataFrame({"post_id": ids, "topic": assigned, "similarity": highest.astype(float)}))
    return pd.concat(tables, ignore_index=True)
