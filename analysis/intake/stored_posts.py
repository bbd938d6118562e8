"""The posts of a batch that is being checked: in memory while there are few, else on disk in chunks."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from analysis.intake.chunk_file import ChunkFile
from analysis.posts import POST_SCHEMA, post_table, to_post_frame
from analysis.settings import MB

_IN_MEMORY = 32 * MB  # posts with more bytes move to disk


class StoredPosts:
    """Posts in chunks.

    Args:
        folder: Where posts are stored that take more memory; their file has no name and is removed when nothing
            refers to it any more. None for the system's temporary folder.

    Attributes:
        per_source: The number of posts of each table or image.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._kept: list[pa.Table] = []
        self._size = self._n_posts = 0
        self._file: ChunkFile | None = None
        self.per_source: Counter[str] = Counter()

    @classmethod
    def of_frame(cls, posts: pd.DataFrame) -> StoredPosts:
        """Return the posts of a post table, in memory."""
        stored = cls()
        stored._kept.append(pa.Table.from_pandas(posts, schema=POST_SCHEMA, preserve_index=False))
        stored._n_posts = len(posts)
        stored.per_source.update(posts["source"])
        return stored

    def __len__(self) -> int:
        return self._n_posts

    @property
    def in_memory(self) -> bool:
        """Whether all posts are in memory, as there are few."""
        return self._file is None

    def append(self, columns: Mapping[str, Sequence[object]]) -> None:
        """Add posts.

        Args:
            columns: The values of each of `POST_COLUMNS`, one per post.

        Raises:
            OSError: If the disk cannot be written.
        """
        table = post_table(columns)
        self._n_posts += len(table)
        self.per_source.update(map(str, columns["source"]))
        self._kept.append(table)
        self._size += table.nbytes
        if self._size > _IN_MEMORY or self._file is not None:
            if self._file is None:
                self._file = ChunkFile(tempfile.TemporaryFile(dir=self._folder))  # noqa: SIM115
            for each in self._kept:
                self._file.append(each)
            self._kept.clear()

    def tables(self) -> Iterator[pa.Table]:
        """Read the posts in chunks, at least one, with the schema `POST_SCHEMA`."""
        if not self._n_posts:
            yield POST_SCHEMA.empty_table()
        for number in range(len(self._file) if self._file else 0):
            assert self._file is not None  # noqa: S101 (there are chunks)
            yield self._file.read(number)
        yield from self._kept

    def frame(self) -> pd.DataFrame:
        """Return all posts as a post table; this loads them into memory."""
        return to_post_frame(pa.concat_tables(self.tables()))

    def head(self, most: int) -> pd.DataFrame:
        """Return the first posts as a post table."""
        return to_post_frame(next(self.tables()).slice(0, most))
