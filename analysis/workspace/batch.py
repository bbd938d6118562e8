"""One batch on disk: its posts, its pictures, and the parts that scoring fills.

Making and listing batches is `analysis.workspace.home`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.columns import stored_columns
from analysis.columns.column import Table
from analysis.errors import PostLensError, WorkspaceError
from analysis.intake.media import media_path
from analysis.settings import Settings
from analysis.temporary import OWNER_ONLY_FOLDER, make_private, temporary_root
from analysis.workspace.digests import known_damaged, matches
from analysis.workspace.files import digest_path, discard, only_one, write_table, writing
from analysis.workspace.manifest import Manifest, read_manifest
from analysis.workspace.names import naming

PART_KINDS = ("scores", "words", "encodings", "copies", "embeddings")
"""Kinds of parts that scoring writes."""
_VECTORS: Mapping[str, Mapping[str, pa.DataType]] = {
    "encodings": {
        **dict.fromkeys(("post_id", "text_key", "image_key"), pa.string()),
        **dict.fromkeys(("text_encoding", "image_encoding"), pa.list_(pa.float32())),
    },
    "embeddings": {
        "post_id": pa.string(),
        **dict.fromkeys(("text_embedding", "image_embedding"), pa.list_(pa.float16())),
    },
}

UNREADABLE = (OSError, ValueError, pa.ArrowException)
"""What pyarrow raises for a file that is missing or damaged."""
_ALWAYS_CHECKED = ("scores", "copies")
"""Kinds of parts that `Batch.scored` checks: the pages read them whole in any case."""

_AT_ONCE = 4

_manifest_lock = threading.Lock()  # a page renames a batch while the scoring thread names its bundle


def part_columns(kind: str) -> dict[str, pa.DataType]:
    """Give the columns of the parts of one of `PART_KINDS`.

    Scores also have the columns of the bundle's further heads (`analysis.columns.heads`).
    """
    if kind in _VECTORS:
        return dict(_VECTORS[kind])
    return stored_columns(cast("Table", kind))


class Batch:
    """One batch on disk; opened by `Workspace.open`.

    Args:
        folder: The batch's folder, named by its id.
        settings: Limits in force now; those at its making stand in the manifest.

    Raises:
        WorkspaceError: If the batch is missing or damaged.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.manifest = self._read_manifest()

    @property
    def id(self) -> str:
        """The batch's id, a safe file name."""
        return self.folder.name

    @property
    def temporary_root(self) -> Path:
        """The folder whose `temporary_folder` takes files on their way into the batch."""
        return temporary_root(self.folder.parent)

    @property
    def part_posts(self) -> int:
        """Posts in one part; the last part may hold fewer."""
        return self.manifest.part_posts

    @property
    def n_parts(self) -> int:
        """Parts that a fully scored batch has."""
        return -(-self.manifest.n_posts // self.part_posts)

    @property
    def posts_path(self) -> Path:
        """The file of the post table; `check_posts` before reading it."""
        return self.folder / "posts.parquet"

    def posts(self) -> pd.DataFrame:
        """Read the post table: `POST_COLUMNS`, in the batch's order."""
        return self._read("posts.parquet")

    def part_of_posts(self, index: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the posts of one part, all columns or some, as `posts` does; the others stay on disk."""
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
            raise self._unreadable("posts.parquet cannot be read") from error
        first = ends[groups[0]] - sizes[groups[0]]
        return _frame(table.slice(rows.start - first, rows.stop - rows.start))

    def rejected(self) -> pd.DataFrame:
        """Read the rows and files that were not taken: kind, name, post_id, reason, remedy, raw."""
        return self._read("rejected.parquet")

    def media_path(self, media_id: str) -> Path:
        """Find a picture of the batch by its media id."""
        return media_path(self.folder / "media", media_id)

    def part_rows(self, index: int) -> slice:
        """Say which posts a part holds, by their place in the batch."""
        return slice(index * self.part_posts, min((index + 1) * self.part_posts, self.manifest.n_posts))

    def part_size(self, index: int) -> int:
        """Count the posts of a part."""
        rows = self.part_rows(index)
        return rows.stop - rows.start

    def has_part(self, kind: str, index: int) -> bool:
        """Say whether a part of a kind of `PART_KINDS` is written."""
        return self.part_path(kind, index).exists()

    def part_path(self, kind: str, index: int) -> Path:
        """Return the file of a part, written or not; `check_part` before reading it."""
        return self.folder / kind / f"part-{index:05d}.parquet"

    def check_posts(self) -> None:
        """Compare the post table with its digest.

        Raises:
            WorkspaceError: If it is damaged, or the batch was deleted meanwhile.
        """
        self._check("posts.parquet")

    def check_part(self, kind: str, index: int) -> None:
        """Compare a written part with its digest.

        Raises:
            WorkspaceError: If it is damaged or was removed meanwhile.
        """
        path = self.part_path(kind, index)
        try:
            whole = self._part_matches(kind, index)
        except (OSError, ValueError) as error:  # a damaged digest need not be text
            if not path.exists():
                raise self.changed() from error
            raise self._damaged_part(kind, index) from error
        if not whole:
            raise self._damaged_part(kind, index)

    def read_part(self, kind: str, index: int) -> pd.DataFrame:
        """Read one written part.

        Raises:
            WorkspaceError: If it is damaged or was removed meanwhile.
        """
        return _frame(self._part(kind, index))

    def damaged_parts(self, kind: str) -> list[int]:
        """List the written parts of a kind that are damaged, or do not hold the posts they should."""
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
            with self.writing(f"Part {index} of batch {self.id}"):
                self.part_path(kind, index).unlink(missing_ok=True)
        return damaged

    @contextmanager
    def being_scored(self) -> Iterator[None]:
        """Keep others from scoring the batch meanwhile, in this process or another.

        Raises:
            WorkspaceError: Another one is scoring it, or it was deleted meanwhile.
        """
        with self.deletion_named():
            if not self.folder.is_dir():  # FileLock could make it again
                raise self._deleted()
            with only_one(self.folder / ".scoring.lock", f"Batch {self.id}"):
                yield

    def read_parts(self, kind: str) -> Iterator[pa.Table]:
        """Read the written parts of a kind, one after the other.

        Raises:
            WorkspaceError: If one is damaged or was removed meanwhile.
        """
        for index in range(self.n_parts):
            if self.has_part(kind, index):
                yield self._part(kind, index)
        if not self.folder.is_dir():  # else it would seem to have no more parts
            raise self._deleted()

    def write_part(self, kind: str, index: int, frame: pd.DataFrame) -> None:
        """Write one part, in place of the one there.

        Args:
            kind: One of `PART_KINDS`.
            index: Which part, from 0.
            frame: `part_columns(kind)` (for scores also those of further heads), one row a post of
                `part_rows(index)` in their order.

        Raises:
            ValueError: If the rows or columns are not those of the part.
            WorkspaceError: If it cannot be written, or the batch was deleted meanwhile.
        """
        columns = part_columns(kind)
        if kind == "scores":
            columns |= {name: _head_type(frame[name]) for name in frame.columns if name not in columns}
        if set(frame.columns) != set(columns):
            raise ValueError(f"{kind} have other columns: {sorted(set(frame.columns) ^ set(columns))}")
        if not 0 <= index < self.n_parts or list(frame["post_id"]) != self._post_ids(index):
            raise ValueError(f"{kind}: the posts are not those of part {index}, in their order")
        with self.writing(f"Part {index} of batch {self.id}"):
            path = self.subfolder(kind) / self.part_path(kind, index).name
            schema = pa.schema(list(columns.items()))
            write_table(path, frame, schema, within=self.temporary_root, label=self._label(kind, index))

    def scored(self) -> int:
        """Count the posts that have scores and no damaged part, which must be scored again."""

        def count(first: int) -> int:
            return sum(
                self.part_size(index)
                for index in range(first, self.n_parts, _AT_ONCE)
                if self._is_scored(index)
            )

        with ThreadPoolExecutor(_AT_ONCE) as threads:  # hashing lets other threads run
            return sum(threads.map(count, range(_AT_ONCE)))

    def clear(self, kind: str) -> None:
        """Remove every part of a kind, all at once."""
        folder = self.folder / kind
        if folder.exists():
            with self.writing(f"Batch {self.id}"):
                discard(folder, self.temporary_root)

    def subfolder(self, *names: str) -> Path:
        """Make a folder in the batch's folder, which is not made again where it was deleted.

        Raises:
            OSError: If the disk refuses, or the batch was deleted meanwhile.
        """
        first = self.folder / names[0]
        first.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        return make_private(first.joinpath(*names[1:]))

    @contextmanager
    def writing(self, thing: str) -> Iterator[None]:
        """Turn a refusal of the disk into an error that says what to do, as `files.writing` does.

        Args:
            thing: What is being written, in the analyst's words.

        Raises:
            WorkspaceError: In place of any OSError; it says so where the batch was deleted meanwhile.
        """
        with self.deletion_named(), writing(thing):
            yield

    @contextmanager
    def deletion_named(self) -> Iterator[None]:
        """Turn any error of the block into one that says that the batch was deleted, where it was.

        Raises:
            WorkspaceError: If it was.
        """
        try:
            yield
        except (PostLensError, *UNREADABLE) as error:
            if self.folder.is_dir():
                raise
            raise self._deleted() from error

    def changed(self, why: str = "") -> WorkspaceError:
        """Return the error for files that cannot be read although none is known to be damaged."""
        if not self.folder.is_dir():
            return self._deleted()
        return WorkspaceError(
            f"Batch {self.id}",
            f"changed while it was read, or cannot be read{why and f' ({why})'}",
            "Try again; if that fails too, score it again.",
        )

    def rename(self, name: str) -> None:
        """Give the batch another name: trimmed, shortened, the id where it is blank, numbered where it is taken."""
        with self.writing(f"Batch {self.id}"), naming(self.folder, self.settings) as free_name:
            free = free_name(name)
            self._change(lambda manifest: replace(manifest, name=free))

    def set_bundle(self, bundle_id: str | None, encoders: str | None = None) -> None:
        """Note which bundle the scores come from, and which encoders the encodings; None where there are none."""
        self._change(lambda manifest: replace(manifest, bundle=bundle_id, encoders=encoders))

    def _post_ids(self, index: int) -> list[str]:
        return list(self.part_of_posts(index, ["post_id"])["post_id"])

    def _part(self, kind: str, index: int) -> pa.Table:
        self.check_part(kind, index)
        try:
            return pq.read_table(self.part_path(kind, index), page_checksum_verification=True)
        except UNREADABLE as error:
            if not self.has_part(kind, index):
                raise self.changed() from error
            raise self._damaged_part(kind, index) from error

    def _part_matches(self, kind: str, index: int) -> bool:
        path = self.part_path(kind, index)
        if self.manifest.digests is None and not digest_path(path).exists():
            path.stat()  # or it was removed
            return True
        try:
            return matches(path, digest_path(path), self._label(kind, index))
        except FileNotFoundError:
            path.stat()
            return False

    def _is_damaged(self, kind: str, index: int) -> bool:
        path = self.part_path(kind, index)
        try:
            if self.manifest.digests is not None or digest_path(path).exists():
                return not matches(path, digest_path(path), self._label(kind, index), again=True)
            return self._part(kind, index).num_rows != self.part_size(index)
        except (WorkspaceError, OSError, ValueError):
            return True

    def _is_scored(self, index: int) -> bool:
        checked = [
            kind
            for kind in PART_KINDS
            if kind in _ALWAYS_CHECKED or known_damaged(self.part_path(kind, index))
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

    def _damaged_part(self, kind: str, index: int) -> WorkspaceError:
        if not self.folder.is_dir():
            return self._deleted()
        name = self.part_path(kind, index).name
        return WorkspaceError(
            f"Batch {self.id}",
            f"has damaged {kind} ({name} is not what was written)",
            "Score it again: only what is damaged is made again.",
        )

    def _check(self, name: str) -> None:
        """Compare a file that the manifest has a digest of with it."""
        if self.manifest.digests is None:
            return
        try:
            whole = matches(self.folder / name, self.manifest.digests.get(name, ""))
        except OSError as error:
            raise self._unreadable(f"{name} cannot be read") from error
        if not whole:
            raise self._unreadable(f"{name} is not what was written")

    def _read(self, name: str) -> pd.DataFrame:
        self._check(name)
        try:
            return _frame(pq.read_table(self.folder / name, page_checksum_verification=True))
        except UNREADABLE as error:
            raise self._unreadable(f"{name} cannot be read") from error

    def _read_manifest(self) -> Manifest:
        try:
            manifest = read_manifest(self.folder)
        except UNREADABLE as error:
            raise self._unreadable("manifest.json cannot be read") from error
        try:
            n_posts = pq.read_metadata(self.folder / "posts.parquet").num_rows
        except UNREADABLE as error:
            raise self._unreadable("posts.parquet cannot be read") from error
        if n_posts != manifest.n_posts:
            raise self._unreadable(
                f"posts.parquet holds {n_posts:,} posts, the manifest says {manifest.n_posts:,}"
            )
        return manifest

    def _unreadable(self, how: str) -> WorkspaceError:
        if not self.folder.is_dir():
            return self._deleted()
        return WorkspaceError(
            f"Batch {self.id}", f"is damaged: {how}", "Delete it and upload the posts again."
        )

    def _deleted(self) -> WorkspaceError:
        fact = "was deleted" if hasattr(self, "manifest") else "does not exist"
        return WorkspaceError(f"Batch {self.id}", fact, "Choose another batch, or upload it again.")

    def _change(self, edit: Callable[[Manifest], Manifest]) -> None:
        """Edit the manifest as it is on disk now, not as it was when this batch was opened."""
        with _manifest_lock, self.writing(f"Batch {self.id}"):
            self.manifest = edit(self._read_manifest())
            self.manifest.write(self.folder, self.temporary_root)


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype()}.get, ignore_metadata=True
    )
    return frame


def _head_type(column: pd.Series) -> pa.DataType:
    """The type of a further head's column: probabilities are floats, all else are names of classes."""
    return pa.float64() if pd.api.types.is_float_dtype(column) else pa.string()
