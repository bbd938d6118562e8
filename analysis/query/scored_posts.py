"""Reads posts with their scores: a page, all in chunks, or one; also counts them and finds neighbours.

`analysis.query.filters` selects posts; `analysis.query.summaries` aggregates them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analysis.columns import TOP_WORDS, catalogue, stored_columns, summary_columns
from analysis.errors import WorkspaceError
from analysis.model.presets import HEADS
from analysis.query.conditions import quote_name
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.found_values import list_own_sql
from analysis.query.snapshot import POSTS, Snapshot
from analysis.query.sql import fetch_query_rows, read_rows_at, run_query
from analysis.query.summary_table import get_query_snapshot, list_post_columns, query_errors
from analysis.workspace import Batch

_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def count_matching_posts(batch: Batch, filters: Filters = EVERY_POST) -> int:
    """Count the matching posts."""
    return int(fetch_query_rows(batch, filters, "SELECT count(*) AS posts FROM selected")[0]["posts"])


def list_sortable_columns(batch: Batch) -> tuple[str, ...]:
    """List the columns of the batch that posts can be sorted by.

    Returns:
        "row" (the batch's order), "uncertainty" (least confident first), then columns of posts and scores.
    """
    snapshot = get_query_snapshot(batch)
    fixed = {column.name: column for column in catalogue.COLUMNS}
    absent = {column.name for column in summary_columns(HEADS) if column.name not in fixed}
    absent -= snapshot.written | stored_columns("scores").keys()
    columns = (name for name in list_post_columns(snapshot) if name not in absent and name != "position")
    return ("row", "uncertainty", *(name for name in columns if name not in fixed or fixed[name].sort))


def read_page(
    batch: Batch,
    filters: Filters = EVERY_POST,
    sort: str = "row",
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read some posts with their scores.

    Args:
        batch: The batch.
        filters: Which posts match.
        sort: One of `list_sortable_columns(batch)`; posts without a value come last, ties keep the batch's order.
        descending: Whether the highest come first; with "uncertainty", whether the most confident do.
        limit: Maximum number of posts.
        offset: Posts to skip.
        columns: The columns to read, which is faster for thousands of posts; None for all.

    Returns:
        One row per post: `POST_COLUMNS` (images as lists), position, scores, disagree, decided_by, interactions,
        top_words (lists of word and value); without `columns`, also labels of people, custom topics and themes,
        if the batch has any.

    Raises:
        WorkspaceError: The batch cannot be sorted by this column.
    """
    positions = list_positions(batch, filters, sort, descending, limit, offset)
    return read_posts_at(batch, positions, columns)


def list_positions(
    batch: Batch,
    filters: Filters = EVERY_POST,
    sort: str = "row",
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> list[int]:
    """List the positions in the batch of the posts that `read_page` reads, whose arguments these are.

    Raises:
        WorkspaceError: The batch cannot be sorted by this column.
    """
    column, order = _order_sql(batch, sort, descending)
    sql = f"SELECT position FROM selected ORDER BY {order} LIMIT $limit OFFSET $offset"  # noqa: S608 (from _order)
    rows = fetch_query_rows(batch, filters, sql, [column], limit=limit, offset=offset)
    return [row["position"] for row in rows]


def read_arrays(batch: Batch, filters: Filters, columns: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read some columns of all matching posts, in no particular order, as arrays: (posts,) each.

    Fast for columns of the summary table; others are read from files. Missing numbers are NaN, missing texts None.
    """
    names = ", ".join(map(quote_name, columns))
    with run_query(batch, filters, f"SELECT {names} FROM selected", columns) as result:  # noqa: S608 (quoted)
        return {name: _fill_missing(values) for name, values in result.fetchnumpy().items()}


def find_posts_by_value(batch: Batch, column: str, values: Collection[str]) -> dict[str, list[int]]:
    """Find the posts with some values in a column of texts.

    Returns:
        The positions of the posts with each value that any post has.
    """
    name = quote_name(column)
    sql = f"SELECT {name} AS value, position FROM selected WHERE {name} IN (SELECT unnest($values)) ORDER BY position"  # noqa: S608
    found: dict[str, list[int]] = {}
    for row in fetch_query_rows(batch, EVERY_POST, sql, [column], values=list(values)) if values else ():
        found.setdefault(row["value"], []).append(row["position"])
    return found


def read_posts_at(
    batch: Batch, positions: Sequence[int], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read the posts at some positions, in this order, with the columns of `read_page`."""
    rows = read_rows_at(batch, get_query_snapshot(batch), positions, columns)
    return _to_frame(rows, batch if columns is None else None)


def list_rows(posts: pd.DataFrame) -> list[dict[str, Any]]:
    """List posts as dictionaries of plain Python values by column, such as those of `read_page`."""
    return [{str(name): value for name, value in post.items()} for post in posts.to_dict("records")]


def read_post_chunks(
    batch: Batch, filters: Filters = EVERY_POST, posts: int = 10_000
) -> Iterator[pd.DataFrame]:
    """Read all matching posts in the batch's order, as `read_page` does, at most `posts` at a time.

    Posts and parts are selected at the start, so scores written in the meantime do not affect the result. Takes
    memory of 8 bytes per post, plus one chunk.
    """
    snapshot = get_query_snapshot(batch)
    positions = find_positions(batch, filters, snapshot)
    for start in range(0, len(positions), posts):
        yield _to_frame(read_rows_at(batch, snapshot, positions[start : start + posts].tolist()), batch)


def find_positions(batch: Batch, filters: Filters, snapshot: Snapshot | None = None) -> NDArray[np.int64]:
    """Find the positions in the batch of all matching posts, ascending; 8 bytes per post."""
    with run_query(
        batch, filters, "SELECT position FROM selected ORDER BY position", snapshot=snapshot
    ) as result:
        positions: NDArray[np.int64] = result.fetchnumpy()["position"]
    return positions


def read_post(batch: Batch, post_id: str) -> pd.Series:
    """Read one post with its scores.

    Returns:
        The columns of `read_page` as plain Python values, None if missing.

    Raises:
        WorkspaceError: The batch has no such post.
    """
    position = _find_position(batch, post_id)
    if position is None:
        raise WorkspaceError(
            f"Post {post_id[:80]!r}",
            f"is not in the batch {batch.manifest.name!r}",
            "Choose a post from the list.",
        )
    row = read_rows_at(batch, get_query_snapshot(batch), [position]).to_pylist()[0]
    row["top_words"] = _word_pairs(row["top_words"])
    if batch.labels:
        row |= {name: values[0] for name, values in batch.labels.compute_columns([position]).items()}
    if batch.custom_topics:
        row |= {name: values[0] for name, values in batch.custom_topics.compute_columns([position]).items()}
    if batch.themes:
        row |= {name: values[0] for name, values in batch.themes.compute_columns([position]).items()}
    return pd.Series(row, dtype=object)


def find_previous_and_next(
    batch: Batch, post_id: str, filters: Filters = EVERY_POST, sort: str = "row", descending: bool = False
) -> tuple[str | None, str | None]:
    """Find the posts before and after one, in the order that `read_page` gives.

    Returns:
        Their ids; None at either end, and both None when the post does not match.
    """
    column, order = _order_sql(batch, sort, descending)
    sql = f"""
        SELECT previous, next FROM (
            SELECT position, lag(position) OVER places AS previous, lead(position) OVER places AS next
            FROM selected WINDOW places AS (ORDER BY {order})
        ) WHERE position = $position"""  # noqa: S608 (from _order)
    position = _find_position(batch, post_id)
    rows = [] if position is None else fetch_query_rows(batch, filters, sql, [column], position=position)
    either = (rows[0]["previous"], rows[0]["next"]) if rows else (None, None)
    present = [each for each in either if each is not None]
    ids = dict(
        zip(
            present,
            read_rows_at(batch, get_query_snapshot(batch), present, ["post_id"])["post_id"].to_pylist(),
            strict=True,
        )
    )
    return ids.get(either[0]), ids.get(either[1])


def list_own_columns(batch: Batch) -> list[str]:
    """List the unmapped columns of the analyst's tables, in order of appearance."""
    snapshot = get_query_snapshot(batch)
    sql = list_own_sql(POSTS, "file_row_number")
    odd = f"SELECT extra, file_row_number AS row FROM {POSTS} WHERE NOT json_valid(extra)"  # noqa: S608
    given = {"posts": snapshot.posts_file()}
    with query_errors(batch), snapshot.database.cursor() as cursor:
        first = {name: (row, place) for name, row, place in cursor.sql(sql, params=given).fetchall()}
        halves = cursor.sql(odd, params=given).fetchall()  # DuckDB does not accept lone surrogates as JSON
    for extra, row in halves:
        for place, name in enumerate(json.loads(extra), start=1):
            first[name] = min(first.get(name, (row, place)), (row, place))
    return sorted(first, key=first.__getitem__)


def _fill_missing(values: NDArray[Any]) -> NDArray[Any]:
    if not isinstance(values, np.ma.MaskedArray):
        return values
    is_text = values.dtype == object
    return np.ma.filled(values if is_text else values.astype(np.float64), None if is_text else np.nan)


def _find_position(batch: Batch, post_id: str) -> int | None:
    found = fetch_query_rows(batch, Filters(post_ids=(post_id,)), "SELECT position FROM selected")
    return found[0]["position"] if found else None


def _order_sql(batch: Batch, sort: str, descending: bool) -> tuple[str, str]:
    """Return the column to sort by, and the order as SQL."""
    known = {"row", "uncertainty", *(column.name for column in catalogue.COLUMNS if column.sort)}
    if sort not in known and sort not in list_sortable_columns(batch):
        raise WorkspaceError(
            f"Sorting by {sort[:80]!r}", "is not possible in this batch", "Choose another column."
        )
    column = {"row": "position", "uncertainty": "confidence"}.get(sort, sort)
    return column, f"{quote_name(column)} {'DESC' if descending else 'ASC'} NULLS LAST, position"


def _to_frame(table: pa.Table, batch: Batch | None) -> pd.DataFrame:
    """Convert rows to a frame, and add the columns of people's labels, custom topics and themes."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_TYPES.get)
    for column in frame.columns.intersection(["images", "image_names"]):
        frame[column] = [list(names) for names in frame[column]]
    for number, field in enumerate(table.schema):
        if field.type == TOP_WORDS:
            words = [_word_pairs(each) for each in table.column(number).to_pylist()]
            frame[field.name] = pd.Series(words, dtype=object)
    if batch and batch.labels:
        labels = batch.labels.compute_columns(frame["position"].tolist())
        frame = frame.assign(**{name: pd.Series(each, frame.index, object) for name, each in labels.items()})
    if batch and batch.custom_topics:
        frame = frame.assign(**batch.custom_topics.compute_columns(frame["position"].to_numpy()))
    if batch and batch.themes:
        frame = frame.assign(**batch.themes.compute_columns(frame["position"].to_numpy()))
    return frame


def _word_pairs(words: list[dict[str, Any]] | None) -> list[tuple[str, float]] | None:
    return None if words is None else [(each["word"], each["value"]) for each in words]
