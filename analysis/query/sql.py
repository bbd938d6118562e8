"""Runs queries over a batch, and reads the rows that they select.

A query selects from `selected`: the rows of the summary table (`analysis.query.summary_table`) that match the
filters, with `moment`, the time in the batch's time zone, joined with further columns that the query uses. If the
batch has custom topics, there is also the table `custom_topics` (`CustomTopics.table`); filters by labels of people
use `labels` (`Labels.table`), those by theme `themes` (`Themes.table`). A query returns positions; other columns are
then read for these only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from analysis.columns import TOPIC_FILTER, exclude_derived_columns
from analysis.columns.reviews import REVIEW_FILTERS
from analysis.columns.themes import THEME_FILTER
from analysis.posts import POST_COLUMNS
from analysis.query.conditions import (
    column_condition,
    quote_name,
    text_condition,
    theme_condition,
    topic_condition,
)
from analysis.query.filters import Filters
from analysis.query.local_times import local_times_sql
from analysis.query.snapshot import POSTS, Snapshot
from analysis.query.summary_table import (
    get_query_snapshot,
    list_post_columns,
    query_errors,
)
from analysis.query.value_tables import prepare_value_tables
from analysis.workspace import Batch
from analysis.workspace.digests import get_file_state

_SELECTED = """
WITH selected AS (SELECT * FROM ({posts}) {joins} WHERE {condition})
"""
_MAX_KEPT_ROWS = 2_000
"""Rows of a result that is kept: a table or a chart has fewer."""


@contextmanager
def run_query(
    batch: Batch,
    filters: Filters,
    sql: str,
    also: Sequence[str] = (),
    snapshot: Snapshot | None = None,
    **values: object,
) -> Iterator[duckdb.DuckDBPyRelation]:
    """Run a query over `selected`, the rows of the matching posts.

    Args:
        batch: The batch.
        filters: Which posts match.
        sql: A query over `selected`.
        also: Columns that it uses; those that are not in memory are read for every post.
        snapshot: The snapshot to query; None for the current one.
        values: Parameters of `sql`.

    Yields:
        The result, not fetched yet.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
        SearchError: The search of the filters is malformed.
    """
    snapshot = snapshot or get_query_snapshot(batch)
    condition = column_condition(filters, snapshot.columns, batch.settings)
    condition_sql = condition.sql
    with query_errors(batch), snapshot.database.cursor() as cursor:
        for name in condition.looked_up:
            prepare_value_tables(snapshot, name)
        further = [
            name for name in dict.fromkeys((*also, *condition.columns)) if name not in snapshot.in_memory
        ]
        joins, files = _join_stored_columns(snapshot, further)
        if filters.search.strip() or filters.post_ids:
            found, is_match = _search_rows(snapshot, filters)
            cursor.register("found", found)
            condition_sql += " AND position IN" if is_match else " AND position NOT IN"
            condition_sql += " (SELECT position FROM found)"
        if "FROM labels" in condition_sql:
            cursor.register("labels", batch.labels.table)
        if batch.custom_topics:
            cursor.register("custom_topics", batch.custom_topics.table)
        themes = batch.themes if filters.get(THEME_FILTER) or _uses_themes(sql) else None
        if themes:
            cursor.register("themes", themes.table)
        condition_sql += f" AND {theme_condition(filters, themes).sql}"
        condition_sql += f" AND {topic_condition(filters, batch.custom_topics).sql}"
        posts = local_times_sql(snapshot, batch.timezone)
        query = _SELECTED.format(posts=posts, condition=condition_sql, joins=joins) + sql
        yield cursor.sql(query, params={**condition.values, **files, **values})


def fetch_query_rows(
    batch: Batch,
    filters: Filters,
    sql: str,
    also: Sequence[str] = (),
    snapshot: Snapshot | None = None,
    **values: Any,
) -> list[dict[str, Any]]:
    """Run a query as `run_query` does and fetch a small result, one mapping per row; recent results are kept."""
    snapshot = snapshot or get_query_snapshot(batch)

    def fetch() -> list[dict[str, Any]]:
        with run_query(batch, filters, sql, also, snapshot, **values) as result:
            rows: list[dict[str, Any]] = result.to_arrow_table().to_pylist()
        return rows

    further = (TOPIC_FILTER, THEME_FILTER, *REVIEW_FILTERS)
    if "custom_topics" in sql or _uses_themes(sql) or any(filters.get(name) for name in further):
        return fetch()  # topics, themes and labels change without the files that the snapshot compares
    with query_errors(batch):
        files = [  # those that `get_query_snapshot` does not compare
            get_file_state(path)
            for kind, types in snapshot.types.items()
            if kind != "scores" and any(name in types and name not in snapshot.in_memory for name in also)
            for path in snapshot.parts[kind].values()
        ]
    key = (filters, batch.timezone, sql, tuple(also), repr(sorted(values.items())), tuple(files))
    rows = snapshot.results.get_or_compute(key, fetch, lambda rows: len(rows) <= _MAX_KEPT_ROWS)
    return [dict(row) for row in rows]


def read_rows_at(
    batch: Batch, snapshot: Snapshot, positions: Sequence[int], columns: Sequence[str] | None = None
) -> pa.Table:
    """Read the posts at some positions.

    Args:
        batch: The batch.
        snapshot: The batch at one moment.
        positions: Positions in the batch, without duplicates.
        columns: The columns to read; None for all of `list_post_columns`.

    Returns:
        One row per post, in the order of the positions.

    Raises:
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    columns = list_post_columns(snapshot) if columns is None else columns
    from_files = exclude_derived_columns(columns)
    computed = [name for name in columns if name not in from_files]
    starts = sorted({position // batch.part_posts * batch.part_posts for position in positions})
    with query_errors(batch):
        joins, parameters = _join_stored_columns(snapshot, from_files, starts)
    sql = f"""
        SELECT {", ".join(map(quote_name, columns))}
        FROM wanted
        LEFT JOIN (SELECT {", ".join(["position", *map(quote_name, computed)])} FROM summary) USING (position)
        {joins}
        ORDER BY place"""  # noqa: S608 (quoted names)
    wanted = pa.table({"position": pa.array(positions, pa.int64()), "place": range(len(positions))})
    with query_errors(batch), snapshot.database.cursor() as cursor:
        cursor.register("wanted", wanted)
        return cursor.sql(sql, params=parameters).to_arrow_table()


def _join_stored_columns(
    snapshot: Snapshot, columns: Sequence[str], starts: Sequence[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """Write joins with columns in files: those of posts, and of the parts that begin at `starts`, or of all parts."""
    joins, parameters = [], {}
    if of_posts := [quote_name(name) for name in columns if name in POST_COLUMNS]:
        parameters["posts"] = snapshot.posts_file()
        joins.append(f"SELECT {', '.join(of_posts)}, file_row_number AS position FROM {POSTS}")  # noqa: S608
    for kind, types in snapshot.types.items():
        if of_parts := [name for name in columns if name in types]:
            sql, files = snapshot.parts_sql(kind, of_parts, starts)
            joins.append(sql)
            parameters |= files
    return " ".join(f"LEFT JOIN ({sql}) USING (position)" for sql in joins), parameters


def _uses_themes(sql: str) -> bool:
    return "JOIN themes" in sql or "FROM themes" in sql


def _search_rows(snapshot: Snapshot, filters: Filters) -> tuple[pa.Table, bool]:
    """Search the posts for the text or ids of the filters.

    Returns:
        The positions of the matching posts and True; if more than half of the posts match, the positions of all other
        posts and False, because joins with fewer rows are faster.
    """

    def search() -> tuple[pa.Table, bool]:
        condition = text_condition(filters, snapshot.batch.settings)
        sql = f"SELECT file_row_number AS position FROM {POSTS} WHERE {condition.sql}"  # noqa: S608
        given = {"posts": snapshot.posts_file(), **condition.values}
        with snapshot.database.cursor() as cursor:
            found = cursor.sql(sql, params=given).to_arrow_table()
        if len(found) <= snapshot.n_posts / 2:
            return found, True
        is_other = np.ones(snapshot.n_posts, dtype=bool)
        is_other[found["position"].to_numpy()] = False
        return pa.table({"position": np.flatnonzero(is_other)}), False

    return snapshot.found.get_or_compute((filters.search.strip(), filters.post_ids), search)
