"""The joined table of a batch as SQL, and how a query over it is run.

Columns: those of the posts, `position` (0 = the batch's first post), those of the scores and words,
`TONE_COLUMNS`, `at_odds` (agreement below `Settings.at_odds_below`; null unless the post has both), and `decided_by`
("text" or "image", where the sentiment is that of this one alone against the other; else null).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from typing import Any

import duckdb
import pyarrow as pa

from analysis.errors import WorkspaceError
from analysis.query.filters import TONES, Filters, condition
from analysis.workspace import PART_COLUMNS, Batch

_SQL_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}

TONE_COLUMNS = {"emotion": pa.string(), **{f"p_{tone}": pa.float64() for tone in TONES}}
"""What filters ask for although a model need not have it: null where it has not."""
_ALWAYS = {"scores": {**PART_COLUMNS["scores"], **TONE_COLUMNS}, "words": PART_COLUMNS["words"]}
"""The columns that a query can speak of, whatever the parts hold: those of an older PostLens hold less."""

_SELECTED = """
WITH joined AS (
    SELECT *, agreement < $at_odds_below AS at_odds,
        CASE WHEN text_sentiment <> image_sentiment AND sentiment = text_sentiment THEN 'text'
            WHEN text_sentiment <> image_sentiment AND sentiment = image_sentiment THEN 'image' END AS decided_by
    FROM (
        SELECT * EXCLUDE (file_row_number), file_row_number AS position
        FROM read_parquet($posts, file_row_number = true)
    )
    LEFT JOIN ({scores}) USING (post_id)
    LEFT JOIN ({words}) USING (post_id)
),
selected AS (SELECT * FROM joined WHERE {condition})
"""


@contextmanager
def asked(batch: Batch, filters: Filters, sql: str, **values: object) -> Iterator[duckdb.DuckDBPyRelation]:
    """Run a query over `selected`, the joined rows of the posts that are meant.

    Args:
        batch: The batch to ask.
        filters: Which posts are meant.
        sql: What to select from `selected`.
        values: Parameters of `sql`.

    Yields:
        The result, not fetched yet.

    Raises:
        WorkspaceError: If a file is damaged or was removed meanwhile.
    """
    condition_sql, parameters = condition(filters)
    parameters |= {
        "at_odds_below": batch.settings.at_odds_below,
        "posts": escape(str(batch.folder / "posts.parquet")),
    }
    tables = {}
    for kind, columns in _ALWAYS.items():
        nulls = (f"CAST(NULL AS {_SQL_TYPES[type_]}) AS {name}" for name, type_ in columns.items())
        tables[kind] = f"SELECT {', '.join(nulls)} WHERE false"
        if any((batch.folder / kind).glob("part-*.parquet")):
            tables[kind] += f" UNION ALL BY NAME FROM read_parquet(${kind}, union_by_name = true)"
            parameters[kind] = escape(str(batch.folder / kind)) + "/part-*.parquet"
    query = _SELECTED.format(condition=condition_sql, **tables) + sql
    try:
        with _database().cursor() as cursor:
            yield cursor.sql(query, params={**parameters, **values})
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise WorkspaceError(
            f"Batch {batch.id}", "has scores that cannot be read", "Score it again, or reopen it."
        ) from error


def fetched(batch: Batch, filters: Filters, sql: str, **values: Any) -> list[dict[str, Any]]:
    """Run a query as `asked` does and fetch a small result, one mapping a row."""
    with asked(batch, filters, sql, **values) as result:
        rows: list[dict[str, Any]] = result.to_arrow_table().to_pylist()
    return rows


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """One database in memory for the process; each query has a cursor of its own, as threads need."""
    database = duckdb.connect(config={"autoinstall_known_extensions": False})
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # days and weeks are those of UTC, wherever this runs
    return database
