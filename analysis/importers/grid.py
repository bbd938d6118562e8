"""Converts rows of cells to imported rows: finds the header, and refuses rows that do not fit it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, RefusedRow, cells_as_json
from analysis.importers.limits import check_refused_rows, check_table_shape
from analysis.importers.mapping import count_known_columns, guess_mapping
from analysis.importers.refused import RefusedError
from analysis.settings import Settings

MAX_HEADER_CELLS = 10_000
"""A row with more cells is not the header of a table of posts."""

UNCLOSED_QUOTE = RefusedError(
    "has a quotation mark that is never closed, so all lines below it were read as part of this row",
    "Close or remove the quotation mark and add the table again.",
)
"""The error for the last row of a table whose end was read as a part of it."""

REPEATS_HEADER = RefusedError("repeats the header", "Nothing to do: it is not a post.")
"""The error for a row with the names of the columns."""

_MAX_PREAMBLE = 20  # rows in which the header is searched
_MAX_GROUP_ROWS = 2  # above the header
_SAMPLED_ROWS = 200  # from which the width of a table is guessed
_VALUE = re.compile(
    r"[+-]?[0-9.,]+|https?://\S+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}.*"
)
"""A number, an address or a time, which name no column."""


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Find the header row, which may follow a few lines of preamble.

    It is the first row that names a column for an id, a text or images. As a row of data can contain such a word
    too ("image" in a column of types), the rest of the row must fit: all or several of its names are known, or it has
    more cells than all rows above it. If no row has known names, it is the first row that is as wide as the rows
    below it, unless it has numbers or times in the same columns as they do.

    Args:
        rows: The first rows of a table, without empty ones.

    Returns:
        The header's index; None if the table has no header.
    """
    widest = 0
    for index, row in enumerate(rows[:_MAX_PREAMBLE]):
        if len(row) > MAX_HEADER_CELLS:
            continue
        names = [cell.strip() for cell in row if cell.strip()]
        known = count_known_columns(names)
        mapping = guess_mapping(names)
        named = bool(mapping.makes_posts or mapping.post_id) and not any(map(_VALUE.fullmatch, names))
        if named and (known == len(names) or known > 1 or len(names) > widest):
            return index + _rows_of_groups(rows[index : index + _MAX_GROUP_ROWS + 1])
        widest = max(widest, len(names))
    first = _first_full_row(rows)
    return None if _looks_like_data(rows, first) else first


