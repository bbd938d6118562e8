"""The narrow table of a batch, kept in memory: the columns that its posts are counted by, filtered and mostly sorted.

Reading them from hundreds of Parquet files takes longer than any question does, so it is done once, not for every
question. A million posts take about 180 MB and half a second; tables of up to `KEPT_POSTS` posts stay, the one least
lately asked goes first. A table is of one moment: each question looks whether posts and scores on disk are still
those that it was made of, so that a batch answers with what is scored by now.

A part holds the posts of its rows in their order (`Batch.write_part`), so the n-th row of a part is known by its
`position` in the batch (0 = the first post), and tables are joined by that number, not by ids.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analysis.query.filters import TONES
from analysis.workspace import PART_COLUMNS, Batch
from analysis.workspace.digests import state_of

KEPT_POSTS = 2_000_000
"""Posts of the narrow tables that stay in memory, about 360 MB."""
KEPT_BATCHES = 8
"""Narrow tables that stay in memory; each is a database of its own, which takes a few MB however few its posts."""

TONE_COLUMNS = {"emotion": pa.string(), **{f"p_{tone}": pa.float64() for tone in TONES}}
"""What filters ask for although a model need not have it: null where it has not."""

NARROW = (
    *("inputs_used", "sentiment", "valence", "confidence", "uncertain", "agreement", "topic"),
    *("share_text", "share_image", "in_language", *TONE_COLUMNS),
)
"""Columns of scores in the narrow table; beside: position, created_at, day (its date, UTC), decided_by, is_copy."""

_CHECKED_AT_ONCE = 4
_SQL_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN", pa.int64(): "BIGINT"}
_BESIDE = ("words", "copies")
"""Kinds of parts whose columns are not in the narrow table: they are read for the posts that are shown."""
_ALWAYS = {
    "scores": {**PART_COLUMNS["scores"], **TONE_COLUMNS},
    **{kind: PART_COLUMNS[kind] for kind in _BESIDE},
}
"""The columns that a query can speak of, whatever the parts hold: those of an older PostLens hold less."""
_TAKEN = ("post_id", "position", "at_odds", "decided_by", "is_copy", "file_row_number")
"""Columns of parts that are none of the joined table: it has its own of these names."""

POSTS = "read_parquet($posts, file_row_number = true, hive_partitioning = false)"
"""The post table; its path is `Source.posts_file`. A folder of the path such as `year=2026` is no column of it."""
_MAKE = """
CREATE TABLE narrow AS
SELECT * EXCLUDE (text_sentiment, image_sentiment, copies, copy_of),
    CASE WHEN copies IS NOT NULL THEN copy_of IS NOT NULL END AS is_copy,
    CASE WHEN text_sentiment <> image_sentiment AND sentiment = text_sentiment THEN 'text'
        WHEN text_sentiment <> image_sentiment AND sentiment = image_sentiment THEN 'image' END AS decided_by
FROM (
    SELECT file_row_number AS position, created_at, CAST(created_at AT TIME ZONE 'UTC' AS DATE) AS day FROM {posts}
)
LEFT JOIN ({scores}) USING (position)
LEFT JOIN ({copies}) USING (position)
"""


@dataclass(frozen=True, eq=False)
class Source:
    """A batch as it can be asked at one moment.

    Attributes:
        batch: The batch.
        database: In memory, holds the table `narrow`; each query takes a cursor of its own, as threads need.
        parts: For "scores", "words" and "copies": the written files by their part's first position.
        types: For the same: SQL types of the columns that any of the parts can have, by name.
        held: Columns of scores that some part has.
        n_posts: Posts in the batch.
        named: Positions of posts named by text or id, by what was asked for (`analysis.query.relation`).
    """

    batch: Batch
    database: duckdb.DuckDBPyConnection
    parts: Mapping[str, Mapping[int, Path]]
    types: Mapping[str, Mapping[str, str]]
    held: frozenset[str]
    n_posts: int
    named: dict[tuple[object, ...], tuple[pa.Table, bool]] = field(default_factory=dict)

    def parts_sql(
        self, kind: str, columns: Iterable[str], starts: Iterable[int] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Write as SQL the table of some parts.

        Args:
            kind: "scores", "words" or "copies".
            columns: Which of `types[kind]`; null where the parts lack one.
            starts: First positions of the parts; all when None.

        Returns:
            The query, whose columns are `position` and those asked for, and its parameters.

        Raises:
            WorkspaceError: If a part is damaged or was removed meanwhile.
        """
        return _parts_sql(
            self.batch, self.database, kind, self.parts[kind], self.types[kind], columns, starts
        )

    def posts_file(self) -> str:
        """Give the path of the post table, as `POSTS` takes it, once it is known to be whole.

        Raises:
            WorkspaceError: If it is damaged or was removed meanwhile.
        """
        self.batch.check_posts()
        return escape(str(self.batch.posts_path))


