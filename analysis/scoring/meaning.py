"""Finding posts by what they mean: near a query, near another post, nearest to one of the analyst's own topics.

All of it is cosine similarity in the space that text and pictures share; a post with both counts by the nearer of
the two. The vectors are the batch's `embeddings` parts, which scoring writes. PyTorch is imported only where a
query has to be encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ScoringError
from analysis.settings import Settings
from analysis.workspace import Batch

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle

Vectors = NDArray[np.float32]

NONE_OF_THESE = "none of these"
"""What `own_topics` says of a post that none of the names comes near enough to."""


def nearest(batch: Batch, bundle: Bundle, query: str, limit: int) -> pd.DataFrame:
    """Find the posts whose text or pictures come nearest to what a query means.

    Args:
        batch: A batch scored with this bundle.
        bundle: The model.
        query: Any words, such as "a dog on the beach".
        limit: Most posts to give.

    Returns:
        post_id and similarity (-1..1), the nearest first.

    Raises:
        ScoringError: The batch has no embeddings, or those of another model.
        BundleError: The bundle has no shared space.
    """
    return _first(batch, _embedded(batch, bundle, [query])[0], limit)


def similar(batch: Batch, post_id: str, limit: int) -> pd.DataFrame:
    """Find the posts that are most like one post, the post itself left out.

    Args:
        batch: A scored batch.
        post_id: The post; its text and its pictures both count, the nearer of them.
        limit: Most posts to give.

    Returns:
        post_id and similarity (-1..1), the nearest first; no rows for a post that is not embedded.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    own: list[Vectors] = []
    for ids, modalities in _parts(batch):
        if post_id in ids:
            place = ids.index(post_id)
            own = [vectors[place] for vectors in modalities if not np.isnan(vectors[place]).any()]
            break
    if not own:
        return pd.DataFrame({"post_id": pd.Series(dtype=str), "similarity": pd.Series(dtype=float)})
    found = pd.concat([_first(batch, vector, limit + 1) for vector in own])
    found = found[found["post_id"] != post_id].sort_values("similarity", ascending=False, kind="stable")
    return found.drop_duplicates("post_id").head(limit).reset_index(drop=True)


def own_topics(
    batch: Batch, bundle: Bundle, names: Sequence[str], settings: Settings | None = None
) -> pd.DataFrame:
    """Give each post the nearest of the analyst's own topics, without any training ("zero-shot").

    Args:
        batch: A batch scored with this bundle.
        bundle: The model.
        names: The topics as the analyst calls them, such as ("delivery", "prices").
        settings: `own_topic_from`.

    Returns:
        post_id, topic (a name, or `NONE_OF_THESE`) and similarity to the nearest name, in the batch's order.

    Raises:
        ScoringError: The batch has no embeddings, those of another model, or no topic is named.
        BundleError: The bundle has no shared space.
    """
    if not names:
        raise ScoringError("Your own topics", "have no name", "Name one topic or more.")
    limit = (settings or Settings()).own_topic_from
    topics = _embedded(batch, bundle, names)  # (names, dim)
    tables = []
    for ids, modalities in _parts(batch):
        likeness = _likeness(modalities, topics)  # (posts, names)
        best, similarity = likeness.argmax(1), likeness.max(1)
        named = [
            names[one] if near >= limit else NONE_OF_THESE for one, near in zip(best, similarity, strict=True)
        ]
        tables.append(pd.DataFrame({"post_id": ids, "topic": named, "similarity": similarity.astype(float)}))
    return pd.concat(tables, ignore_index=True)


def _embedded(batch: Batch, bundle: Bundle, texts: Sequence[str]) -> Vectors:
    """Encode texts as posts' texts are: (texts, dim), each of length 1."""
    if batch.manifest.bundle != bundle.id:
        raise ScoringError(
            f"Batch {batch.manifest.name!r}",
            f"was scored with another model ({batch.manifest.bundle}), not with {bundle.id}",
            "Score it again.",
        )
    import torch

    from analysis.model.encoding import encode_texts

    with bundle.lock, torch.inference_mode():
        vectors: Vectors = bundle.model.embed("text", encode_texts(bundle, texts)).numpy()
    return vectors


def _first(batch: Batch, query: Vectors, limit: int) -> pd.DataFrame:
    parts = [(ids, _likeness(modalities, query[None])[:, 0]) for ids, modalities in _parts(batch)]
    table = pd.DataFrame(
        {
            "post_id": [post_id for ids, _ in parts for post_id in ids],
            "similarity": np.concatenate([likeness for _, likeness in parts]).astype(float),
        }
    )
    return table.sort_values("similarity", ascending=False, kind="stable").head(limit).reset_index(drop=True)


def _likeness(modalities: Sequence[Vectors], queries: Vectors) -> Vectors:
    """Cosine similarity of posts and queries, (posts, queries): the greater of a post's text and its pictures."""
    with np.errstate(invalid="ignore"):  # NaN, where a post lacks a modality, yields to the other
        both = np.stack([vectors @ queries.T for vectors in modalities])  # (modalities, posts, queries)
        return np.fmax.reduce(both)


def _parts(batch: Batch) -> Iterator[tuple[list[str], list[Vectors]]]:
    """Read the ids of each part, and its vectors of text and of pictures, (posts, dim), NaN where absent.

    Raises:
        ScoringError: There are none.
    """
    empty = True
    for table in batch.read_parts("embeddings"):
        empty = False
        columns = [table[f"{modality}_embedding"].combine_chunks() for modality in ("text", "image")]
        dim = max(len(column.flatten()) // max(len(column) - column.null_count, 1) for column in columns)
        yield table["post_id"].to_pylist(), [_matrix(column, dim) for column in columns]
    if empty:
        raise ScoringError(
            f"Batch {batch.manifest.name!r}",
            "has no embeddings: it was scored with a model, or a version of PostLens, that writes none",
            "Score it again.",
        )


def _matrix(column: Any, dim: int) -> Vectors:
    vectors = np.full((len(column), dim), np.nan, dtype=np.float32)
    vectors[column.is_valid().to_numpy(zero_copy_only=False)] = (
        column.flatten().to_numpy(zero_copy_only=False).reshape(-1, dim)
    )
    return vectors
