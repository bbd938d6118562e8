"""A batch at one moment, as queries see it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analysis.query.parts import parts_sql
from analysis.query.recent import RecentResults
from analysis.workspace import Batch

POSTS = "read_parquet($posts, file_row_number = true, hive_partitioning = false)"
"""The post table; its path is `Snapshot.posts_file`. A folder such as `year=2026` in its path is not read as a
column."""

_SEARCHES = 8
"""Searches whose results are kept: a page runs many queries with one search; takes 8 bytes per found post."""
_RESULTS = 200
"""Results of queries that are kept: those of a few pages with a few choices of filters."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A batch at one moment.

    Attributes:
        batch: The batch.
        database: In-memory database with the table `summary`; each query uses its own cursor, as threads require.
        parts: For "scores", "words" and "copies": the written files by their part's first position.
        types: For the same: SQL types of the columns that any of the parts can have, by name.
        written: Columns of scores that any part has.
        in_memory: Columns of the summary table.
        n_posts: Posts in the batch.
        found: Recent results of searches: positions of posts by search and ids (`analysis.query.sql`).
        results: Recent small results of queries (the same).
        prepared: The most frequent values of the columns that have tables of values so far
            (`analysis.query.value_tables`).
        own_columns: The columns of the analyst's own tables, once a table of values needs them.
        lock: Held while it makes a table.
    """

    batch: Batch
    database: duckdb.DuckDBPyConnection
    parts: Mapping[str, Mapping[int, Path]]
    types: Mapping[str, Mapping[str, str]]
    written: frozenset[str]
    in_memory: frozenset[str]
    n_posts: int
    found: RecentResults[tuple[pa.Table, bool]] = field(default_factory=lambda: RecentResults(_SEARCHES))
    results: RecentResults[list[dict[str, Any]]] = field(default_factory=lambda: RecentResults(_RESULTS))
    prepared: dict[str, tuple[str, ...]] = field(default_factory=dict)
    own_columns: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def columns(self) -> frozenset[str]:
        """Every column that a filter can name."""
        return self.in_memory | self.types["scores"].keys()

    def parts_sql(
        self, kind: str, columns: Iterable[str], starts: Iterable[int] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Write as SQL the table of some parts (`analysis.query.parts.parts_sql`)."""
        return parts_sql(self.batch, self.database, kind, self.parts[kind], self.types[kind], columns, starts)

    def posts_file(self) -> str:
        """Return the path of the post table, as `POSTS` takes it, once its digest is checked.

        Raises:
            WorkspaceError: It is damaged or was removed in the meantime.
        """
        self.batch.check_posts()
        return escape(str(self.batch.posts_path))
