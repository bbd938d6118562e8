"""Columns of the analyst's custom topics: their names on each post, and the similarity to each of them.

A post can have several topics, so they share one filter (`TOPIC_FILTER`) and one text column (`TOPIC_COLUMN`).
`analysis.search` computes the similarities; batches carry them while they are open (`Batch.custom_topics`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from analysis.columns.column import Column, Preset, View
from analysis.columns.filter_kinds import OneOf
from analysis.custom_topics import NO_TOPIC, CustomTopic
from analysis.settings import Settings

TOPIC_FILTER = "own_topic"
"""Name of the filter, whose options are the topics and `NO_TOPIC`."""
TOPIC_COLUMN = "own_topics"
"""Name of the column with the names of a post's topics."""
SIMILARITY = "similarity: "
"""Prefix of the names of the columns with the similarity to one topic."""
TOPIC_SEPARATOR = "; "
"""Joins the topics of a post in `TOPIC_COLUMN`."""


def topic_columns(topics: Sequence[CustomTopic], settings: Settings) -> Iterator[Column]:
    """Yield the columns of custom topics; none without topics.

    Args:
        topics: The topics.
        settings: The similarity from which a post has a topic without a threshold of its own.
    """
    if not topics:
        return
    thresholds = {f"{topic.least_similarity(settings):g}" for topic in topics}
    least = (
        f"is {thresholds.pop()} or more" if len(thresholds) == 1 else "reaches the threshold of that topic"
    )
    rule = f"a post has every topic whose similarity {least}"
    yield Column(
        TOPIC_COLUMN,
        "custom topics",
        "topics",
        pa.string(),
        label="Custom topics",
        meaning=f"Names of your own topics, joined by semicolons: {rule}. “{NO_TOPIC}” if there is no such topic; "
        "empty for a post not scored yet.",
        filter=OneOf(
            name=TOPIC_FILTER,
            label="Custom topic",
            options=(*(topic.name for topic in topics), NO_TOPIC),
            help=f"Your own topics, from the page Custom topics: {rule}. A post can have several.",
            is_long=True,
            place=21,
        ),
        export=Preset.BASIC,
        view=View(width=130, place=13, help=f"Your own topics: {rule}."),
    )
    for topic in topics:
        yield Column(
            SIMILARITY + topic.name,
            "custom topics",
            "topics",
            pa.float64(),
            label=f"Similarity: {topic.name}",
            meaning="Cosine similarity of the post to this custom topic: the higher of its text and its images. It "
            f"has the topic from {topic.least_similarity(settings):g} on. Empty for a post not scored yet.",
            unit="-1 to 1",
            export=Preset.BASIC,
        )


def column_of_topic_filter(name: str) -> Column | None:
    """Return the column of the filter by custom topic, without its options; None for other filters."""
    if name != TOPIC_FILTER:
        return None
    kind = OneOf(name=name, label="Custom topic", is_long=True)
    return Column(TOPIC_COLUMN, "custom topics", "topics", pa.string(), filter=kind)
