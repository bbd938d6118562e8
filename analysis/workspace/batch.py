"""One batch on disk: its posts and the parts that scoring writes. `folder` manages the batch as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.columns import stored_columns
from analysis.columns.column import Table
from analysis.errors import WorkspaceError
from analysis.workspace.annotated import AnnotatedBatch
from analysis.workspace.digests import is_known_damaged, matches_digest
from analysis.workspace.files import lock_file_exclusively, remove_folder_atomically, write_parquet
from analysis.workspace.folder import UNREADABLE, table_to_frame
from analysis.workspace.layout import POSTS, SCORING_LOCK, digest_path, part_file, part_files

PART_KINDS = ("scores", "words", "encodings", "copies", "embeddings")
"""Kinds of parts that scoring writes."""
_VECTOR_TYPES = {"encodings": pa.list_(pa.float32()), "embeddings": pa.list_(pa.float16())}
_VECTOR_ENDS = {"encodings": "_encoding", "embeddings": "_embedding"}
"""How the names of columns of vectors end, after the name of the modality."""
_VECTORS: Mapping[str, Mapping[str, pa.DataType]] = {
    "encodings": {
        **dict.fromkeys(("post_id", "text_key", "image_key"), pa.string()),
        **dict.fromkeys(("text_encoding", "image_encoding"), _VECTOR_TYPES["encodings"]),
    },
    "embeddings": {
        "post_id": pa.string(),
        **dict.fromkeys(("text_embedding", "image_embedding"), _VECTOR_TYPES["embeddings"]),
    },
}

_ALWAYS_CHECKED = ("scores", "copies")
"""Kinds of parts that `Batch.scored` checks, because pages read all of them anyway."""

_THREADS = 4


def list_part_columns(kind: str) -> dict[str, pa.DataType]:
    """Return the columns of the parts of one of `PART_KINDS`.

    Scores also have the columns of the bundle's further heads and modalities (`analysis.columns`), encodings and
    embeddings the vectors of its further modalities.
    """
    if kind in _VECTORS:
        return dict(_VECTORS[kind])
    return stored_columns(cast("Table", kind))


class Batch(AnnotatedBatch):
    """One batch on disk; opened by `Workspace.open`."""

    def __repr__(self) -> str:
        return f"Batch({self.id!r}, {self.manifest.n_posts:,} posts)"

    @property
    def part_posts(self) -> int:
        """Posts in one part; the last part may contain fewer."""
        return self.manifest.part_posts

    @property
    def n_parts(self) -> int:
        """Parts that a fully scored batch has."""
        return -(-self.manifest.n_posts // self.part_posts)

    def part_of_posts(self, index: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the posts of one part, as `posts` does for all: all columns or some."""
        rows = self.part_rows(index)
        self.check_posts()
        try:
            with pq.ParquetFile(self.posts_path) as file:
                sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
                ends = list(accumulate(sizes))
                groups = [
                    group
                    for group, end in enumerate(ends)
                    if end > rows.start and end - sizes[group] < rows.stop
                ]
                table = file.read_row_groups(groups, columns)
        except UNREADABLE as error:
            raise self._damaged_error(f"{POSTS} cannot be read") from error
        first = ends[groups[0]] - sizes[groups[0]]
        return table_to_frame(table.slice(rows.start - first, rows.stop - rows.start))

    def part_rows(self, index: int) -> slice:
        """Return the positions of a part's posts in the batch."""
        return slice(index * self.part_posts, min((index + 1) * self.part_posts, self.manifest.n_posts))

    def part_size(self, index: int) -> int:
        """Count the posts of a part."""
        rows = self.part_rows(index)
        return rows.stop - rows.start

    def has_part(self, kind: str, index: int) -> bool:
        """Return whether a part of a kind of `PART_KINDS` has been written."""
        return self.part_path(kind, index).exists()

    def written_parts(self, kind: str) -> dict[int, Path]:
        """Return the files of the written parts of a kind by index, in order."""
        return part_files(self.folder / kind)

    def part_path(self, kind: str, index: int) -> Path:
        """Return the file of a part, which may not exist; call `check_part` before reading it."""
        return self.folder / kind / part_file(index)

    def check_part(self, kind: str, index: int) -> None:
        """Compare a written part with its digest.

        Raises:
            WorkspaceError: It is damaged or was removed.
        """
        path = self.part_path(kind, index)
        try:
            whole = self._part_matches(kind, index)
        except (OSError, ValueError) as error:  # a damaged digest may not be text
            if not path.exists():
                raise self.changed_error() from error
            raise self._damaged_part_error(kind, index) from error
        if not whole:
            raise self._damaged_part_error(kind, index)

    def read_part(self, kind: str, index: int) -> pd.DataFrame:
        """Read one written part.

        Raises:
            WorkspaceError: It is damaged or was removed.
        """
        return table_to_frame(self._part(kind, index))

    def damaged_parts(self, kind: str) -> list[int]:
        """List the written parts of a kind that are damaged or do not have the right posts."""
        return [
            index
            for index in range(self.n_parts)
            if self.has_part(kind, index) and self._is_damaged(kind, index)
        ]

    def discard_damaged(self, kind: str) -> list[int]:
        """Remove the parts that `damaged_parts` finds.

        Returns:
            Their numbers.
        """
        damaged = self.damaged_parts(kind)
        for index in damaged:
            self.discard_part(kind, index)
        return damaged

    def discard_part(self, kind: str, index: int) -> None:
        """Remove a part, if it has been written."""
        with self.writing(f"Part {index} of batch {self.id}"):
            self.part_path(kind, index).unlink(missing_ok=True)

    @contextmanager
    def lock_for_scoring(self) -> Iterator[None]:
        """Lock the batch for scoring, against other threads and processes.

        Raises:
            WorkspaceError: It is being scored elsewhere, or was deleted.
        """
        with self.deletion_named():
            if not self.folder.is_dir():  # FileLock would create it again
                raise self._deleted_error()
            with lock_file_exclusively(self.folder / SCORING_LOCK, f"Batch {self.id}"):
                yield

    def read_parts(self, kind: str, indexes: Sequence[int] | None = None) -> Iterator[tuple[int, pa.Table]]:
        """Read the written parts of a kind, all or some, one after the other, each with its index.

        Raises:
            WorkspaceError: One is damaged or was removed.
        """
        for index in range(self.n_parts) if indexes is None else indexes:
            if self.has_part(kind, index):
                yield index, self._part(kind, index)
        if not self.folder.is_dir():  # otherwise it would seem to have no more parts
            raise self._deleted_error()

    def write_part(self, kind: str, index: int, frame: pd.DataFrame) -> None:
        """Write one part; an existing one is replaced.

        Args:
            kind: One of `PART_KINDS`.
            index: Which part, from 0.
            frame: `list_part_columns(kind)` and those of further heads and modalities, one row per post of
                `part_rows(index)`, in order.

        Raises:
            ValueError: The rows or columns do not match the part.
            WorkspaceError: It cannot be written, or the batch was deleted.
        """
        columns = list_part_columns(kind)
        further = [name for name in frame.columns if name not in columns]
        if kind == "scores":
            columns |= {name: _further_type(frame[name]) for name in further}
        elif kind in _VECTORS:
            columns |= {name: _VECTOR_TYPES[kind] for name in further if name.endswith(_VECTOR_ENDS[kind])}
        if set(frame.columns) != set(columns):
            raise ValueError(f"{kind} have other columns: {sorted(set(frame.columns) ^ set(columns))}")
        if not 0 <= index < self.n_parts or list(frame["post_id"]) != self._post_ids(index):
            raise ValueError(f"{kind}: the posts are not those of part {index}, in their order")
        with self.writing(f"Part {index} of batch {self.id}"):
            path = self.subfolder(kind) / self.part_path(kind, index).name
            schema = pa.schema(list(columns.items()))
            write_parquet(
                path,
                frame,
                schema,
                within=self.temporary_root,
                label=self._label(kind, index),
                use_dictionary=kind not in _VECTORS,
            )

    def scored(self) -> int:
        """Count the scored posts; posts of damaged parts do not count, as they must be scored again."""

        def count(first: int) -> int:
            return sum(
                self.part_size(index)
                for index in range(first, self.n_parts, _THREADS)
                if self._is_scored(index)
            )

        with ThreadPoolExecutor(_THREADS) as threads:  # hashing releases the interpreter lock
            return sum(threads.map(count, range(_THREADS)))

    def clear(self, kind: str) -> None:
        """Remove all parts of a kind atomically."""
        folder = self.folder / kind
        if folder.exists():
            with self.writing(f"Batch {self.id}"):
                remove_folder_atomically(folder, self.temporary_root)

    def _post_ids(self, index: int) -> list[str]:
        return list(self.part_of_posts(index, ["post_id"])["post_id"])

    def _part(self, kind: str, index: int) -> pa.Table:
        self.check_part(kind, index)
        try:
            return pq.read_table(self.part_path(kind, index), page_checksum_verification=True)
        except UNREADABLE as error:
            if not self.has_part(kind, index):
                raise self.changed_error() from error
            raise self._damaged_part_error(kind, index) from error

    def _part_matches(self, kind: str, index: int) -> bool:
        path = self.part_path(kind, index)
        if self.manifest.digests is None and not digest_path(path).exists():
            path.stat()  # raises if the part was removed
            return True
        try:
            return matches_digest(path, digest_path(path), self._label(kind, index))
        except FileNotFoundError:
            path.stat()
            return False

    def _is_damaged(self, kind: str, index: int) -> bool:
        path = self.part_path(kind, index)
        try:
            if self.manifest.digests is not None or digest_path(path).exists():
                return not matches_digest(path, digest_path(path), self._label(kind, index), again=True)
            return self._part(kind, index).num_rows != self.part_size(index)
        except (WorkspaceError, OSError, ValueError):
            return True

    def _is_scored(self, index: int) -> bool:
        checked = [
            kind
            for kind in PART_KINDS
            if kind in _ALWAYS_CHECKED or is_known_damaged(self.part_path(kind, index))
        ]
        try:
            for kind in checked:
                if self.has_part(kind, index):
                    self.check_part(kind, index)
        except WorkspaceError:
            return False
        return self.has_part("scores", index)

    def _label(self, kind: str, index: int) -> str:
        return f"{self.id}/{self.manifest.salt}/{kind}/{index}\n"

    def _damaged_part_error(self, kind: str, index: int) -> WorkspaceError:
        if not self.folder.is_dir():
            return self._deleted_error()
        name = self.part_path(kind, index).name
        return WorkspaceError(
            f"Batch {self.id}",
            f"has damaged {kind} ({name} does not match its checksum)",
            "Score it again; only damaged parts are replaced.",
        )


def _further_type(column: pd.Series) -> pa.DataType:
    """Return the type of a column of a further head or modality: float for numbers, string for names of classes."""
    return pa.float64() if pd.api.types.is_float_dtype(column) else pa.string()
