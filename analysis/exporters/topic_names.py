"""Names of custom topics in reports with pseudonyms: each is replaced in the same way for all posts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from analysis.columns.custom_topics import TOPIC_SEPARATOR
from analysis.exporters.pseudonyms import Pseudonyms

NO_TOPICS: Mapping[str, str] = MappingProxyType({})
"""No topics have a given replacement."""


def replace_topic(topic: str, names: Pseudonyms, topics: Mapping[str, str]) -> str:
    """Return what a topic is called in a report.

    Args:
        topic: Its name.
        names: Replaces names of people in it.
        topics: Given replacements of topics, which come first (`headings.Headings.hide_topics`).
    """
    return topics[topic] if topic in topics else names.text(topic)


def replace_topics(value: str, names: Pseudonyms, topics: Mapping[str, str]) -> str:
    """Replace each topic of a post; see `replace_topic`.

    Args:
        value: The topics, joined by `TOPIC_SEPARATOR`.
        names: See `replace_topic`.
        topics: See `replace_topic`.
    """
    return TOPIC_SEPARATOR.join(replace_topic(topic, names, topics) for topic in value.split(TOPIC_SEPARATOR))
