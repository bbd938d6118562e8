"""Keys of cached results: what the posts that match some filters depend on."""

from __future__ import annotations

from analysis.columns.reviews import REVIEW_FILTERS
from analysis.columns.themes import THEME_FILTER
from analysis.query import Filters
from analysis.workspace import Batch


def make_cache_key(batch: Batch, filters: Filters) -> tuple[object, ...]:
    """Return everything that the matching posts and their scores depend on.

    Args:
        batch: The batch, in a time zone, with its custom topics.
        filters: Which posts match; labels of people and themes count only if these filter by them.
    """
    topics = batch.custom_topics.key if batch.custom_topics else ""
    has_labels = any(filters.get(name) for name in REVIEW_FILTERS)
    themes = batch.themes if filters.get(THEME_FILTER) else None
    return (
        *(batch.id, batch.manifest.salt, batch.manifest.bundle, batch.scored(), batch.timezone, topics),
        *(repr(filters), repr(batch.labels.given) if has_labels else ""),
        (themes.names, themes.terms, themes.seed, themes.fitted) if themes else (),
    )
