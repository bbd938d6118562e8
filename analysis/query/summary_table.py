"""The summary table of a batch, in memory: the columns used to count, filter and, in most cases, sort its posts.

Reading them from hundreds of Parquet files takes longer than any query, so they are read only once. A million posts
take about 200 MB and half a second. Tables of up to `Settings.cached_posts` posts are cached; the least recently
used is removed first. Each query checks whether the files of posts and scores have changed since the table was built,
and builds it again if they have.

A part contains the posts of its rows in their order (`Batch.write_part`), so each row has a `position` in the
batch (0 = the first post), and tables are joined by position, not by ids.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analysis.columns import OneOf, derived_columns, own_filter, page_columns, stored_columns, summary_columns
from analysis.columns.reasons import IMAGE_MAP, TOP_WORDS
from analysis.model.presets import HEADS
from analysis.posts import POST_COLUMNS
from analysis.query.conditions import quote_name
from analysis.query.found_values import json_pointer
from analysis.query.parts import parts_sql, union_types
from analysis.query.snapshot import POSTS, Snapshot
from analysis.settings import Settings
from analysis.workspace import Batch
from analysis.workspace.digests import get_file_state

_CHECKED_AT_ONCE = 4
_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    TOP_WORDS: "STRUCT(word VARCHAR, value DOUBLE)[]",
    IMAGE_MAP: "FLOAT[]",
}
_ON_DEMAND = ("words", "copies")
"""Kinds of parts that are read only for the posts on screen, except for columns of the summary table."""

_cached: dict[str, tuple[tuple[object, ...], Snapshot]] = {}  # state of the files and snapshot by folder
_lock = threading.Lock()


@contextmanager
def query_errors(batch: Batch) -> Iterator[None]:
    """Convert errors of DuckDB about a batch's files to errors with a remedy.

    All types are converted, as damaged files cause different types of errors depending on the damaged byte.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeDecodeError) as error:
        _cached.pop(str(batch.folder), None)  # DuckDB may refuse all further queries after an error
        raise batch.changed_error(str(error).partition("\n")[0]) from error


