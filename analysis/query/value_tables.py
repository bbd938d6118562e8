"""Tables of the values of posts, such as their hashtags, in the database of a snapshot.

A table is made when it is first needed, which takes up to a second for a million posts, and three to four for words
and names, and is kept with the summary table: 8 bytes for each value of a post, and each different value once.
"""

from __future__ import annotations

import duckdb

from analysis.columns import VALUE_COLUMNS
from analysis.query.capitals import WordSource
from analysis.query.found_values import find_values_sql, fold_sql, list_own_sql
from analysis.query.snapshot import POSTS, Snapshot
from analysis.query.word_tables import make_name_tables, make_word_tables


def prepare_value_tables(snapshot: Snapshot, column: str) -> None:
    """Make the tables of a column, unless they are there.

    They are `rows_<column>` with position and id, one row per post and value; and `values_<column>` with id, key (the
    form in which equal values are equal) and title (the most frequent spelling).

    Args:
        snapshot: The batch at one moment.
        column: One of `analysis.columns.VALUE_COLUMNS`.

    Raises:
        ValueError: The column has no such tables.
        WorkspaceError: The posts are damaged or were removed in the meantime.
    """
    if column not in VALUE_COLUMNS:
        raise ValueError(f"there is no table of values of {column}")
    if column == "names":
        prepare_value_tables(snapshot, "words")
    with snapshot.lock, snapshot.database.cursor() as cursor:
        if column in snapshot.prepared:
            return
        if column == "words":
            make_word_tables(cursor, _list_word_source(snapshot))
        elif column == "names":
            make_name_tables(cursor, _list_word_source(snapshot))
        else:
            _make_tables(snapshot, cursor, column)
        frequent = cursor.execute(
            f"""
            SELECT title FROM (SELECT id, count(*) AS posts FROM rows_{column} GROUP BY id)
            JOIN values_{column} USING (id) ORDER BY posts DESC, title LIMIT $most""",  # noqa: S608 (constants)
            {"most": snapshot.batch.settings.max_filter_values},
        ).fetchall()
        snapshot.prepared[column] = tuple(title for (title,) in frequent)


def _make_tables(snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, column: str) -> None:
    needs_own = column in ("domains", "platform")
    query = find_values_sql(column, _list_own(snapshot, cursor) if needs_own else ())
    names = ", ".join(("file_row_number AS position", *query.columns))
    # DISTINCT also lets DuckDB use all cores, as it need not keep the order of the posts.
    cursor.execute(
        f"""
        CREATE OR REPLACE TABLE found_{column} AS
        SELECT DISTINCT CAST(position AS UINTEGER) AS position, spelled
        FROM (WITH posts AS (SELECT {names} FROM {POSTS}) {query.sql})""",  # noqa: S608 (constants)
        {**query.values, "posts": snapshot.posts_file()},
    )
    cursor.execute(f"""
        CREATE OR REPLACE TABLE values_{column} AS
        SELECT CAST(row_number() OVER () AS UINTEGER) AS id, key, title
        FROM (
            SELECT key, arg_max(spelled, (posts, spelled)) AS title
            FROM (SELECT spelled, {fold_sql(column, "spelled")} AS key, count(*) AS posts
                FROM found_{column} GROUP BY spelled)
            WHERE key <> '' GROUP BY key ORDER BY key
        )""")  # noqa: S608 (constants)
    cursor.execute(f"""
        CREATE OR REPLACE TABLE rows_{column} AS
        SELECT DISTINCT position, id FROM (
            SELECT position, id
            FROM found_{column} JOIN (
                SELECT spelled, id
                FROM (SELECT DISTINCT spelled, {fold_sql(column, "spelled")} AS key FROM found_{column})
                JOIN values_{column} USING (key)
            ) USING (spelled)
        )""")  # noqa: S608 (constants)
    cursor.execute(f"DROP TABLE found_{column}")


def _list_word_source(snapshot: Snapshot) -> WordSource:
    return WordSource(
        f"SELECT file_row_number AS position, text FROM {POSTS}",  # noqa: S608 (a constant)
        {"posts": snapshot.posts_file()},
        "SELECT position, language FROM summary WHERE language IS NOT NULL",
        max(snapshot.n_posts // snapshot.batch.settings.named_texts, 1),
    )


def _list_own(snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """List the columns of the analyst's own tables, in order of appearance."""
    if not snapshot.own_columns:
        found = cursor.execute(
            list_own_sql(POSTS, "file_row_number"), {"posts": snapshot.posts_file()}
        ).fetchall()
        snapshot.own_columns.extend(name for name, _, _ in found)
    return snapshot.own_columns
