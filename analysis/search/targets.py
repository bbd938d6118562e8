"""What posts are compared with: a text, an image, or posts that are similar or not similar to what is sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis import query
from analysis.query import Filters
from analysis.search.index import open_index
from analysis.search.vectors import Vectors, embed_image, embed_names
from analysis.settings import Settings
from analysis.workspace import Batch

if TYPE_CHECKING:
    from PIL import Image

    from analysis.model.bundle import Bundle

Example = tuple[Batch, str]
"""A batch, and the id of one of its posts."""


@dataclass(frozen=True, eq=False)
class Target:
    """What posts are compared with.

    Attributes:
        vectors: (vectors, dim), of length 1; the similarity of a post is the highest with any of them. None of them
            if the examples have no embeddings.
        bundle: Id of the model that embedded them.
        excluded: Batch ids and positions of posts that are not ranked: the examples.
    """

    vectors: Vectors
    bundle: str | None
    excluded: frozenset[tuple[str, int]] = frozenset()


def make_text_target(bundle: Bundle, text: str) -> Target:
    """Compare posts with the meaning of a text, such as "a dog on the beach".

    Raises:
        BundleError: The bundle has no shared space.
    """
    return Target(embed_names(bundle, [text]), bundle.id)


def make_image_target(bundle: Bundle, image: Image.Image) -> Target:
    """Compare posts with an image (RGB).

    Raises:
        BundleError: The bundle has no shared space.
    """
    return Target(embed_image(bundle, image), bundle.id)


def make_example_target(liked: Sequence[Example], unliked: Sequence[Example] = ()) -> Target:
    """Compare posts with the mean of some posts, minus a part of the mean of others.

    This is Rocchio's method of relevance feedback, without a first query, and with the weights 0.75 and 0.15 of
    Manning et al. (`Settings.unliked_weight` is their quotient), for texts and for images.

    Sources: J. J. Rocchio, "Relevance feedback in information retrieval", in G. Salton (ed.), The SMART Retrieval
    System, 1971; C. D. Manning, P. Raghavan, H. Schütze, Introduction to Information Retrieval, 2008, section 9.1.

    Args:
        liked: Posts of the kind that is sought; at least one, all scored with the same model.
        unliked: Posts of another kind. They only count for modalities that a liked post has.

    Raises:
        ScoringError: A batch has no embeddings.
    """
    of_liked, of_unliked = _read_vectors(liked), _read_vectors(unliked)
    batch = liked[0][0]
    vectors = [
        weigh_examples(found, of_unliked.vectors.get(modality, ()), batch.settings)
        for modality, found in of_liked.vectors.items()
    ]
    matrix = np.array(vectors, dtype=np.float32)
    return Target(matrix, batch.manifest.bundle, frozenset(of_liked.places + of_unliked.places))


def weigh_examples(
    liked: Sequence[Vectors], unliked: Sequence[Vectors], settings: Settings, name: Vectors | None = None
) -> Vectors:
    """Combine the vectors of examples, and of what is sought in words if that is known, by Rocchio's method.

    Args:
        liked: (liked, dim): of the kind that is sought; may be empty if there is a name.
        unliked: (unliked, dim): of another kind; may be empty.
        settings: Contains the weights relative to `liked`.
        name: (dim,): of what is sought; None if there are only examples.

    Returns:
        (dim,), of length 1.
    """
    vector = 0.0 if name is None else settings.name_weight * name
    if len(liked):
        vector = vector + np.mean(liked, axis=0)
    if len(unliked):
        vector = vector - settings.unliked_weight * np.mean(unliked, axis=0)
    length = max(float(np.linalg.norm(vector)), 1e-6)
    return np.asarray(vector / length, dtype=np.float32)


@dataclass(frozen=True)
class _Examples:
    """The vectors of posts by modality, and their batch ids and positions."""

    vectors: dict[str, list[Vectors]]
    places: list[tuple[str, int]]


def _read_vectors(examples: Sequence[Example]) -> _Examples:
    found = _Examples({}, [])
    batches = {batch.id: batch for batch, _ in examples}
    for batch in batches.values():
        index = open_index(batch)
        ids = [post_id for of_batch, post_id in examples if of_batch.id == batch.id]
        for position in query.find_positions(batch, Filters(post_ids=ids)).tolist():
            found.places.append((batch.id, position))
            for modality, vector in index.vectors_of(position).items():
                found.vectors.setdefault(modality, []).append(vector)
    return found
