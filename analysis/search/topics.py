"""Custom topics: compares each post with the names of the analyst's topics in meaning ("zero-shot")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from analysis.columns.custom_topics import clean_topic_names
from analysis.errors import BundleError, ScoringError
from analysis.search.vectors import (
    Vectors,
    cosine_similarity,
    embed_names,
    embed_texts,
    read_embedding_vectors,
)
from analysis.settings import Settings
from analysis.workspace import Batch, CustomTopics

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle
    from analysis.model.config import ModelConfig


def find_custom_topics(batch: Batch, bundle: Bundle, names: Sequence[str]) -> CustomTopics:
    """Compare every post of a batch with the analyst's custom topics, without any training.

    Takes 4 bytes per post and name; vectors are read part by part.

    Args:
        batch: A batch scored with this bundle; its settings have the minimum similarity, `custom_topic_from`.
        bundle: The model.
        names: The topics, such as ("delivery", "prices").

    Returns:
        The topics, for `Batch.with_custom_topics`.

    Raises:
        ScoringError: The batch has no embeddings or those of another model, or the names are not valid.
        BundleError: The bundle has no shared space.
    """
    checked = check_topic_names(names, batch.settings)
    queries = embed_texts(batch, bundle, checked)  # (names, dim)
    return _compare(read_embedding_vectors(batch), queries, checked, batch.manifest.n_posts, batch.settings)


def compare_with_topics(
    modalities: Sequence[Vectors], bundle: Bundle, names: Sequence[str], settings: Settings
) -> CustomTopics:
    """Compare posts in memory with custom topics, as `find_custom_topics` does.

    Args:
        modalities: (posts, dim) by modality, of length 1 or NaN.
        bundle: The model that embedded them.
        names: The topics.
        settings: Contains the minimum similarity.

    Raises:
        ScoringError: The names are not valid.
        BundleError: The bundle has no shared space.
    """
    checked = check_topic_names(names, settings)
    return _compare([(0, modalities)], embed_names(bundle, checked), checked, len(modalities[0]), settings)


def check_topic_names(names: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Clean the names of custom topics.

    Args:
        names: Untrusted.
        settings: Contains the limits.

    Raises:
        ScoringError: There is no name, there are too many, or one is too long or has a semicolon.
    """
    cleaned = clean_topic_names(names)
    if not cleaned:
        raise ScoringError("Custom topics", "have no name", "Name at least one topic.")
    if len(cleaned) > settings.max_custom_topics:
        raise ScoringError(
            "Custom topics",
            f"are {len(cleaned):,}; the limit is {settings.max_custom_topics}",
            "Name fewer topics.",
        )
    for name in cleaned:
        if len(name) > settings.max_name_chars:
            raise ScoringError(
                f"The topic “{name[:40]}…”",
                f"has {len(name):,} characters; the limit is {settings.max_name_chars}",
                "Shorten its name.",
            )
        if ";" in name:
            raise ScoringError(
                f"The topic “{name}”",
                "has a semicolon, which separates the topics of a post in reports",
                "Rename it.",
            )
    return tuple(cleaned)


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


def _compare(
    parts: Iterable[tuple[int, Sequence[Vectors]]],
    queries: Vectors,
    names: tuple[str, ...],
    n_posts: int,
    settings: Settings,
) -> CustomTopics:
    similarity = np.full((len(names), n_posts), np.nan, dtype=np.float32)
    for start, modalities in parts:
        found = cosine_similarity(modalities, queries)  # (posts, names)
        similarity[:, start : start + len(found)] = found.T
    similarity.setflags(write=False)
    return CustomTopics(names, similarity, settings.custom_topic_from)
