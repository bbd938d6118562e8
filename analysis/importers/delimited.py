"""Delimited text: CSV, TSV and similar files. The delimiter is detected."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

from analysis.importers.decoding import decode
from analysis.importers.grid import MAX_HEADER_CELLS, find_header, rows_from_grid
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, Importer
from analysis.importers.mapping import count_known_columns
from analysis.settings import Settings

DELIMITERS = {",": ",", ";": ";", "\t": "tab", "|": "|"}
"""Possible delimiters, most likely first, with their display names."""

_SAMPLE_ROWS = 200  # from which the delimiter is chosen
_END = "\x00"  # appended to the text; `decode` removes NUL, so no field can contain it


def read_delimited(content: bytes, settings: Settings) -> ImportedRows:
    """Read a delimited file.

    Args:
        content: The file.
        settings: Limits.

    Raises:
        RefusedError: If it is in an unknown encoding or exceeds a limit.
    """
    text, encoding = decode(content)
    delimiter = _choose_delimiter(text)
    # The last row is _END alone, unless it became part of a field whose quotation mark is never closed.
    rows = list(with_heartbeats(_split_rows(text, delimiter)))
    ended = rows.pop() if rows and rows[-1] == [_END] else None
    if ended is None and rows:
        rows[-1] = [cell.replace(_END, "") for cell in rows[-1]]
    notes = [encoding, f"separated by {DELIMITERS[delimiter]}"]
    return rows_from_grid(rows, notes, len(content), settings, unclosed_quote=ended is None and bool(rows))


def _choose_delimiter(text: str) -> str:
    """Choose the delimiter that gives known column names, then several columns, then rows of equal length."""

    def fit(delimiter: str) -> tuple[int, bool, float, int]:
        rows = list(itertools.islice(_split_rows(text, delimiter), _SAMPLE_ROWS))
        if not rows:
            return 0, False, 0.0, 0
        header = find_header(rows)
        width = len(rows[header])
        below = rows[header + 1 :]
        even = sum(len(row) == width for row in below) / max(1, len(below))
        known = count_known_columns(rows[header]) if width <= MAX_HEADER_CELLS else 0
        return known, width > 1, even, width

    return max(DELIMITERS, key=fit)


def _split_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    # The default limit of 131,072 characters would refuse the whole table for one long field;
    # `Settings.max_text_chars` refuses only that row.
    csv.field_size_limit(2**31 - 1)
    end = [_END] if text.endswith(("\n", "\r")) else ["\n", _END]
    reader = csv.reader(itertools.chain(io.StringIO(text, newline=""), end), delimiter=delimiter)
    return (row for row in reader if row)


IMPORTER = Importer(
    name="delimited",
    label="CSV, TSV",
    suffixes=frozenset({".csv", ".tsv", ".tab"}),
    read=read_delimited,
)
