"""A report of posts as typed values, chunk by chunk, and reports written to a batch's folder.

Exporters write the values to a file (`analysis.exporters.exporter`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, Any

import pandas as pd

from analysis import query
from analysis.columns import ORIGINAL, Column
from analysis.exporters.corrections import apply_corrections
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.headings import Headings
from analysis.exporters.privacy import (
    AS_GIVEN,
    Privacy,
    keep_published_columns,
    list_published_columns,
    protect_values,
)
from analysis.exporters.topic_names import NO_TOPICS
from analysis.query import Filters
from analysis.workspace import Batch
from analysis.workspace.files import open_atomically


def read_report_chunks(
    chunks: Iterable[pd.DataFrame],
    columns: Sequence[Column],
    privacy: Privacy = AS_GIVEN,
    topics: Mapping[str, str] = NO_TOPICS,
) -> Iterator[pd.DataFrame]:
    """Yield the values of a report's columns.

    Args:
        chunks: Posts with their scores (`analysis.query.read_post_chunks`).
        columns: The report's columns in order.
        privacy: Whether names are replaced by pseudonyms, or only scores are published.
        topics: See `list_published_columns`.

    Yields:
        One row per post and one column per entry of `list_published_columns(columns, privacy, topics)`, in their
        order, of the types `Column.type`; null where a post has no value. Columns of the analyst's table contain
        JSON values.

    Raises:
        PostLensError: None of the columns may be published.
    """
    names = [column.name for column in list_published_columns(columns, privacy, topics)]
    kept = keep_published_columns(columns, privacy)
    found = [column.name for column in kept if column.table == "found"]
    for posts in map(apply_corrections, chunks):
        posts = posts.assign(**query.list_values(posts, found)) if found else posts
        values = [protect_values(_values(posts, column), column, posts, privacy, topics) for column in kept]
        frame = pd.concat(values, axis=1) if values else pd.DataFrame(index=posts.index)
        frame.columns = pd.Index(names, dtype=object)  # not all are valid UTF-8
        yield frame


def write_report_table(
    batch: Batch,
    filters: Filters,
    columns: Sequence[Column],
    target: IO[bytes],
    exporter: ReportExporter,
    privacy: Privacy = AS_GIVEN,
) -> int:
    """Write the report of the matching posts, in the batch's order.

    Args:
        batch: The batch.
        filters: Which posts match.
        columns: The report's columns.
        target: A binary file, left open.
        exporter: The format.
        privacy: Whether names are replaced by pseudonyms, or only scores are written.

    Returns:
        Number of posts written.

    Raises:
        PostLensError: None of the columns may be published.
    """
    topics = Headings(batch, privacy).hide_topics()
    published = list_published_columns(columns, privacy, topics)
    chunks = read_report_chunks(query.read_post_chunks(batch, filters), columns, privacy, topics)
    return exporter.write(chunks, published, target)


def write_report(
    batch: Batch,
    filters: Filters,
    columns: Sequence[Column],
    progress: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
    exporter: ReportExporter,
    privacy: Privacy = AS_GIVEN,
) -> bool:
    """Write the report of the matching posts into the batch's folder, for reports too large for a browser.

    Args:
        batch: The batch; the file is `reports/<time><suffix>` in its folder, complete or absent; `<time>_02` if
            that name is taken.
        filters: Which posts match.
        columns: The report's columns.
        progress: Called with the phase "report", the number of posts written and the total.
        cancelled: Called before each chunk.
        exporter: The format.
        privacy: Whether names are replaced by pseudonyms, or only scores are written.

    Returns:
        True if it was written, False if cancelled.

    Raises:
        PostLensError: None of the columns may be published.
        WorkspaceError: The file cannot be written.
    """
    topics = Headings(batch, privacy).hide_topics()
    published = list_published_columns(columns, privacy, topics)
    total = query.count_matching_posts(batch, filters)

    def chunks() -> Iterator[pd.DataFrame]:
        done = 0
        for chunk in query.read_post_chunks(batch, filters):
            progress("report", done, total)
            if cancelled():
                raise _StoppedError
            yield chunk
            done += len(chunk)

    with batch.writing("The report"), suppress(_StoppedError):
        path = batch.report_path(datetime.now(UTC), privacy.level.file_suffix + exporter.suffix)
        with open_atomically(path, batch.temporary_root, overwrite=False) as file:
            exporter.write(read_report_chunks(chunks(), columns, privacy, topics), published, file)
        progress("report", total, total)
        return True
    return False


class _StoppedError(Exception):
    """Raised to stop a cancelled report."""


def _values(posts: pd.DataFrame, column: Column) -> pd.Series:
    if column.name.startswith(ORIGINAL):
        name = column.name.removeprefix(ORIGINAL)
        return _objects(posts, [json.loads(extra).get(name) for extra in posts["extra"]])
    if column.name == "images":
        return posts["image_names"]
    if column.name == "n_images":
        return pd.Series([len(media) for media in posts["images"]], index=posts.index, dtype="int64")
    if column.name not in posts:  # of topics in a batch without scores, or of labels in one without any
        return _objects(posts, [None] * len(posts))
    return posts[column.name]


def _objects(posts: pd.DataFrame, values: list[Any]) -> pd.Series:
    return pd.Series(values, index=posts.index, dtype=object)
