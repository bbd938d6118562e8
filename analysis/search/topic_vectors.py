"""The vector of a custom topic, from its name, its description and its examples; and the threshold they suggest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.custom_topics import CustomTopic, TopicExample, decode_vector, encode_vector
from analysis.errors import ScoringError
from analysis.search.targets import weigh_examples
from analysis.search.vectors import Vectors, embed_names
from analysis.settings import Settings

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle


def compute_topic_vector(bundle: Bundle, topic: CustomTopic, settings: Settings) -> Vectors:
    """Compute the vector that posts are compared with: that of the name and description, moved by the examples.

    All vectors of an example count, of texts and of images alike: they are in one space.

    Args:
        bundle: The model.
        topic: The topic.
        settings: Contains the weights of `weigh_examples`.

    Returns:
        (dim,), of length 1.

    Raises:
        ScoringError: An example has no text, and vectors of another model.
        BundleError: The bundle has no shared space.
    """
    name = _embed_name(bundle, topic)
    return _move_by_examples(name, list_example_vectors(embed_examples(bundle, topic)), settings)


def embed_examples(bundle: Bundle, topic: CustomTopic) -> CustomTopic:
    """Return a topic whose examples all have vectors of a model: texts without any are embedded.

    A post with text and image that another model embedded keeps its text alone.

    Raises:
        ScoringError: An example has no text, and vectors of another model or of another size.
        BundleError: The bundle has no shared space.
    """
    return replace(topic, examples=tuple(_embed_example(bundle, topic, each) for each in topic.examples))


def check_examples(bundle: Bundle, topics: Iterable[CustomTopic]) -> None:
    """Check that the examples of topics can be used with a model, without embedding any.

    Raises:
        ScoringError: An example has no text, and vectors of another model or of another size.
    """
    for topic in topics:
        for example in topic.examples:
            _has_vectors(bundle, topic, example)


def list_example_vectors(topic: CustomTopic) -> list[tuple[bool, Vectors]]:
    """List whether each example belongs to a topic, and its vectors: (vectors, dim)."""
    return [
        (each.belongs, np.stack([decode_vector(text) for text in each.vectors])) for each in topic.examples
    ]


@dataclass(frozen=True)
class Suggestion:
    """A threshold that the examples of a topic suggest.

    Attributes:
        threshold: It separates the examples best: with the highest F1.
        f1: The F1 of the examples at this threshold.
        right: Examples that belong to the topic.
        wrong: Examples that do not.
    """

    threshold: float
    f1: float
    right: int
    wrong: int


def suggest_threshold(bundle: Bundle, topic: CustomTopic, settings: Settings) -> Suggestion | None:
    """Find the threshold that best separates the right examples of a topic from the wrong ones; None with too few.

    Each example is compared with the vector of the topic without it (leave-one-out). The F1 is that of the examples:
    they are not a random sample of posts, so that of all posts may differ.

    Args:
        bundle: The model.
        topic: The topic.
        settings: Contains how many examples are needed (`min_topic_marks`).

    Raises:
        ScoringError, BundleError: See `compute_topic_vector`.
    """
    belongs = np.array([each.belongs for each in topic.examples], dtype=bool)
    right, wrong = int(belongs.sum()), int((~belongs).sum())
    if min(right, wrong) < settings.min_topic_marks:
        return None
    name, examples = _embed_name(bundle, topic), list_example_vectors(embed_examples(bundle, topic))
    similarity = np.empty(len(examples))
    for place, (_, vectors) in enumerate(examples):
        others = [*examples[:place], *examples[place + 1 :]]
        similarity[place] = (vectors @ _move_by_examples(name, others, settings)).max()
    ordered = np.unique(similarity)
    candidates = np.array([ordered[0], *((ordered[1:] + ordered[:-1]) / 2)])
    found = similarity[None] >= candidates[:, None]  # (candidates, examples)
    hits = (found & belongs).sum(1)
    f1 = 2 * hits / (found.sum(1) + right)
    best = int(f1.argmax())
    return Suggestion(float(candidates[best]), float(f1[best]), right, wrong)


def _embed_name(bundle: Bundle, topic: CustomTopic) -> Vectors:
    text = f"{topic.name}: {topic.description}" if topic.description else topic.name
    vector: Vectors = embed_names(bundle, [text])[0]
    return vector


def _move_by_examples(name: Vectors, examples: list[tuple[bool, Vectors]], settings: Settings) -> Vectors:
    """Move the vector of a name towards the mean of examples that belong to its topic, and away from the others."""
    if not examples:
        return name
    liked, unliked = (
        [vector for belongs, vectors in examples if belongs is wanted for vector in vectors]
        for wanted in (True, False)
    )
    return weigh_examples(liked, unliked, settings, name)


def _embed_example(bundle: Bundle, topic: CustomTopic, example: TopicExample) -> TopicExample:
    if _has_vectors(bundle, topic, example):
        return example
    vector = embed_names(bundle, [example.text])[0]
    return replace(example, vectors=(encode_vector(vector),), bundle=bundle.id)


def _has_vectors(bundle: Bundle, topic: CustomTopic, example: TopicExample) -> bool:
    """Return whether an example has vectors of a model; otherwise it has a text.

    Raises:
        ScoringError: It has neither, or the vectors are of another size.
    """
    if example.bundle == bundle.id and example.vectors:
        dims = {len(decode_vector(text)) for text in example.vectors}
        if bundle.config.space and dims != {bundle.config.space.dim}:
            raise ScoringError(
                f"The topic “{topic.name}”",
                f"has an example with vectors of {max(dims)} numbers; those of the model have "
                f"{bundle.config.space.dim}",
                "Remove this example.",
            )
        return True
    if not example.text.strip():
        raise ScoringError(
            f"The topic “{topic.name}”",
            f"has an example without text that was read by the model {example.bundle}, not by {bundle.id}",
            "Remove its pictures and its examples without text, or use that model.",
        )
    return False
