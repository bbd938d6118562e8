"""The vectors of a batch in memory, in half precision, and how similar they are to others: exact, without an index.

A million posts with text and image take 1.5 GB. The vectors of the batches used last are kept, up to
`Settings.cached_vector_bytes`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.search.vectors import Vectors, flatten_vectors, list_vector_columns, read_embedding_parts
from analysis.workspace import Batch
from analysis.workspace.digests import get_file_state

Positions = NDArray[np.int64]
Half = NDArray[np.float16]

_THREADS = min(4, os.cpu_count() or 1)
_CHUNK = (
    512  # vectors that are converted to single precision at once, so that they stay in the processor's cache
)
_cached: dict[str, tuple[tuple[object, ...], VectorIndex]] = {}  # state of the files, and vectors, by folder
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class VectorIndex:
    """The vectors of a batch.

    Attributes:
        n_posts: Number of posts of the batch.
        modalities: By name, the positions of the posts that have it, ascending, and their vectors: (vectors, dim).
    """

    n_posts: int
    modalities: Mapping[str, tuple[Positions, Half]]

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return sum(rows.nbytes + vectors.nbytes for rows, vectors in self.modalities.values())

    def vectors_of(self, position: int) -> dict[str, Vectors]:
        """Return the vectors of one post, (dim,), by modality."""
        found = {}
        for name, (rows, vectors) in self.modalities.items():
            place = int(np.searchsorted(rows, position))
            if place < len(rows) and rows[place] == position:
                found[name] = vectors[place].astype(np.float32)
        return found

    def compare(self, queries: Vectors, wanted: Positions | None = None) -> tuple[Vectors, NDArray[np.int8]]:
        """Compare posts with vectors.

        Args:
            queries: (queries, dim), of length 1.
            wanted: Positions of the posts; None for all.

        Returns:
            By position, the highest cosine similarity of a post's modalities with any of the queries, NaN for a post
            that has none or is not wanted; and the number of this modality.
        """
        best = np.full(self.n_posts, np.nan, dtype=np.float32)
        which = np.zeros(self.n_posts, dtype=np.int8)
        is_wanted = np.zeros(self.n_posts, dtype=bool)
        is_wanted[slice(None) if wanted is None else wanted] = True
        for number, (rows, vectors) in enumerate(self.modalities.values()):
            chosen = np.flatnonzero(is_wanted[rows])
            positions = rows[chosen]
            similarity = _multiply(vectors, queries, None if len(chosen) == len(rows) else chosen)
            is_higher = ~(best[positions] >= similarity)  # also where there is none yet
            best[positions[is_higher]] = similarity[is_higher]
            which[positions[is_higher]] = number
        return best, which


def open_index(batch: Batch) -> VectorIndex:
    """Return the vectors of a batch; they are read again if their files have changed.

    Raises:
        ScoringError: The batch has no embeddings.
        WorkspaceError: A file is damaged or was removed.
    """
    key = str(batch.folder)
    with _lock:
        paths = batch.written_parts("embeddings").values()
        try:
            state = (batch.manifest.salt, *((path.name, get_file_state(path)) for path in paths))
        except OSError as error:  # the batch was deleted a moment ago
            raise batch.changed_error() from error
        cached = _cached.pop(key, None)
        if cached is None or cached[0] != state:
            cached = (state, _read_index(batch))
        _cached[key] = cached  # the most recent is last
        while len(_cached) > 1 and _size() > batch.settings.cached_vector_bytes:
            del _cached[next(iter(_cached))]
        return cached[1]


def _size() -> int:
    return sum(index.nbytes for _, index in _cached.values())


def _read_index(batch: Batch) -> VectorIndex:
    rows: dict[str, list[Positions]] = {}
    matrices: dict[str, Half] = {}
    for start, table in read_embedding_parts(batch):
        for name, column in list_vector_columns(table):
            vectors = flatten_vectors(column)
            if len(vectors) == 0:
                continue
            if name not in matrices:  # memory that is not written to does not count
                matrices[name] = np.empty((batch.manifest.n_posts, vectors.shape[1]), dtype=np.float16)
            filled = sum(map(len, rows.setdefault(name, [])))
            matrices[name][filled : filled + len(vectors)] = vectors
            rows[name].append(np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)) + start)
    positions = {name: np.concatenate(parts) for name, parts in rows.items()}
    modalities = {name: (of_name, matrices[name][: len(of_name)]) for name, of_name in positions.items()}
    return VectorIndex(batch.manifest.n_posts, modalities)


def _multiply(vectors: Half, queries: Vectors, places: Positions | None) -> Vectors:
    """Return the highest product of each vector, or of those at some places, with any of the queries.

    Own threads are far faster than those of PyTorch, which wait for each other after every chunk.
    """
    import torch  # converts half precision ten times as fast as NumPy

    matrix, rows = torch.from_numpy(vectors), torch.from_numpy(np.ascontiguousarray(queries, np.float32))
    chosen = None if places is None else torch.from_numpy(places)
    n = len(vectors) if places is None else len(places)
    products = torch.empty(len(rows), n)

    def multiply_range(first: int, last: int) -> None:
        buffer = torch.empty(
            _CHUNK, vectors.shape[1]
        )  # new memory for each chunk would take most of the time
        for start in range(first, last, _CHUNK):
            part = slice(start, min(start + _CHUNK, last))
            chunk = matrix[part] if chosen is None else matrix[chosen[part]]
            converted = buffer[: len(chunk)].copy_(chunk)
            for number, row in enumerate(rows):
                torch.mv(converted, row, out=products[number, part])

    # Each thread gets whole chunks, so that results do not depend on the number of threads, down to the last bit.
    chunks = -(-n // _CHUNK)
    ends = np.minimum(np.linspace(0, chunks, _THREADS + 1).astype(int) * _CHUNK, n).tolist()
    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(multiply_range, ends[:-1], ends[1:]))
    best: Vectors = products.amax(0).numpy()
    return best
