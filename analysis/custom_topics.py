"""The analyst's custom topics: a name, a description, examples, and the similarity from which a post has the topic.

`analysis.search` compares posts with them, `analysis.taxonomy` reads and writes files of them, and the workspace
keeps those of the dashboard (`Workspace.topics`).
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ScoringError
from analysis.settings import Settings
from analysis.wording import INVISIBLE, replace_surrogates

NO_TOPIC = "none of these"
"""The value of a post that has none of the topics; no topic can have this name."""
_BETWEEN_NAMES, _BETWEEN_LINES = re.compile(r"[,;\n]"), re.compile(r"[;\n]")
_JOINERS = "\u200c\u200d"
"""The zero-width non-joiner, which Persian words need, and the joiner, which makes one emoji of several."""
_STORED = np.dtype("<f2")
_LENGTHS = (0.98, 1.02)  # of a stored vector: 1, rounded to half precision


@dataclass(frozen=True)
class TopicExample:
    """A post, a text or a picture that belongs to a topic, or does not.

    Attributes:
        text: Its text; "" for a picture alone, or if the text was left out.
        belongs: Whether it belongs to the topic.
        vectors: Its vectors in the shared space, in base64 (`encode_vector`): of its text, its image, or both.
        bundle: Id of the model that embedded it; "" without vectors.
    """

    text: str = ""
    belongs: bool = True
    vectors: tuple[str, ...] = ()
    bundle: str = ""


@dataclass(frozen=True)
class CustomTopic:
    """A topic of the analyst's own.

    Attributes:
        name: Its name, on one line.
        description: What it is about; "" for nothing but the name.
        threshold: Minimum similarity of its posts; None for `Settings.custom_topic_from`.
        examples: What belongs to it, and what does not.
    """

    name: str
    description: str = ""
    threshold: float | None = None
    examples: tuple[TopicExample, ...] = ()

    def least_similarity(self, settings: Settings) -> float:
        """Return the similarity from which a post has the topic."""
        return settings.custom_topic_from if self.threshold is None else self.threshold

    def without_texts(self) -> CustomTopic:
        """Return the topic with the vectors of its examples alone."""
        return replace(self, examples=tuple(replace(each, text="") for each in self.examples))


def encode_vector(vector: NDArray[np.floating]) -> str:
    """Write a vector in base64, in half precision."""
    return base64.b64encode(np.asarray(vector, _STORED).tobytes()).decode("ascii")


def decode_vector(text: str) -> NDArray[np.float32]:
    """Read a vector as `encode_vector` wrote it.

    Raises:
        ValueError: It is not a vector of length 1.
    """
    try:
        vector = np.frombuffer(base64.b64decode(text, validate=True), _STORED).astype(np.float32)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64 of numbers in half precision") from error
    low, high = _LENGTHS
    if not low <= float(np.linalg.norm(vector)) <= high:  # also where a number is NaN
        raise ValueError("does not have the length 1")
    return vector


def parse_topic_names(text: str, by_line: bool = False) -> list[str]:
    """Read the names of custom topics from a text.

    Args:
        text: Untrusted, such as "delivery, prices".
        by_line: Whether there is one name a line, which may contain commas; otherwise commas separate names too.

    Returns:
        The names, cleaned (`clean_topics`).
    """
    names = (_BETWEEN_LINES if by_line else _BETWEEN_NAMES).split(text.replace("\r", "\n"))
    return [topic.name for topic in clean_topics(names)]


def clean_topics(topics: Iterable[CustomTopic | str]) -> list[CustomTopic]:
    """Clean topics: names and descriptions on one line each, no hidden characters, no name twice or reserved.

    Args:
        topics: Topics, or names of topics that have nothing else.
    """
    cleaned: dict[str, CustomTopic] = {}
    for each in topics:
        topic = _clean_topic(CustomTopic(each) if isinstance(each, str) else each)
        key = fold_name(topic.name)
        if topic.name and key != NO_TOPIC:
            cleaned.setdefault(key, topic)
    return list(cleaned.values())


def fold_name(name: str) -> str:
    """Return what identifies a topic: its name without differences of case, composition and hidden characters."""
    folded = unicodedata.normalize("NFD", INVISIBLE.sub("", name)).casefold()
    return unicodedata.normalize("NFD", folded)


def clean_text(text: str) -> str:
    """Remove control characters and hidden ones from each line of a text, and compose its letters (NFC).

    Zero-width joiners stay between two letters or emoji.
    """
    return "\n".join(filter(None, map(_clean_line, text.splitlines())))


def check_topics(topics: Sequence[CustomTopic | str], settings: Settings) -> tuple[CustomTopic, ...]:
    """Clean and check the custom topics of a batch.

    Args:
        topics: Untrusted; see `clean_topics`.
        settings: Contains the limits.

    Raises:
        ScoringError: There is no topic, there are too many, or one is not valid (`check_topic`).
    """
    cleaned = clean_topics(topics)
    if not cleaned:
        raise ScoringError("A topic", "needs a name", f"Enter a name other than “{NO_TOPIC}”.")
    if len(cleaned) > settings.max_custom_topics:
        raise ScoringError(
            "Custom topics",
            f"are {len(cleaned):,}; the limit is {settings.max_custom_topics}",
            "Name fewer topics.",
        )
    for topic in cleaned:
        check_topic(topic, settings)
    return tuple(cleaned)


def check_topic(topic: CustomTopic, settings: Settings) -> None:
    """Check one topic.

    Args:
        topic: Untrusted, with a clean name.
        settings: Contains the limits.

    Raises:
        ScoringError: Its name or description is too long, its name has a semicolon, its threshold is out of
            range, or its examples are too many or not valid.
    """
    thing = f"The topic “{topic.name}”"
    if len(topic.name) > settings.max_name_chars:
        raise ScoringError(
            f"The topic “{topic.name[:40]}…”",
            f"has {len(topic.name):,} characters; the limit is {settings.max_name_chars}",
            "Shorten its name.",
        )
    if ";" in topic.name:
        raise ScoringError(
            thing, "has a semicolon, which separates the topics of a post in reports", "Rename it."
        )
    if len(topic.description) > settings.max_topic_description_chars:
        raise ScoringError(
            thing,
            f"has a description of {len(topic.description):,} characters; the limit is "
            f"{settings.max_topic_description_chars:,}",
            "Shorten its description.",
        )
    if topic.threshold is not None and not -1 <= topic.threshold <= 1:
        raise ScoringError(thing, f"has the threshold {topic.threshold:g}", "Choose one from −1 to 1.")
    if len(topic.examples) > settings.max_topic_examples:
        raise ScoringError(
            thing,
            f"has {len(topic.examples):,} examples; the limit is {settings.max_topic_examples}",
            "Remove some examples.",
        )
    for number, example in enumerate(topic.examples, start=1):
        if problem := _find_problem(example, settings):
            raise ScoringError(
                thing, f"has an example, number {number}, that {problem}", "Remove this example."
            )


def _find_problem(example: TopicExample, settings: Settings) -> str:
    """Return what is wrong with an example; "" for nothing."""
    if not example.text.strip() and not example.vectors:
        return "has neither a text nor vectors"
    if len(example.text) > settings.max_example_chars:
        return f"has {len(example.text):,} characters; the limit is {settings.max_example_chars:,}"
    if len(example.vectors) > settings.max_example_vectors:
        return f"has {len(example.vectors)} vectors; the limit is {settings.max_example_vectors}"
    if bool(example.vectors) != bool(example.bundle):
        return "does not have both vectors and the model that they are from"
    for text in example.vectors:
        try:
            decode_vector(text)
        except ValueError as error:
            return f"has a vector that {error}"
    return ""


def _clean_topic(topic: CustomTopic) -> CustomTopic:
    return replace(
        topic,
        name=" ".join(clean_text(topic.name).split()),
        description=" ".join(clean_text(topic.description).split()),
        examples=tuple(replace(each, text=clean_text(each.text)) for each in topic.examples),
    )


def _clean_line(line: str) -> str:
    if not line.isprintable():
        line = INVISIBLE.sub(_keep_joiner, replace_surrogates(line))
        line = "".join(char if char.isprintable() or char in _JOINERS else " " for char in line)
    return unicodedata.normalize("NFC", " ".join(line.split()))


def _keep_joiner(found: re.Match[str]) -> str:
    """Return a joiner if it is between two letters or emoji; nothing for other hidden characters."""
    around = found.string[max(found.start() - 1, 0) : found.end() + 1].replace(found.group(), "")
    is_joiner = found.group() in _JOINERS and len(around) == 2
    return (
        found.group() if is_joiner and all(unicodedata.category(char)[0] in "LMS" for char in around) else ""
    )
