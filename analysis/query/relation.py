"""The joined table of a batch as SQL, how a query over it is run, and how the rows that it names are read.

Columns: those of posts, `position` (0 = the batch's first post), those of scores, words and copies, `TONE_COLUMNS`,
`at_odds` (agreement below `Settings.at_odds_below`; null unless the post has both), `decided_by` ("text" or "image",
where the sentiment is that of this one alone against the other; else null), and for filters `is_copy` (whether there
is a `copy_of`; null until copies are found).

Queries run over the narrow table (`analysis.query.narrow`) and name posts by position; all their columns are then
read for the few rows that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from analysis.posts import POST_COLUMNS
from analysis.query.filters import Filters, condition, naming
from analysis.query.narrow import NARROW, POSTS, Source, quoted, readable, source_of
from analysis.workspace import Batch

_SELECTED = """
WITH joined AS (SELECT *, agreement < $at_odds_below AS at_odds FROM narrow {beside}),
selected AS (SELECT * FROM joined WHERE {condition})
"""
_IN_MEMORY = ("position", "created_at", "day", "at_odds", "decided_by", "is_copy", *NARROW)
_SEARCHES_KEPT = 8  # a page asks many questions about one search; 8 bytes a post that was found


@contextmanager
def asked(
    batch: Batch,
    filters: Filters,
    sql: str,
    also: Sequence[str] = (),
    source: Source | None = None,
    **values: object,
) -> Iterator[duckdb.DuckDBPyRelation]:
    """Run a query over `selected`, the rows of the posts that are meant.

    Args:
        batch: The batch to ask.
        filters: Which posts are meant.
        sql: What to select from `selected`.
        also: Columns that it speaks of; those that are not in memory are read for every post.
        source: The batch at the moment to ask it at; as it is now when None.
        values: Parameters of `sql`.

    Yields:
        The result, not fetched yet.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    source = source or source_of(batch)
    condition_sql, parameters = condition(filters)
    with readable(batch), source.database.cursor() as cursor:
        beside, files = _beside(source, [name for name in also if name not in _IN_MEMORY])
        if filters.search.strip() or filters.post_ids:
            named, are_meant = _named(source, filters)
            cursor.register("named", named)
            condition_sql += " AND position IN" if are_meant else " AND position NOT IN"
            condition_sql += " (SELECT position FROM named)"
        query = _SELECTED.format(condition=condition_sql, beside=beside) + sql
        given = {"at_odds_below": batch.settings.at_odds_below}
        yield cursor.sql(query, params={**given, **parameters, **files, **values})


def fetched(
    batch: Batch, filters: Filters, sql: str, also: Sequence[str] = (), **values: Any
) -> list[dict[str, Any]]:
    """Run a query as `asked` does and fetch a small result, one mapping a row."""
    with asked(batch, filters, sql, also, **values) as result:
        rows: list[dict[str, Any]] = result.to_arrow_table().to_pylist()
    return rows


def columns_of(source: Source) -> tuple[str, ...]:
    """Name every column of the joined table."""
    return (
        *POST_COLUMNS,
        "position",
        *source.types["scores"],
        *source.types["words"],
        *source.types["copies"],
        "at_odds",
        "decided_by",
    )


def rows_at(
    batch: Batch, source: Source, positions: Sequence[int], columns: Sequence[str] | None = None
) -> pa.Table:
    """Read the posts at some positions.

    Args:
        batch: The batch.
        source: The batch at one moment.
        positions: Places in the batch, each once.
        columns: Those to read; all of `columns_of` when None.

    Returns:
        One row a post, in the order of the positions.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    columns = columns_of(source) if columns is None else columns
    starts = sorted({position // batch.part_posts * batch.part_posts for position in positions})
    with readable(batch):
        beside, parameters = _beside(
            source, [name for name in columns if name not in ("at_odds", "decided_by")], starts
        )
    sql = f"""
        SELECT {", ".join(map(quoted, columns))}
        FROM wanted
        LEFT JOIN (SELECT position, decided_by, agreement < $at_odds_below AS at_odds FROM narrow) USING (position)
        {beside}
        ORDER BY place"""  # noqa: S608 (quoted names)
    wanted = pa.table({"position": pa.array(positions, pa.int64()), "place": range(len(positions))})
    with readable(batch), source.database.cursor() as cursor:
        cursor.register("wanted", wanted)
        given = {"at_odds_below": batch.settings.at_odds_below, **parameters}
        return cursor.sql(sql, params=given).to_arrow_table()


def _beside(
    source: Source, columns: Sequence[str], starts: Sequence[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """Write as joins what is read from files: columns of posts, and of the parts that begin at `starts` or all."""
    joins, parameters = [], {}
    if of_posts := [quoted(name) for name in columns if name in POST_COLUMNS]:
        parameters["posts"] = source.posts_file()
        joins.append(f"SELECT {', '.join(of_posts)}, file_row_number AS position FROM {POSTS}")  # noqa: S608
    for kind, types in source.types.items():
        if of_parts := [name for name in columns if name in types]:
            sql, files = source.parts_sql(kind, of_parts, starts)
            joins.append(sql)
            parameters |= files
    return " ".join(f"LEFT JOIN ({sql}) USING (position)" for sql in joins), parameters


def _named(source: Source, filters: Filters) -> tuple[pa.Table, bool]:
    """Find the posts that a search or ids name.

    Returns:
        Their positions and True; where they are more than half, those of all others and False: the fewer there are,
        the sooner each question of a page is joined with them.
    """
    key = (filters.search.strip(), filters.post_ids)
    if key not in source.named:
        condition_sql, parameters = naming(filters)
        sql = f"SELECT file_row_number AS position FROM {POSTS} WHERE {condition_sql}"  # noqa: S608
        given = {"posts": source.posts_file(), **parameters}
        with source.database.cursor() as cursor:
            found, are_meant = cursor.sql(sql, params=given).to_arrow_table(), True
            if len(found) > source.n_posts / 2:
                cursor.register("found", found)
                others = "SELECT position FROM narrow WHERE position NOT IN (SELECT position FROM found)"
                found, are_meant = cursor.sql(others).to_arrow_table(), False
        while len(source.named) >= _SEARCHES_KEPT:
            source.named.pop(next(iter(source.named)), None)
        source.named[key] = found, are_meant
        return found, are_meant
    return source.named[key]
