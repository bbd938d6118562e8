"""The report as CSV, written in chunks of posts.

UTF-8 with a byte order mark, so that Excel recognises the encoding; lines end in CR LF (RFC 4180), which also makes
Python's writer quote a lone CR inside a cell. `analysis.columns` declares the columns.

Text that a spreadsheet would run as a formula gets an apostrophe (`analysis.exporters.formulas`), in headers too.
Numbers are written without one. `PLAIN_CSV` writes text as it is, for programs that run no formulas.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import IO, Any

import pandas as pd

from analysis import query
from analysis.columns import ORIGINAL, TEXT_LIST, TOP_WORDS, Column
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.formulas import escape_formulas
from analysis.exporters.headings import Headings
from analysis.exporters.privacy import AS_GIVEN, Privacy, list_published_columns
from analysis.exporters.report import read_report_chunks, write_report_table
from analysis.exporters.text import format_untrusted, format_word_values, to_naive_utc
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
    batch: Batch,
    filters: Filters,
    columns: Sequence[Column],
    posts: int = 20,
    escaped: bool = True,
    privacy: Privacy = AS_GIVEN,
) -> pd.DataFrame:
    """Return the first rows of the report as text, as `write_csv` writes them.

    Args:
        batch: The batch.
        filters: Which posts match.
        columns: The report's columns.
        posts: Maximum number of rows.
        escaped: Whether formulas are escaped, as they are in CSV but not in other formats.
        privacy: Whether names are replaced by pseudonyms, or only scores are shown.

    Returns:
        One row per post, every cell and header a string as in a CSV file.

    Raises:
        PostLensError: None of the columns may be published.
    """
    escape = escape_formulas if escaped else str
    topics = Headings(batch, privacy).hide_topics()
    chunks = read_report_chunks([query.read_page(batch, filters, limit=posts)], columns, privacy, topics)
    published = list_published_columns(columns, privacy, topics)
    names = [escape(format_untrusted(column.name)) for column in published]
    return pd.DataFrame(list(_format_rows(chunks, published, escape)), columns=names, dtype=str)


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
    cells = (
        [escape_formulas(format_untrusted(None if pd.isna(value) else value)) for value in row]
        for row in rows
    )
    target = io.BytesIO()
    _write_rows([escape_formulas(format_untrusted(name)) for name in names], cells, target)
    return target.getvalue()


def _write_rows(names: Sequence[str], rows: Iterable[list[str]], target: IO[bytes]) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    count = 0
    try:
        writer.writerow(names)
        for row in rows:
            writer.writerow(row)
            count += 1
    finally:
        text.detach()  # or the target would be closed with it
    return count


def _write_chunks(
    escape: Callable[[str], str], chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]
) -> int:
    names = [escape(format_untrusted(column.name)) for column in columns]
    return _write_rows(names, _format_rows(chunks, columns, escape), target)


def _format_rows(
    chunks: Iterable[pd.DataFrame], columns: Sequence[Column], escape: Callable[[str], str]
) -> Iterator[list[str]]:
    for values in chunks:
        cells = [_format_cells(values.iloc[:, place], column, escape) for place, column in enumerate(columns)]
        yield from map(list, zip(*cells, strict=True))


def _format_cells(values: pd.Series, column: Column, escape: Callable[[str], str]) -> list[str]:
    if column.name.startswith(ORIGINAL):
        return [escape(format_untrusted(value)) for value in values]
    if column.type == TEXT_LIST:
        return [escape(";".join(names)) for names in values]
    if column.type == TOP_WORDS:
        return ["" if words is None else escape(format_word_values(words)) for words in values]
    write = _WRITERS.get(column.kind, escape)
    pairs = zip(values.tolist(), values.isna().tolist(), strict=True)  # Arrow's own iterators are slow
    return ["" if missing else write(value) for value, missing in pairs]


def _format_number(value: float) -> str:
    digits = f"{value:.{_MOST_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def _format_yes_no(value: bool) -> str:
    return "true" if value else "false"


def _format_time(value: datetime) -> str:
    return to_naive_utc(value).isoformat() + "Z"


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "number": _format_number,
    "count": str,
    "yes/no": _format_yes_no,
    "time": _format_time,
}

EXPORTER = ReportExporter("csv", "CSV", (".csv",), "text/csv", partial(_write_chunks, escape_formulas))
PLAIN_CSV = replace(EXPORTER, write=partial(_write_chunks, str))
"""Writes text as it is. A spreadsheet that opens such a file may run formulas in posts."""
