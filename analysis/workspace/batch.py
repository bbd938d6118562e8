"""One batch on disk: its posts, its pictures, and the parts that scoring fills.

Making and listing batches is `analysis.workspace.home`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import WorkspaceError
from analysis.intake.media import media_path
from analysis.settings import Settings
from analysis.workspace.files import discard, only_one, write_table, writing
from analysis.workspace.manifest import Manifest, read_manifest

PART_COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    "scores": {
        **dict.fromkeys(("post_id", "inputs_used", "sentiment"), pa.string()),
        **dict.fromkeys(("p_negative", "p_neutral", "p_positive", "valence", "confidence"), pa.float64()),
        "uncertain": pa.bool_(),
        **dict.fromkeys(("text_sentiment", "image_sentiment"), pa.string()),
        **dict.fromkeys(("text_valence", "image_valence", "agreement"), pa.float64()),
        "topic": pa.string(),
        "topic_confidence": pa.float64(),
        **dict.fromkeys(("phi_text", "phi_image", "interaction"), pa.float64()),
        **dict.fromkeys(("share_text", "share_image"), pa.float64()),
        **dict.fromkeys(("phi_text_topic", "phi_image_topic", "interaction_topic"), pa.float64()),
        "text_image_match": pa.float64(),
        "language": pa.string(),
        "in_language": pa.bool_(),
        "model": pa.string(),
    },
    "words": dict.fromkeys(("post_id", "top_words"), pa.string()),
    "encodings": {
        **dict.fromkeys(("post_id", "text_key", "image_key"), pa.string()),
        **dict.fromkeys(("text_encoding", "image_encoding"), pa.list_(pa.float32())),
    },
    "copies": {"post_id": pa.string(), "copy_of": pa.string(), "copies": pa.int64()},
    "embeddings": {
        "post_id": pa.string(),
        **dict.fromkeys(("text_embedding", "image_embedding"), pa.list_(pa.float16())),
    },
}
"""What the parts of each kind hold. Scores also have the columns of the bundle's further heads, names and
probabilities (`analysis.scoring.columns`)."""

_manifest_lock = threading.Lock()  # a page renames a batch while the scoring thread names its bundle


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
    def part_posts(self) -> int:
        """Posts in one part; the last part may hold fewer."""
        return self.manifest.part_posts

    @property
    def n_parts(self) -> int:
        """Parts that a fully scored batch has."""
        return -(-self.manifest.n_posts // self.part_posts)

    def posts(self) -> pd.DataFrame:
        """Read the post table: `POST_COLUMNS`, in the batch's order."""
        return self._read("posts.parquet")

    def part_of_posts(self, index: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the posts of one part, all columns or some, as `posts` does; the others stay on disk."""
        rows = self.part_rows(index)
        try:
            with pq.ParquetFile(self.folder / "posts.parquet") as file:
                sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
                ends = list(accumulate(sizes))
                groups = [
                    group
                    for group, end in enumerate(ends)
                    if end > rows.start and end - sizes[group] < rows.stop
                ]
                table = file.read_row_groups(groups, columns)
        except (OSError, ValueError) as error:
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
        """Say whether a part of a kind of `PART_COLUMNS` is written."""
        return self._part_path(kind, index).exists()

    def read_part(self, kind: str, index: int) -> pd.DataFrame:
        """Read one written part.

        Raises:
            WorkspaceError: If it is damaged or was removed meanwhile.
        """
        return _frame(self._part(kind, index))

    def discard_damaged(self, kind: str) -> list[int]:
        """Remove the parts of a kind that cannot be read, or do not hold the posts they should.

        Returns:
            Their numbers.
        """
        damaged = []
        for index in range(self.n_parts):
            if not self.has_part(kind, index):
                continue
            try:
                whole = self._part(kind, index).num_rows == self.part_size(index)
            except WorkspaceError:
                whole = False
            if not whole:
                damaged.append(index)
                with writing(f"Part {index} of batch {self.id}"):
                    self._part_path(kind, index).unlink(missing_ok=True)
        return damaged

    def being_scored(self) -> AbstractContextManager[None]:
        """Keep others from scoring the batch meanwhile, in this process or another.

        Raises:
            WorkspaceError: Another one is scoring it.
        """
        return only_one(self.folder / ".scoring.lock", f"Batch {self.id}")

    def read_parts(self, kind: str) -> Iterator[pa.Table]:
        """Read the written parts of a kind, one after the other.

        Raises:
            WorkspaceError: If one is damaged or was removed meanwhile.
        """
        for index in range(self.n_parts):
            if self.has_part(kind, index):
                yield self._part(kind, index)

    def write_part(self, kind: str, index: int, frame: pd.DataFrame) -> None:
        """Write one part, in place of the one there.

        Args:
            kind: One of `PART_COLUMNS`.
            index: Which part, from 0.
            frame: `PART_COLUMNS[kind]` (for scores also those of further heads), one row a post of
                `part_rows(index)` in their order.

        Raises:
            ValueError: If the rows or columns are not those of the part.
            WorkspaceError: If it cannot be written, or the batch was deleted meanwhile.
        """
        columns = dict(PART_COLUMNS[kind])
        if kind == "scores":
            columns |= {name: _head_type(frame[name]) for name in frame.columns if name not in columns}
        if set(frame.columns) != set(columns):
            raise ValueError(f"{kind} have other columns: {sorted(set(frame.columns) ^ set(columns))}")
        if not 0 <= index < self.n_parts or list(frame["post_id"]) != self._post_ids(index):
            raise ValueError(f"{kind}: the posts are not those of part {index}, in their order")
        path = self._part_path(kind, index)
        with writing(f"Part {index} of batch {self.id}"):
            path.parent.mkdir(exist_ok=True)
            write_table(path, frame, pa.schema(list(columns.items())))

    def scored(self) -> int:
        """Count the posts that have scores."""
        return sum(self.part_size(index) for index in range(self.n_parts) if self.has_part("scores", index))

    def clear(self, kind: str) -> None:
        """Remove every part of a kind, all at once."""
        folder = self.folder / kind
        if folder.exists():
            with writing(f"Batch {self.id}"):
                discard(folder)

    def rename(self, name: str) -> None:
        """Give the batch another name; trimmed and shortened, the id where it is blank."""
        cleaned = clean_name(name, self.settings) or self.id
        self._change(lambda manifest: replace(manifest, name=cleaned))

    def set_bundle(self, bundle_id: str | None, encoders: str | None = None) -> None:
        """Note which bundle the scores come from, and which encoders the encodings; None where there are none."""
        self._change(lambda manifest: replace(manifest, bundle=bundle_id, encoders=encoders))

    def _post_ids(self, index: int) -> list[str]:
        return list(self.part_of_posts(index, ["post_id"])["post_id"])

    def _part(self, kind: str, index: int) -> pa.Table:
        try:
            return pq.read_table(self._part_path(kind, index), page_checksum_verification=True)
        except (OSError, ValueError) as error:
            raise WorkspaceError(
                f"Batch {self.id}", f"has {kind} that cannot be read", "Score it again, or reopen it."
            ) from error

    def _part_path(self, kind: str, index: int) -> Path:
        return self.folder / kind / f"part-{index:05d}.parquet"

    def _read(self, name: str) -> pd.DataFrame:
        try:
            return _frame(pq.read_table(self.folder / name))
        except (OSError, ValueError) as error:
            raise self._unreadable(f"{name} cannot be read") from error

    def _read_manifest(self) -> Manifest:
        try:
            manifest = read_manifest(self.folder)
        except (OSError, ValueError) as error:
            raise self._unreadable("manifest.json cannot be read") from error
        try:
            n_posts = pq.read_metadata(self.folder / "posts.parquet").num_rows
        except (OSError, ValueError) as error:
            raise self._unreadable("posts.parquet cannot be read") from error
        if n_posts != manifest.n_posts:
            raise self._unreadable(
                f"posts.parquet holds {n_posts:,} posts, the manifest says {manifest.n_posts:,}"
            )
        return manifest

    def _unreadable(self, how: str) -> WorkspaceError:
        if not self.folder.is_dir():
            return WorkspaceError(
                f"Batch {self.id}", "does not exist", "Choose another batch, or upload it again."
            )
        return WorkspaceError(
            f"Batch {self.id}", f"is damaged: {how}", "Delete it and upload the posts again."
        )

    def _change(self, edit: Callable[[Manifest], Manifest]) -> None:
        """Edit the manifest as it is on disk now, not as it was when this batch was opened."""
        with _manifest_lock, writing(f"Batch {self.id}"):
            self.manifest = edit(self._read_manifest())
            self.manifest.write(self.folder)


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype()}.get, ignore_metadata=True
    )
    return frame


def _head_type(column: pd.Series) -> pa.DataType:
    """The type of a further head's column: probabilities are floats, all else are names of classes."""
    return pa.float64() if pd.api.types.is_float_dtype(column) else pa.string()


def clean_name(name: str, settings: Settings) -> str:
    """Put a batch's name on one line, trimmed and at most `max_name_chars` long."""
    return " ".join(name.split())[: settings.max_name_chars].strip()
