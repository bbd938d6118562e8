"""Reads large delimited files in chunks, with the result of `delimited.read_delimited`."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from analysis.importers.byte_source import ByteSource
from analysis.importers.dialects import END, Dialect, find_dialect, split_lines
from analysis.importers.grid import (
    REPEATS_HEADER,
    UNCLOSED_QUOTE,
    fit_row_width,
    read_header,
    refused_row_cells,
    repeated_header,
    row_too_wide_error,
    unique_column_names,
)
from analysis.importers.importer import RefusedRow, RowChunk
from analysis.importers.refused import RefusedError
from analysis.importers.text_stream import (
    PIECE_CHARS,
    Encoding,
    find_text_encoding,
    read_text_blocks,
    rechunk_at_line_ends,
)
from analysis.settings import Settings

_FIRST_ROWS = 1_000  # from which the header is found
_ROWS = 20_000  # of a chunk at most
_ENDS = "\n\r"


def read_delimited_chunks(
    source: ByteSource,
    settings: Settings,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
) -> Iterator[RowChunk]:
    """Read a delimited file in chunks.

    The dialect and the header follow from its first 4 million characters.

    Args:
        source: The file.
        settings: Limits.
        encoding: See `ImportOptions`.
        delimiter: See `ImportOptions`.
        header_row: See `ImportOptions`.

    Yields:
        The rows.

    Raises:
        RefusedError: If it is in an unknown encoding, or has no such header row.
    """
    found = find_text_encoding(source, encoding)
    start = next(_pieces(source, found, settings), "")
    dialect, rest = find_dialect(start, delimiter)
    lines = _Lines(_pieces(source, found, settings), len(start) - len(rest), settings)
    rows = _Rows(lines, dialect)
    first = rows.take(_FIRST_ROWS)
    if header_row is not None and header_row > len(first):
        raise RefusedError(
            f"has no row {header_row:,} for the header among its first {len(first):,} rows",
            "Choose a row further up, or 0 for a table without a header.",
        )
    names, skipped, header_notes = read_header(first, header_row)
    columns = unique_column_names(names)
    header = repeated_header(names, skipped)
    notes = [found.label, dialect.label(), *header_notes]
    number = 0
    grid = first[skipped:]
    while grid or not number:
        surplus = max(0, number + len(grid) - settings.max_table_rows)
        kept = grid[: len(grid) - surplus]
        chunk = _chunk_of_rows(
            kept, columns, header, number, None if surplus else rows.problem, notes, surplus, settings
        )
        number += len(kept)
        yield chunk
        grid = rows.take(_ROWS)
        if not number and not grid:
            return


def _chunk_of_rows(
    grid: list[list[str]],
    columns: list[str],
    header: list[str],
    before: int,
    problem: RefusedError | None,
    notes: list[str],
    surplus: int,
    settings: Settings,
) -> RowChunk:
    """Return the rows of a part of the grid, of which `before` data rows came before."""
    width = len(columns)
    refused: list[RefusedRow] = []
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in enumerate(grid, start=before + 1):
        if len(cells) != width:
            cells = fit_row_width(cells, width)
        if problem is not None and number == before + len(grid):
            refused.append(refused_row_cells(number, columns, cells, problem, settings))
        elif header and cells[0].strip() == header[0] and [cell.strip() for cell in cells] == header:
            refused.append(refused_row_cells(number, columns, cells, REPEATS_HEADER, settings))
        elif len(cells) > width:
            refused.append(
                refused_row_cells(number, columns, cells, row_too_wide_error(cells, columns), settings)
            )
        else:
            numbers.append(number)
            rows.append(cells)
    cells_by_column = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return RowChunk(numbers, dict(zip(columns, cells_by_column, strict=True)), refused, notes, surplus)


def _pieces(source: ByteSource, encoding: Encoding, settings: Settings) -> Iterator[str]:
    return rechunk_at_line_ends(read_text_blocks(source, encoding), _ENDS, settings)


class _Lines:
    """The lines of a file with their ends, then `END` as in `dialects.split_rows`.

    They stop at a row that is longer than the limit: a quotation mark in it is not closed.

    Args:
        pieces: The text.
        skipped: Characters to leave out at the start.
        settings: Limits.

    Attributes:
        read: Characters so far.
        row_start: Characters before the current row; set by whoever splits the lines into rows.
        cut: Whether the lines were stopped.
    """

    def __init__(self, pieces: Iterable[str], skipped: int, settings: Settings) -> None:
        self._pieces, self._skipped, self._most = pieces, skipped, settings.max_line_chars
        self.read = self.row_start = 0
        self.cut = False

    def __iter__(self) -> Iterator[str]:
        piece = ""
        for number, piece in enumerate(self._pieces):
            for line in io.StringIO(piece[self._skipped :] if number == 0 else piece, newline=""):
                self.read += len(line)
                self.cut = self.read - self.row_start > self._most
                yield line[: self._most] if self.cut else line
                if self.cut:
                    return
        if not piece.endswith(("\n", "\r")):
            yield "\n"
        yield END

    def too_long(self) -> RefusedError:
        """Return the error for the row at which the lines were stopped."""
        return RefusedError(
            f"has more than {self._most:,} characters, so it and all lines below it were not read",
            "Close its quotation mark, or end its line, and add the table again.",
        )


class _Rows:
    """The rows of a file.

    Attributes:
        problem: Why the last row cannot be read; None before it was taken, and if it can be read.
    """

    def __init__(self, lines: _Lines, dialect: Dialect) -> None:
        self._lines = lines
        self._rows = split_lines(lines, dialect)
        self.problem: RefusedError | None = None
        self._ended = False

    def take(self, most: int) -> list[list[str]]:
        """Return the next rows, at most so many and about 4 million characters; empty at the end."""
        taken: list[list[str]] = []
        start = self._lines.read
        if self._ended:
            return taken
        for row in self._rows:
            self._lines.row_start = self._lines.read
            taken.append(row)
            if len(taken) >= most or self._lines.read - start > PIECE_CHARS:
                return self._without_end(taken, False)
        self._ended = True
        return self._without_end(taken, True)

    def _without_end(self, taken: list[list[str]], ended: bool) -> list[list[str]]:
        if taken and taken[-1] == [END]:
            taken.pop()
            self._ended = True
        elif taken and self._lines.cut:
            self.problem, self._ended = self._lines.too_long(), True
        elif taken and (ended or any(END in cell for cell in taken[-1][-1:])):
            taken[-1] = [cell.replace(END, "") for cell in taken[-1]]
            self.problem, self._ended = UNCLOSED_QUOTE, True
        return taken