def get_query_snapshot(batch: Batch) -> Snapshot:
    """Return the current state of a batch; its summary table is rebuilt if posts or scores on disk have changed.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    parts = {kind: _written_parts(batch, kind) for kind in ("scores", *_ON_DEMAND)}
    files = (batch.posts_path, *parts["scores"].values(), *parts["copies"].values())
    with _lock, query_errors(batch):
        state = (batch.settings, *((path.name, get_file_state(path)) for path in files))
        cached = _cached.pop(str(batch.folder), None)
        if cached is None or cached[0] != state:
            _check(batch, parts)
            cached = (state, _build(batch, parts))
        _cached[str(batch.folder)] = cached  # the most recent is last
        while len(_cached) > 1 and (
            len(_cached) > batch.settings.cached_batches
            or sum(each.n_posts for _, each in _cached.values()) > batch.settings.cached_posts
        ):
            del _cached[next(iter(_cached))]
    return replace(cached[1], parts=parts, batch=batch)


def _check(batch: Batch, parts: Mapping[str, Mapping[int, Path]]) -> None:
    """Compare the files of the summary table with their digests, in threads, as hashing releases the GIL."""
    with ThreadPoolExecutor(_CHECKED_AT_ONCE) as threads:
        posts = threads.submit(batch.check_posts)
        for kind in ("scores", "copies"):
            indexes = [start // batch.part_posts for start in parts[kind]]
            list(threads.map(batch.check_part, [kind] * len(indexes), indexes))
        posts.result()


def _build(batch: Batch, parts: Mapping[str, Mapping[int, Path]]) -> Snapshot:
    database = duckdb.connect(config={"autoinstall_known_extensions": False})
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # regardless of the local time zone
    database.execute("SET GLOBAL parquet_metadata_cache = true")
    written = union_types(database, parts["scores"].values())
    types = _column_types(written)
    further = {name for name, type_ in written.items() if type_ == "VARCHAR"} - stored_columns(
        "scores"
    ).keys()
    computed = {column.name: column for column in derived_columns() if column.summary}
    shown = {column.name for column in summary_columns(HEADS)} | (further & types["scores"].keys())
    stored = shown - computed.keys()
    needed = stored | {name for column in computed.values() for name in column.inputs}
    tables, values = [], _thresholds(batch.settings)
    posts = [
        quote_name(name)
        for name in POST_COLUMNS
        if name in needed or (name == "extra" and batch.manifest.kept)
    ]
    for kind in parts:
        if columns := [name for name in types[kind] if name in needed]:
            sql, parameters = parts_sql(batch, database, kind, parts[kind], types[kind], columns, None)
            tables.append(f"LEFT JOIN ({sql}) USING (position)")
            values |= parameters
    selected = [*map(quote_name, sorted(stored))]
    selected += [f"{column.sql} AS {quote_name(name)}" for name, column in computed.items()]
    own = [own_filter(number) for number in range(len(batch.manifest.kept))]
    for name, key in zip(own, batch.manifest.kept, strict=True):
        selected.append(f"CASE WHEN json_valid(extra) THEN json_extract_string(extra, ${name}) END AS {name}")
        values[name] = json_pointer(key)
    sql = f"""
        CREATE TABLE summary AS SELECT position, {", ".join(selected)}
        FROM (SELECT {", ".join(["file_row_number AS position", *posts])} FROM {POSTS}) {" ".join(tables)}"""  # noqa: S608
    used = {key: value for key, value in values.items() if f"${key}" in sql}
    database.execute(sql, {**used, "posts": escape(str(batch.posts_path))})
    in_memory = frozenset({"position", *shown, *computed, *own})
    return Snapshot(batch, database, parts, types, frozenset(written), in_memory, batch.manifest.n_posts)


def _column_types(written: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the SQL types of the columns that a query can use, even if parts of an older version lack them.

    Computed columns and columns of every post are left out.
    """
    types: dict[str, dict[str, str]] = {}
    absent = {column.name: column.type for column in summary_columns(HEADS) if column.table == "scores"}
    for kind in ("scores", *_ON_DEMAND):
        columns = stored_columns(kind) | (absent if kind == "scores" else {})  # type: ignore[arg-type]
        types[kind] = {name: _SQL_TYPES[type_] for name, type_ in columns.items()}
    types["scores"] = {**written, **types["scores"]}
    taken = {"post_id", "position", "file_row_number", *(column.name for column in derived_columns())}
    return {kind: {name: each[name] for name in each if name not in taken} for kind, each in types.items()}


def _thresholds(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in asdict(settings).items() if isinstance(value, float)}


def _written_parts(batch: Batch, kind: str) -> dict[int, Path]:
    """Find the written parts of a kind by their first position, in order."""
    return {index * batch.part_posts: path for index, path in batch.written_parts(kind).items()}


def list_post_columns(snapshot: Snapshot) -> tuple[str, ...]:
    """List every column that posts are read with."""
    stored = (name for kind in ("scores", *_ON_DEMAND) for name in snapshot.types[kind])
    return (*POST_COLUMNS, "position", *stored, *page_columns())


def check_class_columns(snapshot: Snapshot, columns: Collection[str]) -> None:
    """Check that posts can be counted by columns: of classes, such as the topic, or of the analyst's own tables.

    Args:
        snapshot: The batch at one moment.
        columns: Their names.

    Raises:
        ValueError: There are none, or posts cannot be counted by one of them.
    """
    known = {column.name for column in summary_columns(HEADS) if isinstance(column.filter, OneOf)}
    known |= {own_filter(number) for number in range(len(snapshot.batch.manifest.kept))}
    known |= {name for name, type_ in snapshot.types["scores"].items() if type_ == "VARCHAR"}
    if not columns or not set(columns) <= known & snapshot.in_memory:
        raise ValueError(f"posts are counted by {sorted(known)}, not by {', '.join(columns) or 'nothing'}")
