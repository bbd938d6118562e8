"""Finds the posts most similar to a text or to another post, and combines the result with filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import query
from analysis.query import Filters
from analysis.search.vectors import Vectors, cosine_similarity, embed_texts, read_embedding_vectors
from analysis.workspace import Batch

if TYPE_CHECKING:
    from analysis.model.bundle import Bundle


def search_posts(batch: Batch, bundle: Bundle, text: str, limit: int) -> pd.DataFrame:
    """Find the posts whose text or images are most similar in meaning to a text.

    Args:
        batch: A batch scored with this bundle.
        bundle: The model.
        text: Any words, such as "a dog on the beach".
        limit: Maximum number of posts.

    Returns:
        post_id and similarity (-1..1), the most similar first.

    Raises:
        ScoringError: The batch has no embeddings, or those of another model.
        BundleError: The bundle has no shared space.
    """
    return _top_k(batch, embed_texts(batch, bundle, [text])[0], limit)


def find_similar_posts(batch: Batch, post_id: str, limit: int) -> pd.DataFrame:
    """Find the posts most similar to one post, without that post.

    Args:
        batch: A scored batch.
        post_id: The post; its text and its images are compared, and the higher similarity counts.
        limit: Maximum number of posts.

    Returns:
        post_id and similarity (-1..1), the most similar first; no rows for a post without embeddings.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    queries: list[Vectors] = []
    for _, ids, modalities in read_embedding_vectors(batch):
        if post_id in ids:
            row = ids.index(post_id)
            queries = [vectors[row] for vectors in modalities if not np.isnan(vectors[row]).any()]
            break
    if not queries:
        return pd.DataFrame({"post_id": pd.Series(dtype=str), "similarity": pd.Series(dtype=float)})
    found = pd.concat([_top_k(batch, vector, limit + 1) for vector in queries])
    found = found[found["post_id"] != post_id].sort_values("similarity", ascending=False, kind="stable")
    return found.drop_duplicates("post_id").head(limit).reset_index(drop=True)


def keep_found_posts(filters: Filters, found: pd.DataFrame) -> Filters:
    """Restrict filters to found posts.

    Args:
        filters: The filters.
        found: Search results, with a column post_id; may have no rows.
    """
    # An empty list would match every post, so it is replaced by an id that no post has.
    return filters.replace(post_ids=tuple(found["post_id"]) or ("",))


def rank_posts(batch: Batch, filters: Filters, found: pd.DataFrame) -> pd.DataFrame:
    """Read the found posts that match filters, the most similar first.

    Args:
        batch: The batch.
        filters: The filters.
        found: post_id and similarity, as `search_posts` returns them.

    Returns:
        The columns of `query.read_page`, and similarity.
    """
    posts = query.read_page(batch, keep_found_posts(filters, found), limit=len(found))
    posts = posts.merge(found[["post_id", "similarity"]], on="post_id")
    return posts.sort_values("similarity", ascending=False, kind="stable").reset_index(drop=True)


def _top_k(batch: Batch, vector: Vectors, limit: int) -> pd.DataFrame:
    parts = [
        (ids, cosine_similarity(modalities, vector[None])[:, 0])
        for _, ids, modalities in read_embedding_vectors(batch)
    ]
    table = pd.DataFrame(
        {
            "post_id": [post_id for ids, _ in parts for post_id in ids],
            "similarity": np.concatenate([similarity for _, similarity in parts]).astype(float),
        }
    )
    return table.sort_values("similarity", ascending=False, kind="stable").head(limit).reset_index(drop=True)
