"""Values such as hashtags of posts in a table in memory; see `analysis.query.value_tables` for those of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.columns import VALUE_COLUMNS, WORD_COLUMNS
from analysis.query.capitals import WordSource
from analysis.query.found_values import find_values_sql, fold_sql, list_own_sql
from analysis.query.word_tables import make_name_tables, make_word_tables

_TEXTS = ("post_id", "text", "author", "extra", "language")


def find_value_rows(posts: pd.DataFrame, column: str) -> pd.DataFrame:
    """Find the values of a column in posts.

    Args:
        posts: The posts, with post_id, text, author and extra; for words and names also language, if it is known.
        column: One of `analysis.columns.VALUE_COLUMNS`.

    Returns:
        One row per post and different value: position (0 is the first post), key (the form in which equal values are
        equal), title (its most frequent spelling in these posts), spelled (as in this post; of words and names, the
        title), in the order of posts and keys.

    Raises:
        ValueError: The column has no such values.
    """
    with _open_posts(posts) as database:
        if column in WORD_COLUMNS:
            return _find_word_rows(database, column, "language" in posts)
        return _find_rows(database, column, _fetch_own_columns(database))


def list_values(posts: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """List the different values of each post; see `find_value_rows`.

    Args:
        posts: The posts, with post_id, text, author and extra.
        columns: Some of `analysis.columns.VALUE_COLUMNS`, without words and names.

    Returns:
        These columns, with the index of the posts: one list of texts per post, as spelled there, in the order of the
        alphabet; empty for a post without values.

    Raises:
        ValueError: A column has no such values.
    """
    lists: dict[str, list[list[str]]] = {}
    with _open_posts(posts) as database:
        own = _fetch_own_columns(database)
        for column in columns:
            lists[column] = [[] for _ in range(len(posts))]
            rows = _find_rows(database, column, own)
            for position, spelled in zip(rows["position"].tolist(), rows["spelled"].tolist(), strict=True):
                lists[column][position].append(spelled)
    return pd.DataFrame(
        {column: pd.Series(lists[column], posts.index, object) for column in columns}, posts.index
    )


@contextmanager
def _open_posts(posts: pd.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database with the table `posts`."""
    texts = {name: pa.array(posts[name], pa.string(), from_pandas=True) for name in _TEXTS if name in posts}
    table = pa.table({"position": range(len(posts)), **texts})
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
        database.register("posts", table)
        yield database


def _fetch_own_columns(database: duckdb.DuckDBPyConnection) -> list[str]:
    """List the columns of the analyst's own tables."""
    return [name for name, _, _ in database.execute(list_own_sql("posts", "position")).fetchall()]


def _find_rows(database: duckdb.DuckDBPyConnection, column: str, own: Sequence[str]) -> pd.DataFrame:
    if column not in VALUE_COLUMNS:
        raise ValueError(f"{column} has no values that can be found in posts")
    query = find_values_sql(column, own)
    sql = f"""
        WITH found AS (SELECT position, spelled, {fold_sql(column, "spelled")} AS key FROM ({query.sql})),
            titles AS (
                SELECT key, arg_max(spelled, (posts, spelled)) AS title
                FROM (SELECT key, spelled, count(DISTINCT position) AS posts FROM found GROUP BY key, spelled)
                WHERE key <> '' GROUP BY key
            )
        SELECT position, key, title, max(spelled) AS spelled FROM found JOIN titles USING (key)
        GROUP BY position, key, title ORDER BY position, key"""  # noqa: S608
    rows: pd.DataFrame = database.sql(sql, params=query.values).to_arrow_table().to_pandas()
    return rows


def _find_word_rows(database: duckdb.DuckDBPyConnection, column: str, has_language: bool) -> pd.DataFrame:
    languages = "language" if has_language else "CAST(NULL AS VARCHAR) AS language"
    source = WordSource(
        "SELECT position, text FROM posts",
        {},
        f"SELECT * FROM (SELECT position, {languages} FROM posts) WHERE language IS NOT NULL",  # noqa: S608
    )
    make_word_tables(database, source)
    if column == "names":
        make_name_tables(database, source)
    sql = f"""
        SELECT position, key, title, title AS spelled
        FROM rows_{column} JOIN values_{column} USING (id) ORDER BY position, key"""  # noqa: S608 (of `WORD_COLUMNS`)
    rows: pd.DataFrame = database.sql(sql).to_arrow_table().to_pandas()
    return rows
