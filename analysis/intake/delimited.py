"""CSV and its kin: which character separates the fields, where the header stands, and the rows below it.

The header is found in the same way for a sheet of a workbook (`analysis.intake.workbook`).
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence

from analysis.intake.heartbeat import beating
from analysis.intake.schemas import guess_mapping, recognised

Cells = list[str]

DELIMITERS = {",": ",", ";": ";", "\t": "tab", "|": "|"}
"""Characters that may separate fields, the likeliest first, with their names for people."""

_PREAMBLE = 20  # rows in which the header is looked for
_WIDEST = 10_000  # fields; a wider row is no header of a table of posts
_SAMPLE = 200  # rows that the delimiter is judged by
_END = "\x00"  # `decode` leaves none in a text, so that no field can hold it
_NUMBER = re.compile(r"[+-]?[0-9.,]+")


def read_delimited(text: str) -> tuple[list[Cells], str, bool]:
    """Read rows of fields, with the separator that fits best.

    Args:
        text: The table, without NUL characters.

    Returns:
        Its rows, empty lines left out; the separator; whether the last row holds a quotation mark that is
        never closed, so that it has swallowed every line below it.
    """
    delimiter = _delimiter(text)
    rows = list(beating(_rows(text, delimiter)))
    ended = rows.pop() if rows and rows[-1] == [_END] else None
    if ended is None and rows:
        rows[-1] = [cell.replace(_END, "") for cell in rows[-1]]
    return rows, delimiter, ended is None and bool(rows)


def header_row(rows: Sequence[Cells]) -> int:
    """Find the header, which may stand below a few lines of preamble.

    It is the first row that names a column for an id, a text or pictures; a row of data can hold such a word
    too ("image" in a column of kinds), so that the rest of the row must fit: all or several of its names are
    known, or it is wider than all rows above. Where no row is such, it is the first.

    Args:
        rows: The first rows of a table, empty ones left out.

    Returns:
        The header's index.
    """
    widest = 0
    for index, row in enumerate(rows[:_PREAMBLE]):
        if len(row) > _WIDEST:
            continue
        names = [cell.strip() for cell in row if cell.strip()]
        known = recognised(names)
        mapping = guess_mapping(names)
        named = bool(mapping.makes_posts or mapping.post_id) and not any(map(_NUMBER.fullmatch, names))
        if named and (known == len(names) or known > 1 or len(names) > widest):
            return index
        widest = max(widest, len(names))
    return 0


def _delimiter(text: str) -> str:
    """Choose the separator that gives known column names, then several columns, then rows of equal length."""

    def fit(delimiter: str) -> tuple[int, bool, float, int]:
        rows = list(itertools.islice(_rows(text, delimiter), _SAMPLE))
        if not rows:
            return 0, False, 0.0, 0
        header = header_row(rows)
        width = len(rows[header])
        below = rows[header + 1 :]
        even = sum(len(row) == width for row in below) / max(1, len(below))
        known = recognised(rows[header]) if width <= _WIDEST else 0
        return known, width > 1, even, width

    return max(DELIMITERS, key=fit)


def _rows(text: str, delimiter: str) -> Iterator[Cells]:
    # The module's default of 131,072 characters would end the whole table at one long field; a text that is
    # too long is one row's trouble (`Settings.max_text_chars`).
    csv.field_size_limit(2**31 - 1)
    end = [_END] if text.endswith(("\n", "\r")) else ["\n", _END]
    reader = csv.reader(itertools.chain(io.StringIO(text, newline=""), end), delimiter=delimiter)
    return (row for row in reader if row)
