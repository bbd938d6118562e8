"""Writing the report as CSV, one chunk of posts after the other.

UTF-8 with a byte order mark, so that Excel sees the encoding; lines end in CR LF (RFC 4180), which also makes
Python's writer quote a lone CR inside a cell. What the columns mean is `analysis.report.columns`.

Text that a spreadsheet would run as a formula gets an apostrophe (`analysis.report.formulas`), in headers too.
Numbers are written as they are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pandas as pd

from analysis import query
from analysis.query import Filters
from analysis.report.columns import ORIGINAL, ReportColumn
from analysis.report.formulas import inert
from analysis.workspace import Batch
from analysis.workspace.files import replacing

REPORTS = "reports"
"""The folder of a batch that holds its written reports."""
HELD_UP_TO = 100_000
"""Posts up to which a report may be held in memory, as Streamlit holds what it hands to a browser: about 70 MB."""
_MOST_DECIMALS = 6


def write_csv(batch: Batch, filters: Filters, columns: Sequence[ReportColumn], target: IO[bytes]) -> int:
    """Write the report of the posts that are meant, in the batch's order.

    Args:
        batch: The batch.
        filters: Which posts are meant.
        columns: What to say of each.
        target: A binary file, left open.

    Returns:
        Number of posts written.
    """
    return _write([column.name for column in columns], _rows(query.chunks(batch, filters), columns), target)


def write_posts(posts: pd.DataFrame, columns: Sequence[ReportColumn], target: IO[bytes]) -> int:
    """Write the report of scored posts in memory, exactly as `write_csv` does for those of a batch.

    Args:
        posts: Scored posts, with the columns of `query.page`.
        columns: What to write about each.
        target: A binary file, left open.

    Returns:
        Number of posts written.
    """
    return _write([column.name for column in columns], _rows([posts], columns), target)


def write_report(
    batch: Batch,
    filters: Filters,
    columns: Sequence[ReportColumn],
    tell: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
) -> bool:
    """Write the report of the posts that are meant beside the batch, for reports that no browser should hold.

    Args:
        batch: The batch; the file is `reports/<time>.csv` in its folder, whole or absent; `<time>_02.csv` where that
            is taken.
        filters: Which posts are meant.
        columns: What to say of each.
        tell: Told the phase "report", posts written and posts in all.
        cancelled: Asked from chunk to chunk.

    Returns:
        True when it is written, False when cancelled.

    Raises:
        WorkspaceError: The disk refuses.
    """
    total = query.count(batch, filters)
    names = [column.name for column in columns]

    def chunks() -> Iterator[pd.DataFrame]:
        done = 0
        for chunk in query.chunks(batch, filters):
            tell("report", done, total)
            if cancelled():
                raise _StoppedError
            yield chunk
            done += len(chunk)

    with batch.writing("The report"), suppress(_StoppedError):
        path = batch.subfolder(REPORTS) / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.csv"
        with replacing(path, batch.temporary_root, overwrite=False) as file:
            _write(names, _rows(chunks(), columns), file)
        tell("report", total, total)
        return True
    return False


def written_reports(batch: Batch) -> list[Path]:
    """List what `write_report` wrote, the newest first."""
    return sorted((batch.folder / REPORTS).glob("*.csv"), reverse=True)


class _StoppedError(Exception):
    """Ends a report that is no longer wanted."""


def preview(batch: Batch, filters: Filters, columns: Sequence[ReportColumn], posts: int = 20) -> pd.DataFrame:
    """Show the first rows of the report exactly as `write_csv` writes them.

    Returns:
        One row a post, every cell and header a string as in the file.
    """
    rows = list(_rows([query.page(batch, filters, limit=posts)], columns))
    return pd.DataFrame(rows, columns=[_own(column.name) for column in columns], dtype=str)


def rejected_csv(rejected: pd.DataFrame) -> bytes:
    """Write the list of rows and files that were not taken, in the same form as the report.

    Args:
        rejected: Of a checked batch, or `Batch.rejected()`.
    """
    return csv_of(list(rejected.columns), rejected.itertuples(index=False, name=None))


def csv_of(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write a small table in the same form as the report: every name and cell made inert, "" where missing.

    Args:
        names: The header.
        rows: Cells in the order of the names.
    """
    cells = ([_own(None if pd.isna(value) else value) for value in row] for row in rows)
    target = io.BytesIO()
    _write(names, cells, target)
    return target.getvalue()


def original_names(batch: Batch) -> list[str]:
    """Name the columns of the analyst's tables that the post table has no place for, as they first occur."""
    return query.own_columns(batch)


def _write(names: Sequence[str], rows: Iterable[list[str]], target: IO[bytes]) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    count = 0
    try:
        writer.writerow(map(_own, names))
        for row in rows:
            writer.writerow(row)
            count += 1
    finally:
        text.detach()  # or the target would be closed with it
    return count


def _rows(chunks: Iterable[pd.DataFrame], columns: Sequence[ReportColumn]) -> Iterator[list[str]]:
    for posts in chunks:
        cells = [_cells(posts, column) for column in columns]
        yield from map(list, zip(*cells, strict=True))


def _cells(posts: pd.DataFrame, column: ReportColumn) -> list[str]:
    if column.name.startswith(ORIGINAL):
        name = column.name.removeprefix(ORIGINAL)
        return [_own(json.loads(extra).get(name)) for extra in posts["extra"]]
    if column.name == "images":
        return [inert(";".join(names)) for names in posts["image_names"]]
    if column.name == "n_images":
        return [str(len(media)) for media in posts["images"]]
    if column.name not in posts:  # a topic's column, in a batch without scores
        return [""] * len(posts)
    values, write = posts[column.name], _WRITERS[column.kind]
    there = zip(
        values.tolist(), values.isna().tolist(), strict=True
    )  # plain lists: Arrow's own iterators are slow
    return ["" if missing else write(value) for value, missing in there]


def _number(value: float) -> str:
    digits = f"{value:.{_MOST_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def _yes_no(value: bool) -> str:
    return "true" if value else "false"


def _time(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _own(value: Any) -> str:
    """Write a name or value of the analyst's own, where half a surrogate pair may stand."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return inert(text.encode("utf-8", "replace").decode("utf-8"))


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "text": inert,
    "number": _number,
    "count": str,
    "yes/no": _yes_no,
    "time": _time,
}
