"""How the fields of delimited text are separated and quoted, and how its lines are split into rows."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.importers.grid import MAX_HEADER_CELLS, find_header
from analysis.importers.importer import is_delimiter
from analysis.importers.mapping import count_known_columns
from analysis.importers.refused import RefusedError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""Possible delimiters, most likely first, with their display names."""

QUOTES = {
    "doubled": "",
    "backslash": ", quotation marks escaped by a backslash",
    "single": ", quoted by apostrophes",
    "none": ", without quotation",
}
"""Ways to quote fields, with their descriptions for display."""
MAX_FIELD_CHARS = 2**31 - 1
"""The longest field that `csv` reads: the largest limit on all systems. Its default of 131,072 characters would
refuse the whole table for one long field; `Settings.max_text_chars` refuses only that row."""
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(\\t|[,;\t|])[ \t]*(?:\r\n|\n|\r)", re.IGNORECASE)
_APOSTROPHES = re.compile(r"(?:^|[,;\t|])'[^'\n]*'(?:$|[,;\t|])", re.MULTILINE)
_ESCAPED_QUOTE = re.compile(r'\\"(?![,;\t|\r\n]|$)')
_DOUBLED = re.compile(r'[^,;\t|\s]""[^,;\t|\s]')
_SAMPLE_CHARS = 200_000  # from which the quotation is guessed
_SAMPLE_ROWS = 200  # from which the delimiter is chosen
END = "\x00"  # appended to the text; `decode_file_text` removes NUL, so no field can contain it


@dataclass(frozen=True)
class Dialect:
    """How the fields of a file are separated and quoted.

    Attributes:
        delimiter: One of `DELIMITERS`, or the analyst's choice.
        quotes: One of `QUOTES`.
    """

    delimiter: str
    quotes: str = "doubled"

    def label(self) -> str:
        """Describe the dialect for display."""
        return f"separated by {DELIMITERS.get(self.delimiter, self.delimiter)}{QUOTES[self.quotes]}"


def find_dialect(text: str, delimiter: str | None = None) -> tuple[Dialect, str]:
    """Find how a text is separated and quoted.

    Args:
        text: The whole file.
        delimiter: The one to use; None to guess.

    Returns:
        The dialect, and the text without the line `sep=;` that spreadsheets put first.

    Raises:
        RefusedError: If the delimiter to use cannot separate fields.
    """
    if delimiter is not None and not is_delimiter(delimiter):
        raise RefusedError(f"cannot be split at {delimiter[:20]!r}", "Choose one character as the separator.")
    if named := _SEPARATOR_LINE.match(text):
        text = text[named.end() :]
        delimiter = delimiter or named[1].replace("\\t", "\t")
    delimiter = delimiter or _choose_delimiter(text)
    return Dialect(delimiter, _find_quotes(text, delimiter)), text


def _choose_delimiter(text: str) -> str:
    """Choose the delimiter that gives known column names, then several columns, then rows of equal length."""

    def fit(delimiter: str) -> tuple[int, bool, float, int]:
        dialect = Dialect(delimiter, _find_quotes(text, delimiter))
        rows = list(itertools.islice(split_rows(text, dialect), _SAMPLE_ROWS))
        if not rows:
            return 0, False, 0.0, 0
        header = find_header(rows) or 0
        width = len(rows[header])
        known = count_known_columns(rows[header]) if width <= MAX_HEADER_CELLS else 0
        return known, width > 1, compute_equal_width_share(rows[header:]), width

    return max(DELIMITERS, key=fit)


def _find_quotes(text: str, delimiter: str) -> str:
    """Find how fields are quoted: one of `QUOTES`."""
    sample = text[:_SAMPLE_CHARS]
    if '"' not in sample:
        return (
            "single" if _APOSTROPHES.search(sample) and _is_better(sample, delimiter, "single") else "doubled"
        )
    escaped = len(_ESCAPED_QUOTE.findall(sample))
    if (
        escaped
        and escaped >= len(_DOUBLED.findall(sample))
        and not _is_better(sample, delimiter, "doubled", "backslash")
    ):
        return "backslash"
    lines = [line for line in sample.splitlines()[:_SAMPLE_ROWS] if line.strip()]
    fields = {line.count(delimiter) for line in lines}
    header = lines[0].split(delimiter) if lines else []
    quoted = all(len(name) > 1 and name[0] == name[-1] == '"' for name in header)
    if delimiter == "\t" and not quoted and len(lines) > 1 and len(fields) == 1 and fields != {0}:
        usual = sum(1 for _ in itertools.islice(split_rows(sample, Dialect(delimiter)), _SAMPLE_ROWS + 1))
        if usual < len(lines):  # a quotation mark has swallowed lines that were whole
            return "none"
    return "doubled"


def _is_better(sample: str, delimiter: str, quotes: str, other: str = "doubled") -> bool:
    """Whether rows are of more equal width if fields are quoted in one way rather than another."""
    one, two = (
        compute_equal_width_share(
            list(itertools.islice(split_rows(sample, Dialect(delimiter, each)), _SAMPLE_ROWS))
        )
        for each in (quotes, other)
    )
    return one > two


def split_rows(text: str, dialect: Dialect) -> Iterator[list[str]]:
    """Split a text into rows of fields; the last is `END` alone, unless a quotation mark is not closed."""
    end = [END] if text.endswith(("\n", "\r")) else ["\n", END]
    return split_lines(itertools.chain(io.StringIO(text, newline=""), end), dialect)


def split_lines(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """Split lines, with their ends, into rows of fields; empty rows are left out."""
    csv.field_size_limit(MAX_FIELD_CHARS)
    options: Mapping[str, dict[str, Any]] = {
        "doubled": {},
        "backslash": {"escapechar": "\\", "doublequote": False},
        "single": {"quotechar": "'"},
        "none": {"quoting": csv.QUOTE_NONE},
    }
    reader = csv.reader(lines, delimiter=dialect.delimiter, **options[dialect.quotes])
    return (row for row in reader if row)


def compute_equal_width_share(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of rows that are as wide as the first one."""
    return sum(len(row) == len(rows[0]) for row in rows[1:]) / max(1, len(rows) - 1) if rows else 0.0
