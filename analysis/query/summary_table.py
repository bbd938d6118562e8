"""The summary table of a batch, in memory: the columns that its posts are counted, filtered and mostly sorted by.

Reading them from hundreds of Parquet files takes longer than any query, so they are read once. A million posts take
about 180 MB and half a second. Tables of up to `CACHED_POSTS` posts are cached; the least recently used goes first.
Each query checks whether the files of posts and scores have changed since the table was built, and builds it again
if they have.

A part holds the posts of its rows in their order (`Batch.write_part`), so the n-th row of a part is known by its
`position` in the batch (0 = the first post), and tables are joined by that number, not by ids.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analysis.columns import derived_columns, own_filter, page_columns, stored_columns, summary_columns
from analysis.posts import POST_COLUMNS
from analysis.query.conditions import quoted
from analysis.query.parts import parts_sql, union_types
from analysis.query.snapshot import POSTS, Snapshot
from analysis.settings import Settings
from analysis.workspace import Batch
from analysis.workspace.digests import state_of

CACHED_POSTS = 2_000_000
"""Posts of the cached summary tables, about 360 MB."""
CACHED_BATCHES = 8
"""Cached summary tables; each is a database of its own, which takes a few MB however few its posts."""

_CHECKED_AT_ONCE = 4
_SQL_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN", pa.int64(): "BIGINT"}
_WORDS = "STRUCT(word VARCHAR, value DOUBLE)[]"
_ON_DEMAND = ("words", "copies")
"""Kinds of parts that are read for the posts on screen only, but for what the summary table needs."""

_cached: dict[str, tuple[tuple[object, ...], Snapshot]] = {}  # state of the files and snapshot by folder
_lock = threading.Lock()


@contextmanager
def readable(batch: Batch) -> Iterator[None]:
    """Turn an error of DuckDB over a batch's files into one that says what to do.

    Which errors a damaged or missing file causes cannot be known from their type: it depends on the byte.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeDecodeError) as error:
        _cached.pop(str(batch.folder), None)  # DuckDB can refuse all further work after an error
        raise batch.changed(str(error).partition("\n")[0]) from error


def snapshot_of(batch: Batch) -> Snapshot:
    """Return a batch as it is now; its summary table is built again where posts or scores on disk have changed.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    parts = {kind: _written_parts(batch, kind) for kind in ("scores", *_ON_DEMAND)}
    files = (batch.posts_path, *parts["scores"].values(), *parts["copies"].values())
    with _lock, readable(batch):
        state = (batch.settings, *((path.name, state_of(path)) for path in files))
        cached = _cached.pop(str(batch.folder), None)
        if cached is None or cached[0] != state:
            _check(batch, parts)
            cached = (state, _build(batch, parts))
        _cached[str(batch.folder)] = cached  # the latest is the last
        while len(_cached) > 1 and (
            len(_cached) > CACHED_BATCHES or sum(each.n_posts for _, each in _cached.values()) > CACHED_POSTS
        ):
            del _cached[next(iter(_cached))]
    return replace(cached[1], parts=parts, batch=batch)


def _check(batch: Batch, parts: Mapping[str, Mapping[int, Path]]) -> None:
    """Compare the files of the summary table with their digests, several at once: hashing lets other threads run."""
    with ThreadPoolExecutor(_CHECKED_AT_ONCE) as threads:
        posts = threads.submit(batch.check_posts)
        for kind in ("scores", "copies"):
            indexes = [start // batch.part_posts for start in parts[kind]]
            list(threads.map(batch.check_part, [kind] * len(indexes), indexes))
        posts.result()


def _build(batch: Batch, parts: Mapping[str, Mapping[int, Path]]) -> Snapshot:
    database = duckdb.connect(config={"autoinstall_known_extensions": False})
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # times are read in UTC, wherever this runs
    database.execute("SET GLOBAL parquet_metadata_cache = true")
    written = union_types(database, parts["scores"].values())
    types = _column_types(written)
    further = {name for name, type_ in written.items() if type_ == "VARCHAR"} - stored_columns(
        "scores"
    ).keys()
    computed = {column.name: column for column in derived_columns() if column.summary}
    shown = {column.name for column in summary_columns()} | (further & types["scores"].keys())
    stored = shown - computed.keys()
    needed = stored | {name for column in computed.values() for name in column.inputs}
    tables, values = [], _thresholds(batch.settings)
    posts = [
        quoted(name) for name in POST_COLUMNS if name in needed or (name == "extra" and batch.manifest.kept)
    ]
    for kind in parts:
        if columns := [name for name in types[kind] if name in needed]:
            sql, parameters = parts_sql(batch, database, kind, parts[kind], types[kind], columns, None)
            tables.append(f"LEFT JOIN ({sql}) USING (position)")
            values |= parameters
    selected = [*map(quoted, sorted(stored))]
    selected += [f"{column.sql} AS {quoted(name)}" for name, column in computed.items()]
    own = [own_filter(number) for number in range(len(batch.manifest.kept))]
    for name, key in zip(own, batch.manifest.kept, strict=True):
        selected.append(f"CASE WHEN json_valid(extra) THEN json_extract_string(extra, ${name}) END AS {name}")
        values[name] = _json_pointer(key)
    sql = f"""
        CREATE TABLE summary AS SELECT position, {", ".join(selected)}
        FROM (SELECT {", ".join(["file_row_number AS position", *posts])} FROM {POSTS}) {" ".join(tables)}"""  # noqa: S608
    used = {key: value for key, value in values.items() if f"${key}" in sql}
    database.execute(sql, {**used, "posts": escape(str(batch.posts_path))})
    in_memory = frozenset({"position", *shown, *computed, *own})
    return Snapshot(batch, database, parts, types, frozenset(written), in_memory, batch.manifest.n_posts)


def _json_pointer(key: str) -> str:
    """Write the key of a JSON object as a path to its value (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _column_types(written: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Give the SQL types of the columns that a query can name, whatever the parts of an older version hold.

    What the summary table computes, and what every post has, is left out.
    """
    types: dict[str, dict[str, str]] = {}
    absent = {column.name: column.type for column in summary_columns() if column.table == "scores"}
    for kind in ("scores", *_ON_DEMAND):
        columns = stored_columns(kind) | (absent if kind == "scores" else {})  # type: ignore[arg-type]
        types[kind] = {name: _SQL_TYPES.get(type_, _WORDS) for name, type_ in columns.items()}
    types["scores"] = {**written, **types["scores"]}
    taken = {"post_id", "position", "file_row_number", *(column.name for column in derived_columns())}
    return {kind: {name: each[name] for name in each if name not in taken} for kind, each in types.items()}


def _thresholds(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in asdict(settings).items() if isinstance(value, float)}


def _written_parts(batch: Batch, kind: str) -> dict[int, Path]:
    """Find the written parts of a kind by their first position, in order."""
    return {index * batch.part_posts: path for index, path in batch.written_parts(kind).items()}


def columns_of(snapshot: Snapshot) -> tuple[str, ...]:
    """Name every column that posts are read with."""
    stored = (name for kind in ("scores", *_ON_DEMAND) for name in snapshot.types[kind])
    return (*POST_COLUMNS, "position", *stored, *page_columns())


def read_columns(names: Iterable[str]) -> list[str]:
    """Leave out the columns that are computed for the summary table and are in no file."""
    computed = {column.name for column in derived_columns()}
    return [name for name in names if name not in computed]
