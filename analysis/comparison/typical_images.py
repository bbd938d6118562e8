"""Images that are typical of a segment: those of its posts that differ most from the images of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.query.segments import Members, list_members
from analysis.search.vectors import read_embedding_vectors
from analysis.workspace import Batch

_NEAR_COPY = 0.95
"""Cosine similarity above which two images show nearly the same, and only one is chosen."""
_CANDIDATES = 1_000
"""Most typical images of a segment among which different ones are chosen."""


@dataclass(frozen=True)
class TypicalImages:
    """Posts with typical images.

    Attributes:
        posts: For each segment the batches and positions of its posts, the most typical first; none for a segment
            without images, or if there are no images outside it.
        compared: Posts with images that were compared.
        is_sample: Whether only a part of the posts was read.
    """

    posts: list[list[tuple[str, int]]]
    compared: int
    is_sample: bool


def find_typical_images(members: Members, most: int, limit: int) -> TypicalImages | None:
    """Find the images that are typical of each segment, compared with those of posts that are only in the others.

    An image is the more typical, the further its embedding lies in the direction from the mean of the others to the
    mean of the segment (the nearest-mean classifier). Of images that are nearly the same, one is chosen.

    Args:
        members: The posts.
        most: Posts of each segment.
        limit: Posts whose embeddings are read; of larger batches those parts that have the largest shares of the
            segments.

    Returns:
        The posts; None if a batch has no embeddings, or if the batches were scored with different models.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    batches = {each.batch.id: each.batch for each in members.segments}
    chosen = {name: _choose_parts(members, each, limit // len(batches)) for name, each in batches.items()}
    if len({each.manifest.bundle for each in batches.values()}) > 1 or not all(chosen.values()):
        return None
    places, vectors, combinations = list[tuple[str, int]](), list[NDArray[np.float32]](), list[int]()
    for name, batch in batches.items():
        table = members.tables[name]
        every = np.zeros(batch.manifest.n_posts, np.uint8)
        every[table["position"].to_numpy()] = table["members"].to_numpy()
        for start, by_modality in read_embedding_vectors(batch, chosen[name], "image"):
            for of_images in (each for each in by_modality if each.size):
                of_part = every[start : start + len(of_images)]
                rows = np.flatnonzero((of_part > 0) & ~np.isnan(of_images).any(axis=1))
                places += [(name, start + row) for row in rows.tolist()]
                vectors.append(of_images[rows])
                combinations += of_part[rows].tolist()
    has = list_members(np.array(combinations, np.uint8), len(members.segments))  # (posts, segments)
    typical = [choose_typical(np.concatenate(vectors), each, most) if places else [] for each in has.T]
    is_sample = any(
        len(chosen[name]) < len(each.written_parts("embeddings")) for name, each in batches.items()
    )
    return TypicalImages([[places[row] for row in rows] for rows in typical], len(places), is_sample)


def choose_typical(vectors: NDArray[np.float32], is_inside: NDArray[np.bool_], most: int) -> list[int]:
    """Choose the vectors that are most typical of some, compared with the others.

    Args:
        vectors: (posts, dim), of length 1.
        is_inside: Which are to be described: (posts,).
        most: The most to choose.

    Returns:
        Rows of `vectors`, the most typical first; none without any inside or outside.
    """
    if not is_inside.any() or is_inside.all():
        return []
    direction = vectors[is_inside].mean(axis=0) - vectors[~is_inside].mean(axis=0)
    scores = vectors @ direction
    chosen: list[int] = []
    inside = np.flatnonzero(is_inside)
    for row in inside[np.argsort(-scores[inside], kind="stable")][:_CANDIDATES]:
        if not (vectors[chosen] @ vectors[row] > _NEAR_COPY).any():
            chosen.append(int(row))
        if len(chosen) == most:
            break
    return chosen


def _choose_parts(members: Members, batch: Batch, limit: int) -> Sequence[int]:
    """Choose parts with embeddings, in order: all, or those that have the largest shares of the segments."""
    written = list(batch.written_parts("embeddings"))
    most = max(limit // batch.part_posts, 1)
    if len(written) <= most:
        return written
    table = members.tables[batch.id]
    has = list_members(table["members"].to_numpy(), len(members.segments))
    value = (has / np.maximum(has.sum(axis=0), 1)).sum(axis=1)
    parts = table["position"].to_numpy() // batch.part_posts
    by_part = np.bincount(parts, weights=value, minlength=batch.n_parts)
    return sorted(sorted(written, key=lambda part: -by_part[part])[:most])
