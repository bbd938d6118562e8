"""Values such as hashtags of posts in a table in memory; see `analysis.query.value_tables` for those of a batch."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

from analysis.columns import VALUES
from analysis.query.found_values import find_values_sql, fold_sql, list_own_sql

_TEXTS = ("post_id", "text", "author", "extra")


def find_value_rows(posts: pd.DataFrame, column: str) -> pd.DataFrame:
    """Find the values of a column in posts.

    Args:
        posts: The posts, with post_id, text, author and extra.
        column: One of `analysis.columns.VALUES`.

    Returns:
        One row per post and different value: position (0 is the first post), key (the form in which equal values are
        equal), title (its most frequent spelling in these posts), spelled (as in this post), in the order of posts
        and keys.

    Raises:
        ValueError: The column has no such values.
    """
    if column not in VALUES:
        raise ValueError(f"{column} has no values that can be found in posts")
    texts = {name: pa.array(posts[name], pa.string(), from_pandas=True) for name in _TEXTS}
    table = pa.table({"position": range(len(posts)), **texts})
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as database:
        database.register("posts", table)
        own = [name for (name,) in database.execute(list_own_sql("posts")).fetchall()]
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


def list_values(posts: pd.DataFrame, column: str) -> pd.Series:
    """List the different values of each post; see `find_value_rows`.

    Returns:
        One list of texts per post, as spelled there, in the order of the alphabet; empty for a post without values.
    """
    rows = find_value_rows(posts, column)
    found = rows.groupby("position")["spelled"].agg(list)
    lists = [found.get(position, []) for position in range(len(posts))]
    return pd.Series(lists, index=posts.index, dtype=object)
