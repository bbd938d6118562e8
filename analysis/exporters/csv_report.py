"""The report as CSV, one chunk of posts after the other.

UTF-8 with a byte order mark, so that Excel recognises the encoding; lines end in CR LF (RFC 4180), which also makes
Python's writer quote a lone CR inside a cell. What the columns mean is `analysis.columns`.

Text that a spreadsheet would run as a formula gets an apostrophe (`analysis.exporters.formulas`), in headers too.
Numbers are written as they are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any

import pandas as pd

from analysis import query
from analysis.columns import ORIGINAL, TOP_WORDS, Column
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.formulas import inert
from analysis.exporters.report import typed_chunks, write_table
from analysis.query import Filters
from analysis.workspace import Batch

_MOST_DECIMALS = 6


def write_csv(batch: Batch, filters: Filters, columns: Sequence[Column], target: IO[bytes]) -> int:
    """Write the report of the matching posts as CSV, in the batch's order.

    Args:
        batch: The batch.
        filters: Which posts match.
        columns: The report's columns.
        target: A binary file, left open.

    Returns:
        Number of posts written.
    """
    return write_table(batch, filters, columns, target, EXPORTER)


def preview(batch: Batch, filters: Filters, columns: Sequence[Column], posts: int = 20) -> pd.DataFrame:
    """Show the values of the first rows of the report as text, as `write_csv` writes them.

    Returns:
        One row a post, every cell and header a string as in a CSV file.
    """
    rows = list(_rows(typed_chunks([query.page(batch, filters, limit=posts)], columns), columns))
    return pd.DataFrame(rows, columns=[_own(column.name) for column in columns], dtype=str)


def rejected_csv(rejected: pd.DataFrame) -> bytes:
    """Write the list of rejected rows and files, in the same form as the report.

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


def _write_chunks(chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]) -> int:
    return _write([column.name for column in columns], _rows(chunks, columns), target)


def _rows(chunks: Iterable[pd.DataFrame], columns: Sequence[Column]) -> Iterator[list[str]]:
    for values in chunks:
        cells = [_cells(values.iloc[:, place], column) for place, column in enumerate(columns)]
        yield from map(list, zip(*cells, strict=True))


def _cells(values: pd.Series, column: Column) -> list[str]:
    if column.name.startswith(ORIGINAL):
        return [_own(value) for value in values]
    if column.name == "images":
        return [inert(";".join(names)) for names in values]
    if column.type == TOP_WORDS:
        return ["" if words is None else inert(_words(words)) for words in values]
    write = _WRITERS[column.kind]
    pairs = zip(values.tolist(), values.isna().tolist(), strict=True)  # Arrow's own iterators are slow
    return ["" if missing else write(value) for value, missing in pairs]


def _number(value: float) -> str:
    digits = f"{value:.{_MOST_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def _words(words: Iterable[tuple[str, float]]) -> str:
    return "; ".join(f"{word} {value:+.2f}" for word, value in words)


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

EXPORTER = ReportExporter("csv", "CSV", (".csv",), "text/csv", _write_chunks)