@contextmanager
def readable(batch: Batch) -> Iterator[None]:
    """Turn an error of DuckDB over a batch's files into one that says what to do.

    Which of its errors a file causes that is damaged or gone cannot be told from their kind: it depends on the byte.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeDecodeError) as error:
        _kept.pop(str(batch.folder), None)  # DuckDB can refuse all further work after an error
        raise batch.changed(str(error).partition("\n")[0]) from error


def source_of(batch: Batch) -> Source:
    """Give a batch as it can be asked now; its narrow table is made anew where posts or scores on disk have changed.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    parts = {kind: _written(batch, kind) for kind in ("scores", *_BESIDE)}
    files = (batch.posts_path, *parts["scores"].values(), *parts["copies"].values())
    with _lock, readable(batch):
        state = tuple((path.name, state_of(path)) for path in files)
        kept = _kept.pop(str(batch.folder), None)
        if kept is None or kept[0] != state:
            _check(batch, parts)
            kept = (state, _made(batch, parts))
        _kept[str(batch.folder)] = kept  # the latest stands last
        while len(_kept) > 1 and (
            len(_kept) > KEPT_BATCHES or sum(each.n_posts for _, each in _kept.values()) > KEPT_POSTS
        ):
            del _kept[next(iter(_kept))]
    return replace(kept[1], parts=parts, batch=batch)


_kept: dict[str, tuple[tuple[object, ...], Source]] = {}  # state of the files and narrow table by folder
_lock = threading.Lock()


def _check(batch: Batch, parts: Mapping[str, Mapping[int, Path]]) -> None:
    """Compare the files of the narrow table with their digests, several at once: hashing lets other threads run."""
    with ThreadPoolExecutor(_CHECKED_AT_ONCE) as threads:
        posts = threads.submit(batch.check_posts)
        for kind in ("scores", "copies"):
            list(threads.map(batch.check_part, [kind] * len(parts[kind]), _indexes(batch, parts[kind])))
        posts.result()


def _indexes(batch: Batch, starts: Iterable[int]) -> list[int]:
    return [start // batch.part_posts for start in starts]


def _made(batch: Batch, parts: Mapping[str, Mapping[int, Path]]) -> Source:
    database = duckdb.connect(config={"autoinstall_known_extensions": False})
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # times are read in UTC, wherever this runs
    database.execute("SET GLOBAL parquet_metadata_cache = true")
    held = _columns(database, parts["scores"].values())
    types = {
        kind: {name: _SQL_TYPES[type_] for name, type_ in columns.items()}
        for kind, columns in _ALWAYS.items()
    }
    types["scores"] = {**held, **types["scores"]}
    types = {kind: {name: each[name] for name in each if name not in _TAKEN} for kind, each in types.items()}
    needed = (*NARROW, "text_sentiment", "image_sentiment")
    scores, parameters = _parts_sql(batch, database, "scores", parts["scores"], types["scores"], needed, None)
    copies, found = _parts_sql(
        batch, database, "copies", parts["copies"], types["copies"], ("copies", "copy_of"), None
    )
    sql = _MAKE.format(posts=POSTS, scores=scores, copies=copies)
    database.execute(sql, {**parameters, **found, "posts": escape(str(batch.posts_path))})
    return Source(batch, database, parts, types, frozenset(held), batch.manifest.n_posts)


def _parts_sql(
    batch: Batch,
    database: duckdb.DuckDBPyConnection,
    kind: str,
    parts: Mapping[int, Path],
    types: Mapping[str, str],
    columns: Iterable[str],
    starts: Iterable[int] | None,
) -> tuple[str, dict[str, Any]]:
    used = {start: parts[start] for start in (parts if starts is None else starts) if start in parts}
    for index in _indexes(batch, used):
        batch.check_part(kind, index)
    held = _columns(database, used.values())
    names = ", ".join(
        f"CAST({quoted(name) if name in held else 'NULL'} AS {types[name]}) AS {quoted(name)}"
        for name in columns
    )
    if not used:
        return f"SELECT CAST(NULL AS BIGINT) AS position, {names} WHERE false", {}
    sql = f"""
        SELECT CAST($starts_{kind}[CAST(file_index + 1 AS BIGINT)] AS BIGINT) + file_row_number AS position, {names}
        FROM read_parquet(
            ${kind}, union_by_name = true, file_row_number = true, hive_partitioning = false
        )"""  # noqa: S608 (quoted names)
    return sql, {f"starts_{kind}": list(used), kind: [escape(str(path)) for path in used.values()]}


def _columns(database: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> dict[str, str]:
    files = [escape(str(path)) for path in paths]
    if not files:
        return {}
    with database.cursor() as cursor:
        asked = cursor.sql(
            "SELECT * FROM read_parquet($files, union_by_name = true, hive_partitioning = false)",
            params={"files": files},
        )
        return dict(zip(asked.columns, map(str, asked.types), strict=True))


def _written(batch: Batch, kind: str) -> dict[int, Path]:
    """The written parts of a kind by their first position, in order."""
    return {index * batch.part_posts: path for index, path in batch.written_parts(kind).items()}


def quoted(name: str) -> str:
    """Write a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'
