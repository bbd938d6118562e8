"""The report as CSV, written in chunks of posts.

UTF-8 with a byte order mark, so that Excel recognises the encoding; lines end in CR LF (RFC 4180), which also makes
Python's writer quote a lone CR inside a cell. `analysis.columns` declares the columns.

Text that a spreadsheet would run as a formula gets an apostrophe (`analysis.exporters.formulas`), in headers too.
Numbers are written without one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

import pandas as pd

from analysis import query
from analysis.columns import ORIGINAL, TOP_WORDS, Column
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.formulas import escape_formulas
from analysis.exporters.report import read_report_chunks, write_report_table
from analysis.exporters.text import format_untrusted, format_word_values, remove_time_zone
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
    return write_report_table(batch, filters, columns, target, EXPORTER)


def preview_report(
    batch: Batch, filters: Filters, columns: Sequence[Column], posts: int = 20
) -> pd.DataFrame:
    """Return the first rows of the report as text, as `write_csv` writes them.

    Returns:
        One row per post, every cell and header a string as in a CSV file.
    """
    rows = list(
        _format_rows(read_report_chunks([query.read_page(batch, filters, limit=posts)], columns), columns)
    )
    return pd.DataFrame(rows, columns=[_untrusted_cell(column.name) for column in columns], dtype=str)


def export_rejected_csv(rejected: pd.DataFrame) -> bytes:
    """Write the list of rejected rows and files, in the same form as the report.

    Args:
        rejected: The rejections of a checked batch, or `Batch.rejected()`.
    """
    return format_csv(list(rejected.columns), rejected.itertuples(index=False, name=None))


def format_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Format a small table like the report: formulas are escaped in every name and cell, missing cells are "".

    Args:
        names: The header.
        rows: Rows of cells in the order of `names`.
    """
    cells = ([_untrusted_cell(None if pd.isna(value) else value) for value in row] for row in rows)
    target = io.BytesIO()
    _write_rows(names, cells, target)
    return target.getvalue()


def _write_rows(names: Sequence[str], rows: Iterable[list[str]], target: IO[bytes]) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    count = 0
    try:
        writer.writerow(map(_untrusted_cell, names))
        for row in rows:
            writer.writerow(row)
            count += 1
    finally:
        text.detach()  # or the target would be closed with it
    return count


def _write_chunks(chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]) -> int:
    return _write_rows([column.name for column in columns], _format_rows(chunks, columns), target)


def _format_rows(chunks: Iterable[pd.DataFrame], columns: Sequence[Column]) -> Iterator[list[str]]:
    for values in chunks:
        cells = [_format_cells(values.iloc[:, place], column) for place, column in enumerate(columns)]
        yield from map(list, zip(*cells, strict=True))


def _format_cells(values: pd.Series, column: Column) -> list[str]:
    if column.name.startswith(ORIGINAL):
        return [_untrusted_cell(value) for value in values]
    if column.name == "images":
        return [escape_formulas(";".join(names)) for names in values]
    if column.type == TOP_WORDS:
        return ["" if words is None else escape_formulas(format_word_values(words)) for words in values]
    write = _WRITERS[column.kind]
    pairs = zip(values.tolist(), values.isna().tolist(), strict=True)  # Arrow's own iterators are slow
    return ["" if missing else write(value) for value, missing in pairs]


def _format_number(value: float) -> str:
    digits = f"{value:.{_MOST_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def _format_yes_no(value: bool) -> str:
    return "true" if value else "false"


def _format_time(value: datetime) -> str:
    return remove_time_zone(value).isoformat() + "Z"


def _untrusted_cell(value: Any) -> str:
    return escape_formulas(format_untrusted(value))


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "text": escape_formulas,
    "number": _format_number,
    "count": str,
    "yes/no": _format_yes_no,
    "time": _format_time,
}

EXPORTER = ReportExporter("csv", "CSV", (".csv",), "text/csv", _write_chunks)