def _rows_of_groups(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of rows that name groups of columns, above the row that names more columns."""
    counts = []
    for row in rows:
        names = [cell.strip() for cell in row[:MAX_HEADER_CELLS] if cell.strip()]
        is_header = len(set(names)) == len(names) and not any(map(_VALUE.fullmatch, names))
        counts.append(count_known_columns(names) if is_header and guess_mapping(names).makes_posts else 0)
    best = max(range(len(counts)), key=lambda place: counts[place])
    return best if counts[best] > counts[0] + 1 else 0


def _first_full_row(rows: Sequence[Sequence[str]]) -> int:
    """Find the first row that is as wide as most rows below it."""
    sample = rows[_MAX_PREAMBLE // 2 : _SAMPLED_ROWS] or rows
    width = Counter(len(row) for row in sample).most_common(1)[0][0] if sample else 0
    wide = (index for index, row in enumerate(rows[:_MAX_PREAMBLE]) if len(row) >= width)
    return next(wide, 0)


def _looks_like_data(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether a row has a number, time or address in a column in which most rows below have one too."""
    below = rows[index + 1 : _SAMPLED_ROWS]
    if not rows or not below:
        return False
    for place, cell in enumerate(rows[index][:MAX_HEADER_CELLS]):
        if _VALUE.fullmatch(cell.strip()):
            values = [row[place].strip() for row in below if place < len(row) and row[place].strip()]
            if values and sum(bool(_VALUE.fullmatch(value)) for value in values) > len(values) / 2:
                return True
    return False


def rows_from_grid(
    grid: Sequence[list[str]],
    notes: Sequence[str],
    size: int,
    settings: Settings,
    unclosed_quote: bool = False,
    header_row: int | None = None,
) -> ImportedRows:
    """Separate the header of a grid from its data rows.

    Args:
        grid: All rows, of any length.
        notes: How they were read, for display.
        size: Of the file, bytes.
        settings: Limits.
        unclosed_quote: Whether the last row contains a quotation mark that is never closed.
        header_row: See `ImportOptions`.

    Raises:
        RefusedError: If there are too many rows, columns or refused rows, or no such row for the header.
    """
    names, first, header_notes = read_header(grid, header_row)
    check_table_shape(len(grid) - first, len(names), size, settings)
    columns = unique_column_names(names)
    header = repeated_header(names, first)
    rows: dict[int, list[str]] = {}
    refused: list[RefusedRow] = []
    for number, cells in enumerate(with_heartbeats(grid[first:]), start=1):
        cells = fit_row_width(cells, len(columns))
        if unclosed_quote and number + first == len(grid):
            refused.append(refused_row_cells(number, columns, cells, UNCLOSED_QUOTE, settings))
        elif header and [cell.strip() for cell in cells] == header:
            refused.append(refused_row_cells(number, columns, cells, REPEATS_HEADER, settings))
        elif len(cells) > len(columns):
            refused.append(
                refused_row_cells(number, columns, cells, row_too_wide_error(cells, columns), settings)
            )
        else:
            rows[number] = cells
            continue
        check_refused_rows(refused, settings)
    return ImportedRows(columns, rows, refused, [*notes, *header_notes])


def read_header(grid: Sequence[list[str]], header_row: int | None) -> tuple[list[str], int, list[str]]:
    """Find the column names of a grid.

    Args:
        grid: All rows, or at least the first 200.
        header_row: See `ImportOptions`.

    Returns:
        The names, which can be blank or repeated; the index of the first data row; and notes for display.

    Raises:
        RefusedError: If there is no such row for the header.
    """
    header = find_header(grid) if header_row is None else _chosen_header(grid, header_row)
    if header is None:
        width = max((len(_trim_blank_end(row)) for row in grid[:_SAMPLED_ROWS]), default=0)
        return [""] * width, 0, ["without a header"]
    names = _trim_blank_end(grid[header]) if grid else []
    return names, header + 1, [f"header in row {header + 1}"] if header else []


def repeated_header(names: Sequence[str], first: int) -> list[str]:
    """Return the cells of a row that repeats the header; empty for a table without one, or with one column."""
    return [name.strip() for name in names] if first and len(names) > 1 else []


def fit_row_width(cells: list[str], width: int) -> list[str]:
    """Return the cells of a row with as many as there are columns; more only if they are not blank."""
    if len(cells) == width:
        return cells
    cells = _trim_blank_end(cells, width)
    return cells + [""] * (width - len(cells))


def row_too_wide_error(cells: Sequence[str], columns: Sequence[str]) -> RefusedError:
    """Return the error for a row with more cells than there are columns."""
    return RefusedError(
        f"has {len(cells):,} fields; the header has {len(columns):,}",
        "Put texts that contain the delimiter in quotation marks.",
    )


def refused_row_cells(
    number: int, columns: Sequence[str], cells: Sequence[str], problem: RefusedError, settings: Settings
) -> RefusedRow:
    """Return the refused row with these cells."""
    raw = cells_as_json(*_named_cells(columns, cells, settings), settings)
    return RefusedRow(number, problem.reason, problem.remedy, raw)


def _chosen_header(grid: Sequence[Sequence[str]], number: int) -> int | None:
    if number == 0:
        return None
    if not 0 < number <= len(grid):
        raise RefusedError(
            f"has no row {number:,} for the header: it has {len(grid):,} rows",
            "Choose a row of the table, or 0 for a table without a header.",
        )
    return number - 1


def _named_cells(
    columns: Sequence[str], cells: Sequence[str], settings: Settings
) -> tuple[list[str], list[str]]:
    """Name all fields of a row, including those without a column; of a very long row only the first fields."""
    shown = list(cells[: settings.max_columns])
    names = [*columns, *(f"field {place}" for place in range(len(columns) + 1, len(shown) + 1))][: len(shown)]
    if hidden := len(cells) - len(shown):
        return [*names, "…"], [*shown, f"{hidden:,} more fields"]
    return names, shown


def _trim_blank_end(cells: list[str], least: int = 0) -> list[str]:
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def unique_column_names(header: Sequence[str]) -> list[str]:
    """Name nameless columns by their position, and number repeated names."""
    columns: dict[str, None] = {}
    for place, cell in enumerate(header, start=1):
        name = base = cell.strip() or f"column {place}"
        repeat = 2
        while name in columns:
            name = f"{base} ({repeat})"
            repeat += 1
        columns[name] = None
    return list(columns)
