"""Vectors in the shared space: reads the vectors of a batch, embeds new texts, and computes similarities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analysis.errors import ScoringError
from analysis.search.phrases import choose_phrase_branches, embed_by_branch, find_common_part
from analysis.workspace import Batch

if TYPE_CHECKING:
    from PIL import Image

    from analysis.model.bundle import Bundle

Vectors = NDArray[np.float32]

_SUFFIX = "_embedding"


def check_model(batch: Batch, bundle_id: str | None) -> None:
    """Check that a batch was scored with a model.

    Raises:
        ScoringError: It was scored with another one.
    """
    if batch.manifest.bundle != bundle_id:
        raise ScoringError(
            f"Batch {batch.manifest.name!r}",
            f"was scored with another model ({batch.manifest.bundle}), not with {bundle_id}",
            "Score it again.",
        )


def embed_names(bundle: Bundle, texts: Sequence[str]) -> Vectors:
    """Embed texts that posts are compared with, such as names of topics: (texts, dim), each of length 1.

    `analysis.search.phrases` says how this differs from embedding posts.

    Raises:
        BundleError: The bundle has no shared space.
    """
    branches = choose_phrase_branches(bundle.config.encoders["text"], bundle.tokenizers, texts)
    found: dict[int, Vectors] = {}
    for branch in dict.fromkeys(branches):
        rows = [row for row, used in enumerate(branches) if used == branch]
        vectors = embed_by_branch(bundle, [texts[row] for row in rows], branch)
        common = find_common_part(bundle, branch)
        vectors -= np.outer(vectors @ common, common)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        found.update(zip(rows, vectors, strict=True))
    return np.stack([found[row] for row in range(len(texts))])


def embed_image(bundle: Bundle, image: Image.Image) -> Vectors:
    """Embed an image: (1, dim), of length 1.

    Raises:
        BundleError: The bundle has no shared space.
    """
    import torch

    from analysis.model.encoding import encode_images

    with bundle.lock, torch.inference_mode():
        encoded = encode_images(bundle, ["image"], lambda _: image)["image"].vector
        vectors: Vectors = bundle.model.embed("image", encoded[None]).numpy()
    return vectors


def read_embedding_vectors(
    batch: Batch, parts: Sequence[int] | None = None, modality: str | None = None
) -> Iterator[tuple[int, list[Vectors]]]:
    """Read a batch's stored vectors, part by part.

    Args:
        batch: The batch.
        parts: Indexes of the parts to read; None for all.
        modality: Such as "image"; None for all.

    Yields:
        The position of a part's first post in the batch, and the vectors of its posts by modality, (posts, dim) each;
        NaN where a post lacks the modality.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    for start, table in read_embedding_parts(batch, parts):
        columns = list_vector_columns(table)
        yield start, to_matrices([column for name, column in columns if modality in (None, name)])


def read_embedding_parts(batch: Batch, parts: Sequence[int] | None = None) -> Iterator[tuple[int, pa.Table]]:
    """Read a batch's stored embeddings, part by part, each with the position of its first post in the batch.

    Args:
        batch: The batch.
        parts: Indexes of the parts to read; None for all.

    Raises:
        ScoringError: The batch has no embeddings.
    """
    empty = True
    for index, table in batch.read_parts("embeddings", parts):
        empty = False
        yield batch.part_rows(index).start, table
    if empty:
        raise ScoringError(
            f"Batch {batch.manifest.name!r}",
            "has no embeddings: it was scored with a model, or a version of PostLens, without embeddings",
            "Score it again.",
        )


def list_vector_columns(table: pa.Table) -> list[tuple[str, pa.Array]]:
    """List the modalities of a part of embeddings with their vectors, null where a post lacks the modality."""
    names = [name for name in table.column_names if name.endswith(_SUFFIX)]
    return [(name.removesuffix(_SUFFIX), table[name].combine_chunks()) for name in names]


def flatten_vectors(column: pa.Array) -> NDArray[np.floating]:
    """Return the vectors of a column without nulls: (vectors, dim)."""
    values = column.flatten().to_numpy(zero_copy_only=False)
    return (
        values.reshape(max(len(column) - column.null_count, 0), -1) if len(values) else values.reshape(0, 0)
    )


def parse_vectors(embeddings: pd.DataFrame) -> list[Vectors]:
    """Return the vectors of a table of embeddings in memory: (posts, dim) by modality, NaN where a post lacks it."""
    columns = [
        pa.array(embeddings[name], pa.list_(pa.float32()))
        for name in embeddings.columns
        if name.endswith(_SUFFIX)
    ]
    return to_matrices(columns)


def cosine_similarity(modalities: Sequence[Vectors], queries: Vectors) -> Vectors:
    """Compare posts with queries.

    Args:
        modalities: (posts, dim) by modality, of length 1 or NaN.
        queries: (queries, dim), of length 1.

    Returns:
        (posts, queries), -1..1: the highest similarity of each post's modalities.
    """
    with np.errstate(invalid="ignore"):  # fmax ignores NaN, where a post lacks a modality
        by_modality = np.stack(
            [vectors @ queries.T for vectors in modalities]
        )  # (modalities, posts, queries)
        return np.fmax.reduce(by_modality)


def to_matrices(columns: Sequence[pa.Array]) -> list[Vectors]:
    """Convert lists of equal lengths, null where a post lacks the modality."""
    present = [flatten_vectors(column) for column in columns]
    dim = max((vectors.shape[1] for vectors in present), default=0)
    found = []
    for column, vectors in zip(columns, present, strict=True):
        matrix = np.full((len(column), dim), np.nan, dtype=np.float32)
        if len(vectors):
            matrix[column.is_valid().to_numpy(zero_copy_only=False)] = vectors
        found.append(matrix)
    return found
