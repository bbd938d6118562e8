"""Reads parts of a batch as an SQL table with uniform column types, regardless of the version that wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from glob import escape
from pathlib import Path
from typing import Any

import duckdb

from analysis.query.conditions import quote_name
from analysis.workspace import Batch

_WORDS_OF_TEXT = """
    list_transform(
        list_filter(string_split(top_words, '; '), lambda pair: regexp_matches(pair, '^.+ [+-][0-9.]+$')),
        lambda pair: {'word': regexp_extract(pair, '^(.+) ([+-][0-9.]+)$', 1),
                 'value': CAST(regexp_extract(pair, '^(.+) ([+-][0-9.]+)$', 2) AS DOUBLE)}
    )"""
"""Reads `top_words` of parts that store them as text, such as "awful +0.61; but -0.20"."""


def parts_sql(
    batch: Batch,
    database: duckdb.DuckDBPyConnection,
    kind: str,
    parts: Mapping[int, Path],
    types: Mapping[str, str],
    columns: Iterable[str],
    starts: Iterable[int] | None,
) -> tuple[str, dict[str, Any]]:
    """Write as SQL the table of some parts, once their digests are checked.

    Args:
        batch: The batch.
        database: The connection that reads them.
        kind: "scores", "words" or "copies".
        parts: Files of this kind by first position.
        types: SQL types of the columns that a query can name.
        columns: The columns to read; null if the parts lack one.
        starts: First positions of the parts to read; all when None.

    Returns:
        The query, whose columns are `position` and `columns`, and its parameters.

    Raises:
        WorkspaceError: A part is damaged or was removed in the meantime.
    """
    used = {start: parts[start] for start in (parts if starts is None else starts) if start in parts}
    for start in used:
        batch.check_part(kind, start // batch.part_posts)
    columns = list(columns)
    older = _with_text_words(database, used) if "top_words" in columns else {}
    groups = {
        kind: {start: path for start, path in used.items() if start not in older},
        f"{kind}_older": older,
    }
    queries, values = [], dict[str, Any]()
    for key, group in groups.items():
        if group:
            sql, parameters = _group_sql(database, key, group, types, columns, bool(older and group is older))
            queries.append(sql)
            values |= parameters
    if not queries:
        nulls = ", ".join(f"CAST(NULL AS {types[name]}) AS {quote_name(name)}" for name in columns)
        return f"SELECT CAST(NULL AS BIGINT) AS position, {nulls} WHERE false", {}
    return " UNION ALL ".join(queries), values


def union_types(database: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> dict[str, str]:
    """Read the SQL types of the columns that any of some Parquet files has."""
    files = [escape(str(path)) for path in paths]
    if not files:
        return {}
    with database.cursor() as cursor:
        result = cursor.sql(
            "SELECT * FROM read_parquet($files, union_by_name = true, hive_partitioning = false)",
            params={"files": files},
        )
        return dict(zip(result.columns, map(str, result.types), strict=True))


def _group_sql(
    database: duckdb.DuckDBPyConnection,
    key: str,
    files: Mapping[int, Path],
    types: Mapping[str, str],
    columns: Iterable[str],
    are_older: bool,
) -> tuple[str, dict[str, Any]]:
    written = union_types(database, files.values())
    names = ", ".join(
        f"CAST({_expression(name, name in written, are_older)} AS {types[name]}) AS {quote_name(name)}"
        for name in columns
    )
    sql = f"""
        SELECT CAST($starts_{key}[CAST(file_index + 1 AS BIGINT)] AS BIGINT) + file_row_number AS position, {names}
        FROM read_parquet(
            ${key}, union_by_name = true, file_row_number = true, hive_partitioning = false
        )"""  # noqa: S608 (quoted names)
    return sql, {f"starts_{key}": list(files), key: [escape(str(path)) for path in files.values()]}


def _expression(name: str, is_there: bool, are_older: bool) -> str:
    if not is_there:
        return "NULL"
    return _WORDS_OF_TEXT if are_older and name == "top_words" else quote_name(name)


def _with_text_words(database: duckdb.DuckDBPyConnection, parts: Mapping[int, Path]) -> dict[int, Path]:
    """Find the parts of an older version, whose words are text and not lists."""
    if not parts:
        return {}
    with database.cursor() as cursor:
        found = cursor.execute(
            "SELECT file_name FROM parquet_schema($files) WHERE name = 'top_words' AND type IS NOT NULL",
            {"files": [escape(str(path)) for path in parts.values()]},
        ).fetchall()
    older = {name for (name,) in found}
    return {start: path for start, path in parts.items() if str(path) in older}
