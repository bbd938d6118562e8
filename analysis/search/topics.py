"""Compares each post with the analyst's custom topics in meaning: with a name, a description and examples of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.custom_topics import CustomTopic, check_topics
from analysis.errors import BundleError
from analysis.search.index import open_index
from analysis.search.topic_vectors import compute_topic_vector, embed_examples
from analysis.search.vectors import Vectors, check_model, cosine_similarity
from analysis.settings import Settings
from analysis.workspace import Batch, CustomTopics

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle
    from analysis.model.config import ModelConfig


def compare_batch(batch: Batch, bundle: Bundle, topic: CustomTopic) -> Vectors:
    """Compare every post of a batch with one topic; the other topics of the batch make no difference.

    Returns:
        (posts,), -1..1: the higher similarity of each post's text and images; NaN for posts without embeddings.

    Raises:
        ScoringError, BundleError: See `find_custom_topics`.
    """
    vector = compute_topic_vector(bundle, topic, batch.settings)
    return open_index(batch).compare(vector[None])[0]


def find_custom_topics(
    batch: Batch,
    bundle: Bundle,
    topics: Sequence[CustomTopic | str],
    compare: Callable[[Batch, Bundle, CustomTopic], Vectors] = compare_batch,
) -> CustomTopics:
    """Compare every post of a batch with the analyst's custom topics, without any training.

    Takes 4 bytes per post and topic, and the vectors of the batch in memory (`analysis.search.index`).

    Args:
        batch: A batch scored with this bundle; its settings have the threshold of topics without one of their own.
        bundle: The model.
        topics: The topics, or names of topics that have nothing else, such as ("delivery", "prices").
        compare: `compare_batch`, or the same with results that are kept.

    Returns:
        The topics, for `Batch.with_custom_topics`; their examples have vectors of this bundle.

    Raises:
        ScoringError: The batch has no embeddings or those of another model, a topic is not valid, or has examples of
            another model alone (`embed_examples`).
        BundleError: The bundle has no shared space.
    """
    check_model(batch, bundle.id)
    embedded = [embed_examples(bundle, topic) for topic in check_topics(topics, batch.settings)]
    return _freeze(embedded, np.stack([compare(batch, bundle, topic) for topic in embedded]), batch.settings)


def compare_with_topics(
    modalities: Sequence[Vectors], bundle: Bundle, topics: Sequence[CustomTopic], settings: Settings
) -> CustomTopics:
    """Compare posts in memory with custom topics, as `find_custom_topics` does.

    Args:
        modalities: (posts, dim) by modality, of length 1 or NaN.
        bundle: The model that embedded them.
        topics: The topics, of `check_topics`.
        settings: Contains the threshold of topics without one of their own.

    Raises:
        ScoringError, BundleError: See `find_custom_topics`.
    """
    vectors = np.stack([compute_topic_vector(bundle, topic, settings) for topic in topics])  # (topics, dim)
    return _freeze(topics, cosine_similarity(modalities, vectors).T.astype(np.float32), settings)


def choose_threshold(similarity: Vectors, posts: int, settings: Settings) -> float:
    """Choose the threshold of a topic that about a given number of posts have.

    Args:
        similarity: (posts,), -1..1; NaN for posts that could not be compared.
        posts: How many posts should have the topic.
        settings: Contains the default threshold, which is the lowest that is chosen.

    Returns:
        The similarity of the post at that rank, rounded up to 0.01; rounded down if the number of posts is then
        closer, as in a topic of posts that are nearly equal.
    """
    known = similarity[~np.isnan(similarity)]
    if not 0 < posts <= len(known):
        return settings.custom_topic_from
    at_rank = round(
        100 * float(np.partition(known, -posts)[-posts]), 4
    )  # single precision: 0.3 is 0.30000001
    rounded = (math.ceil(at_rank) / 100, math.floor(at_rank) / 100)
    nearest = min(rounded, key=lambda each: abs(int((known >= np.float32(each)).sum()) - posts))
    return max(nearest, settings.custom_topic_from)


def check_has_space(config: ModelConfig, name: str) -> None:
    """Check that a model embeds texts and images in a shared space.

    Args:
        config: Its configuration.
        name: Its name for the message.

    Raises:
        BundleError: It has no shared space.
    """
    if config.space is None:
        raise BundleError(
            f"The model {name}",
            "has no shared space of texts and images, which custom topics need",
            "Use another model.",
        )


def _freeze(topics: Sequence[CustomTopic], similarity: Vectors, settings: Settings) -> CustomTopics:
    similarity.setflags(write=False)
    return CustomTopics(tuple(topics), similarity, settings)
