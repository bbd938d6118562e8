"""The report as an Excel workbook: a sheet of typed posts, and a sheet that explains its columns.

Text is stored as text, which Excel never runs as a formula, so it is written as it is. Rows are written to disk one
by one, so that memory stays small.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from analysis.columns import ORIGINAL, TEXT_LIST, TOP_WORDS, Column
from analysis.errors import PostLensError
from analysis.exporters.exporter import ReportExporter
from analysis.exporters.text import format_untrusted, format_word_values, to_naive_utc

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_POSTS = 1_048_575
"""Rows of a sheet, less the header."""
MAX_TEXT = 32_767
"""Characters of a cell; longer texts end in an ellipsis."""
_FIRST_YEAR = 1900
"""Excel has no earlier dates; they are written as text."""
_CREATED = datetime(1980, 1, 1)
"""Time in the properties of every workbook, so that equal reports have equal bytes; it is that of files in zips."""
_WIDTHS = {"text": 24, "number": 12, "count": 10, "yes/no": 10, "time": 18}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def _write_workbook(chunks: Iterable[pd.DataFrame], columns: Sequence[Column], target: IO[bytes]) -> int:
    with (
        tempfile.TemporaryDirectory() as folder,  # readable by its owner only
        _open_workbook(target, folder) as workbook,
    ):
        bold, time = (
            workbook.add_format({"bold": True}),
            workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        sheet = _add_sheet(workbook, "Posts", [column.name for column in columns], bold)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS[column.kind])
        count = 0
        for values in chunks:
            cells = [_list_cells(values.iloc[:, place], column) for place, column in enumerate(columns)]
            if count + len(values) > MAX_POSTS:
                raise PostLensError(
                    "The workbook",
                    f"would have more than {MAX_POSTS:,} posts, which Excel cannot open",
                    "Use filters, or write CSV or Parquet.",
                )
            for row in zip(*cells, strict=True):
                count += 1
                for place, value in enumerate(row):
                    _write_cell(sheet, count, place, value, time)
        sheet.autofilter(0, 0, count, max(len(columns) - 1, 0))
        _write_dictionary(workbook, columns, bold)
    return count


@contextmanager
def _open_workbook(target: IO[bytes], folder: str) -> Iterator[Workbook]:
    """Open a workbook, and write it at the end unless there was an error."""
    from xlsxwriter import Workbook  # takes a moment to import

    workbook = Workbook(target, {**_OPTIONS, "tmpdir": folder})
    workbook.use_zip64()
    workbook.set_properties({"created": _CREATED})
    try:
        yield workbook
    except BaseException:
        workbook.fileclosed = True  # or it would be written when it is deleted
        for sheet in workbook.worksheets():
            sheet.row_data_fh.close()
        raise
    workbook.close()


def _add_sheet(workbook: Workbook, name: str, header: Sequence[str], bold: Format) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for place, title in enumerate(header):
        sheet.write_string(0, place, _shorten(format_untrusted(title)), bold)
    return sheet


def _write_dictionary(workbook: Workbook, columns: Sequence[Column], bold: Format) -> None:
    sheet = _add_sheet(workbook, "Columns", ("Column", "Title", "Meaning", "Type", "Unit"), bold)
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 100)
    for row, column in enumerate(columns, 1):
        facts = (column.name, column.label, column.meaning, column.kind, column.unit)
        for place, text in enumerate(facts):
            sheet.write_string(row, place, _shorten(format_untrusted(text)))


def _list_cells(values: pd.Series, column: Column) -> list[Any]:
    """Convert values to text, numbers, True and False, times, or None."""
    if column.name.startswith(ORIGINAL):
        return [None if value is None else format_untrusted(value) for value in values]
    if column.type == TEXT_LIST:
        return [";".join(names) for names in values]
    if column.type == TOP_WORDS:
        return [None if words is None else format_word_values(words) for words in values]
    pairs = zip(values.tolist(), values.isna().tolist(), strict=True)
    return [None if missing else value for value, missing in pairs]


def _write_cell(sheet: Worksheet, row: int, place: int, value: Any, time: Format) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        utc = to_naive_utc(value)
        if utc.year >= _FIRST_YEAR:
            sheet.write_datetime(row, place, utc, time)
        else:
            sheet.write_string(row, place, f"{utc.isoformat()}Z")
    elif isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, _shorten(format_untrusted(value)))


def _shorten(text: str) -> str:
    """Shorten a text to what a cell can hold; Excel counts characters outside the basic plane twice."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * MAX_TEXT:
        return text
    return encoded[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


EXPORTER = ReportExporter(
    "xlsx",
    "Excel",
    (".xlsx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    _write_workbook,
)
