"""Columns of the analyst's custom topics: their names on each post, and the similarity to each of them.

A post can have several topics, so they share one filter (`TOPIC_FILTER`) and one text column (`TOPIC_COLUMN`).
`analysis.search` computes the similarities; batches carry them while they are open (`Batch.custom_topics`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from analysis.columns.column import Column, Preset, View
from analysis.columns.filter_kinds import OneOf
from analysis.settings import Settings
from analysis.wording import BIDI_CONTROLS, replace_surrogates

TOPIC_FILTER = "own_topic"
"""Name of the filter, whose options are the topics and `NO_TOPIC`."""
TOPIC_COLUMN = "own_topics"
"""Name of the column with the names of a post's topics."""
NO_TOPIC = "none of these"
"""The value of a post that is not similar enough to any of the names."""
SIMILARITY = "similarity: "
"""Prefix of the names of the columns with the similarity to one topic."""
TOPIC_SEPARATOR = "; "
"""Joins the topics of a post in `TOPIC_COLUMN`."""
_BETWEEN_NAMES, _BETWEEN_LINES = re.compile(r"[,;\n]"), re.compile(r"[;\n]")


def parse_topic_names(text: str, by_line: bool = False) -> list[str]:
    """Read the names of custom topics from a text.

    Args:
        text: Untrusted, such as "delivery, prices".
        by_line: Whether there is one name a line, which may contain commas; otherwise commas separate names too.

    Returns:
        The names on one line each, without repetition, control characters and the reserved name `NO_TOPIC`.
    """
    names = (_BETWEEN_LINES if by_line else _BETWEEN_NAMES).split(text.replace("\r", "\n"))
    return clean_topic_names(names)


def clean_topic_names(names: Iterable[str]) -> list[str]:
    """Write names on one line each, without repetition, control characters and the reserved name `NO_TOPIC`."""
    cleaned: dict[str, str] = {}
    for name in names:
        valid = BIDI_CONTROLS.sub("", replace_surrogates(name))
        line = " ".join("".join(char if char.isprintable() else " " for char in valid).split())
        if line and line.casefold() != NO_TOPIC:
            cleaned.setdefault(line.casefold(), line)
    return list(cleaned.values())


def topic_columns(names: Sequence[str], settings: Settings) -> Iterator[Column]:
    """Yield the columns of custom topics; none without names.

    Args:
        names: The topics.
        settings: The similarity from which a post has a topic.
    """
    if not names:
        return
    rule = f"a post has every topic whose similarity is {settings.custom_topic_from:g} or more"
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
            options=(*names, NO_TOPIC),
            help=f"Topics that you named on the Overview page: {rule}. A post can have several.",
            is_long=True,
            place=21,
        ),
        export=Preset.BASIC,
        view=View(width=130, place=13, help=f"Your own topics: {rule}."),
    )
    for name in names:
        yield Column(
            SIMILARITY + name,
            "custom topics",
            "topics",
            pa.float64(),
            label=f"Similarity: {name}",
            meaning="Cosine similarity of the post to this custom topic: the higher of its text and its images. It "
            f"has the topic from {settings.custom_topic_from:g} on. Empty for a post not scored yet.",
            unit="-1 to 1",
            export=Preset.BASIC,
        )


def column_of_topic_filter(name: str) -> Column | None:
    """Return the column of the filter by custom topic, without its options; None for other filters."""
    if name != TOPIC_FILTER:
        return None
    kind = OneOf(name=name, label="Custom topic", is_long=True)
    return Column(TOPIC_COLUMN, "custom topics", "topics", pa.string(), filter=kind)
