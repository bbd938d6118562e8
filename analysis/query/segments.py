"""Segments of posts, such as those of several authors: which posts are in which, and counts of them.

A segment is a batch with filters, so anything that filters select can be compared, also across batches. A post can be
in several segments. Posts are therefore counted by their combination of segments, a number whose bit 0 stands for the
first segment; sums of segments, and of the posts outside them, are sums over combinations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analysis.errors import PostLensError
from analysis.model.config import SENTIMENTS
from analysis.query.breakdown import SQUARES, group_sql
from analysis.query.conditions import quote_name
from analysis.query.filters import Filters
from analysis.query.snapshot import Snapshot
from analysis.query.sql import run_query
from analysis.query.summary_table import check_class_columns, get_query_snapshot, query_errors
from analysis.query.weights import ENGAGEMENT, UNWEIGHTED, squares_sql, total_sql, weight_sql
from analysis.workspace import Batch

MAX_SEGMENTS = 8
"""Segments that can be compared: their combinations fit into one byte per post, and their names onto a screen."""
_SUMS = ("posts", "amount", *SENTIMENTS, *SQUARES, *ENGAGEMENT)


@dataclass(frozen=True)
class Segment:
    """Some posts of a batch.

    Attributes:
        name: Its display name; untrusted.
        batch: The batch; all segments that are compared are of one workspace.
        filters: Which posts match.
    """

    name: str
    batch: Batch
    filters: Filters


@dataclass(frozen=True, eq=False)
class Members:
    """Which scored posts are in which segments.

    Attributes:
        segments: The segments.
        tables: By id of the batch, its posts that are in any segment: position, and members (the combination).
        snapshots: By id of the batch, the batch at the moment when the posts were found.
    """

    segments: tuple[Segment, ...]
    tables: Mapping[str, pa.Table]
    snapshots: Mapping[str, Snapshot]

    def shared_posts(self) -> NDArray[np.int64]:
        """Count the posts that two segments share: (segments, segments); the diagonal has the posts of each."""
        counts = np.zeros(2**MAX_SEGMENTS, np.int64)
        for table in self.tables.values():
            counts += np.bincount(table["members"].to_numpy(), minlength=len(counts))
        has = list_members(np.arange(len(counts)), len(self.segments))  # (combinations, segments)
        return has.T.astype(np.int64) @ (has * counts[:, None])

    def fetch(self, sql: str, sample: Mapping[str, pa.Table] | None = None) -> pd.DataFrame:
        """Run a query in each batch, over `members` (a table of `tables`), `summary` and tables of values.

        Args:
            sql: The query. The parameter $posts is the post table.
            sample: Tables to use in place of `tables`.

        Returns:
            The rows of all batches.

        Raises:
            WorkspaceError: A file is damaged or was removed in the meantime.
        """
        found = []
        for batch_id, table in (sample or self.tables).items():
            snapshot = self.snapshots[batch_id]
            given = {"posts": snapshot.posts_file()} if "$posts" in sql else {}
            with query_errors(snapshot.batch), snapshot.database.cursor() as cursor:
                cursor.register("members", table)
                found.append(cursor.sql(sql, params=given).to_arrow_table().to_pandas())
        return pd.concat(found, ignore_index=True)


@dataclass(frozen=True, eq=False)
class SegmentCounts:
    """Counts of scored posts by segment.

    Attributes:
        table: One row per segment: posts, amount (what is counted), negative, neutral, positive (amounts), squares,
            negative_squares, positive_squares (sums of squared weights), likes, interactions (null if not known).
        amount: What is counted, over all posts that are in any segment.
        squares: The sum of their squared weights.
    """

    table: pd.DataFrame
    amount: float
    squares: float


def find_members(segments: Sequence[Segment]) -> Members:
    """Find the scored posts of segments; takes 9 bytes for each post in a segment.

    Args:
        segments: Two to `MAX_SEGMENTS`.

    Raises:
        PostLensError: There are too few or too many segments.
        WorkspaceError: A file is damaged or was removed in the meantime.
    """
    if not 2 <= len(segments) <= MAX_SEGMENTS:
        raise PostLensError(
            f"{len(segments)} segments", "cannot be compared", f"Choose 2 to {MAX_SEGMENTS} of them."
        )
    snapshots = {each.batch.id: get_query_snapshot(each.batch) for each in segments}
    members = {name: np.zeros(each.n_posts, np.uint8) for name, each in snapshots.items()}
    for number, segment in enumerate(segments):
        snapshot = snapshots[segment.batch.id]
        only = segment.filters.replace(scored=True)
        with run_query(segment.batch, only, "SELECT position FROM selected", snapshot=snapshot) as result:
            members[segment.batch.id][result.fetchnumpy()["position"]] |= 1 << number
    tables = {}
    for name, each in members.items():
        positions = np.flatnonzero(each)
        tables[name] = pa.table({"position": positions, "members": each[positions]})
    return Members(tuple(segments), tables, snapshots)


def count_segments(members: Members, weight: str = UNWEIGHTED) -> SegmentCounts:
    """Count the scored posts of segments; those without a known weight are left out.

    Args:
        members: The posts.
        weight: One of `WEIGHTS`: what is counted.

    Raises:
        ValueError: There is no such weight.
    """
    source = "(SELECT * FROM summary JOIN members USING (position))"
    found = members.fetch(group_sql(source, "members", weight))
    sums = sum_segments(found["id"], found[list(_SUMS)].astype(float), len(members.segments))
    known = sum_segments(found["id"], found[list(ENGAGEMENT)].notna().astype(int), len(members.segments))
    table = sums.assign(**{name: sums[name].where(known[name] > 0) for name in ENGAGEMENT})
    return SegmentCounts(table, float(found["amount"].sum()), float(found["squares"].sum()))


def count_segment_classes(members: Members, column: str, weight: str = UNWEIGHTED) -> pd.DataFrame:
    """Count the scored posts of segments by a column of classes, such as the topic.

    Args:
        members: The posts.
        column: Such as "topic"; posts without a value are left out.
        weight: One of `WEIGHTS`: what is counted.

    Returns:
        segment (its number), value, amount, squares (sum of squared weights); one row for each that occurs.

    Raises:
        ValueError: Posts cannot be counted by this column, or there is no such weight.
    """
    for snapshot in members.snapshots.values():
        check_class_columns(snapshot, [column])
    name = quote_name(column)
    found = members.fetch(f"""
        SELECT members, CAST({name} AS VARCHAR) AS value, {total_sql(weight)} AS amount,
            {squares_sql(weight)} AS squares
        FROM summary JOIN members USING (position)
        WHERE sentiment IS NOT NULL AND {name} IS NOT NULL AND {weight_sql(weight)} IS NOT NULL
        GROUP BY ALL""")  # noqa: S608 (quoted)
    has = list_members(found["members"].to_numpy(), len(members.segments))
    by_segment = [
        found[has[:, number]].assign(segment=number).drop(columns="members") for number in range(has.shape[1])
    ]
    return pd.concat(by_segment).groupby(["segment", "value"], as_index=False)[["amount", "squares"]].sum()


def list_members(combinations: NDArray[Any], segments: int) -> NDArray[np.bool_]:
    """Return which segments each combination has: (combinations, segments)."""
    return (np.asarray(combinations, np.int64)[:, None] >> np.arange(segments)) % 2 == 1


def sum_segments(combinations: pd.Series, sums: pd.DataFrame, segments: int) -> pd.DataFrame:
    """Add up sums of combinations, so that there is one row per segment."""
    has = list_members(combinations.to_numpy(), segments)
    return pd.DataFrame(has.T.astype(float) @ sums.fillna(0).to_numpy(float), columns=sums.columns)
