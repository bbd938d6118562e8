"""The posts themselves with their scores: counted, by the page, all in chunks, one, its neighbours.

Which posts are meant is `analysis.query.filters`; sums over posts are `analysis.query.summaries`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from analysis.errors import WorkspaceError
from analysis.posts import POST_COLUMNS
from analysis.query.filters import EVERY_POST, Filters
from analysis.query.relation import TONE_COLUMNS, asked, fetched
from analysis.workspace import PART_COLUMNS, Batch

_NOT_SORTABLE = {
    "images",
    "image_names",
    "extra",
    "row",
    "position",
    "decided_by",
}  # the row in a file is no order of posts
_ALWAYS_SORTABLE = {"row", "uncertainty"} | ({*POST_COLUMNS, *PART_COLUMNS["scores"]} - _NOT_SORTABLE)
_TYPES = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def count(batch: Batch, filters: Filters = EVERY_POST) -> int:
    """Count the posts that are meant."""
    return int(fetched(batch, filters, "SELECT count(*) AS posts FROM selected")[0]["posts"])


def sortable(batch: Batch) -> tuple[str, ...]:
    """Name the columns that posts can be sorted by, as far as the batch has them.

    Returns:
        "row" (the batch's order), "uncertainty" (least confident first), then columns of posts and scores.
    """
    absent = TONE_COLUMNS.keys() - batch.columns("scores")
    with asked(batch, EVERY_POST, "SELECT * FROM selected") as result:
        columns = tuple(name for name in result.columns if name not in _NOT_SORTABLE | absent)
    return ("row", "uncertainty", *columns)


def page(
    batch: Batch,
    filters: Filters = EVERY_POST,
    sort: str = "row",
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> pd.DataFrame:
    """Read some posts with their scores.

    Args:
        batch: The batch.
        filters: Which posts are meant.
        sort: One of `sortable(batch)`; posts without a value come last, ties keep the batch's order.
        descending: Whether the highest come first; with "uncertainty", whether the most confident do.
        limit: Most posts to read.
        offset: Posts to skip.

    Returns:
        One row a post: `POST_COLUMNS` (images as lists), position, scores, at_odds, decided_by, top_words.

    Raises:
        WorkspaceError: If the batch cannot be sorted by that.
    """
    order = _order(batch, sort, descending)
    sql = f"SELECT * FROM selected ORDER BY {order} LIMIT $limit OFFSET $offset"  # noqa: S608 (from _order)
    with asked(batch, filters, sql, limit=limit, offset=offset) as result:
        return _frame(result.to_arrow_table())


def chunks(batch: Batch, filters: Filters = EVERY_POST, posts: int = 10_000) -> Iterator[pd.DataFrame]:
    """Read all posts that are meant in the batch's order, as `page` does, at most `posts` at a time.

    It is one query, so what is scored meanwhile does not change it.
    """
    with asked(batch, filters, "SELECT * FROM selected ORDER BY position") as result:
        for rows in result.to_arrow_reader(posts):
            yield _frame(pa.Table.from_batches([rows]))


def one(batch: Batch, post_id: str) -> pd.Series:
    """Read one post with its scores.

    Returns:
        The columns of `page` as plain Python values, None where there is none.

    Raises:
        WorkspaceError: If the batch has no such post.
    """
    found = fetched(batch, Filters(post_ids=(post_id,)), "SELECT * FROM selected")
    if not found:
        raise WorkspaceError(
            f"Post {post_id[:80]!r}",
            f"is not in the batch {batch.manifest.name!r}",
            "Choose a post from the list.",
        )
    return pd.Series(found[0], dtype=object)


def neighbours(
    batch: Batch, post_id: str, filters: Filters = EVERY_POST, sort: str = "row", descending: bool = False
) -> tuple[str | None, str | None]:
    """Find the posts before and after one, in the order that `page` gives.

    Returns:
        Their ids; None at either end, and both None when the post is not among those that are meant.
    """
    order = _order(batch, sort, descending)
    sql = f"""
        SELECT previous, next FROM (
            SELECT post_id, lag(post_id) OVER places AS previous, lead(post_id) OVER places AS next
            FROM selected WINDOW places AS (ORDER BY {order})
        ) WHERE post_id = $post_id"""  # noqa: S608 (from _order)
    rows = fetched(batch, filters, sql, post_id=post_id)
    return (rows[0]["previous"], rows[0]["next"]) if rows else (None, None)


def _order(batch: Batch, sort: str, descending: bool) -> str:
    if sort not in _ALWAYS_SORTABLE and sort not in sortable(batch):
        raise WorkspaceError(
            f"Sorting by {sort[:80]!r}", "is not possible in this batch", "Choose another column."
        )
    column = {"row": "position", "uncertainty": "confidence"}.get(sort, sort)
    quoted = column.replace('"', '""')
    return f'"{quoted}" {"DESC" if descending else "ASC"} NULLS LAST, position'


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=_TYPES.get)
    for column in ("images", "image_names"):
        frame[column] = [list(names) for names in frame[column]]
    return frame
