"""Delimited text: CSV, TSV and similar files. The delimiter is detected."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Sequence

from analysis.importers.decoding import decode_file_head, decode_file_text
from analysis.importers.delimited_chunks import read_delimited_chunks
from analysis.importers.dialects import END, compute_equal_width_share, find_dialect, split_rows
from analysis.importers.grid import find_header, rows_from_grid
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import LIKELY, SNIFF_BYTES, ImportedRows, Importer
from analysis.importers.mapping import count_known_columns
from analysis.settings import Settings

_SNIFFED_ROWS = 50
_FEW_ROWS = 3  # fewer are no table unless its header is known
_EVEN = 0.9  # of the rows of a table are of equal width
_MARKDOWN_RULE = re.compile(r"^[ |:]{0,9}-{2,99}[ :]{0,9}\|[-| :]{1,999}$", re.MULTILINE)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_delimited(
    content: bytes,
    settings: Settings,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
) -> ImportedRows:
    """Read a delimited file.

    Args:
        content: The file.
        settings: Limits.
        encoding: See `ImportOptions`.
        delimiter: See `ImportOptions`.
        header_row: See `ImportOptions`.

    Raises:
        RefusedError: If it is in an unknown encoding or exceeds a limit.
    """
    text, encoding = decode_file_text(content, encoding)
    dialect, text = find_dialect(text, delimiter)
    # The last row is END alone, unless an unclosed quotation mark has swallowed it with every line below the mark.
    rows = list(with_heartbeats(split_rows(text, dialect)))
    ended = rows.pop() if rows and rows[-1] == [END] else None
    if ended is None and rows:
        rows[-1] = [cell.replace(END, "") for cell in rows[-1]]
    notes = [encoding, dialect.label()]
    unclosed = ended is None and bool(rows)
    return rows_from_grid(rows, notes, len(content), settings, unclosed_quote=unclosed, header_row=header_row)


def sniff_delimited(head: bytes) -> float:
    """Return how certainly a file is delimited text rather than prose.

    Its rows are of equal width; and its header names a known column, or there are several rows with several fields.
    Sentences with equal numbers of commas are not enough.
    """
    text = decode_file_head(head)
    if not text or _BINARY.search(text) or _MARKDOWN_RULE.search(text):
        return 0.0
    if len(head) >= SNIFF_BYTES:
        text = text[: text.rfind("\n") + 1]
    try:
        dialect, text = find_dialect(text)
        rows = list(itertools.islice(split_rows(text, dialect), _SNIFFED_ROWS))
    except csv.Error:
        return 0.0
    if rows and rows[-1] == [END]:
        rows.pop()
    header = find_header(rows)
    rows = rows[header or 0 :]
    if len(rows) < 2 or len(rows[0]) < 2 or compute_equal_width_share(rows) < _EVEN:
        return 0.0
    named = header is not None and count_known_columns(rows[0]) > 0
    return LIKELY if named or not _may_be_prose(rows, dialect.delimiter) else 0.0


def _may_be_prose(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether the delimiter may be punctuation: there are few rows or fields, or it has spaces behind it."""
    fields = [field for row in rows for field in row[1:]]
    spaced = sum(field[:1] == " " for field in fields)
    return len(rows) < _FEW_ROWS or (delimiter in ",;" and (len(rows[0]) < 3 or spaced > len(fields) / 2))


IMPORTER = Importer(
    read_chunks=read_delimited_chunks,
    name="delimited",
    label="CSV, TSV",
    suffixes=frozenset({".csv", ".tsv", ".tab"}),
    read=read_delimited,
    sniff=sniff_delimited,
    options=("encoding", "delimiter", "header_row"),
)
