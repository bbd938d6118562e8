"""A table of posts as it came: every cell as text, with notes on how it was read.

Formats have their own files: `delimited` (CSV, TSV), `notation` (JSON, NDJSON), `workbook` (XLSX), `parquet`. What
the columns mean is `schemas`; how rows become posts is `batch`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.intake.decoding import decode
from analysis.intake.delimited import DELIMITERS, header_row, read_delimited
from analysis.intake.files import InputFile
from analysis.intake.heartbeat import beating
from analysis.intake.limits import check_shape
from analysis.intake.notation import Refused, read_json
from analysis.intake.parquet import read_parquet
from analysis.intake.rejections import RefusedError, Rejection
from analysis.intake.workbook import read_workbook
from analysis.settings import MB, Settings

_NAMED_COLUMNS = 20  # column names that a message lists
_SHOWN = 100  # characters of each


@dataclass(frozen=True)
class Table:
    """One table as it came.

    Attributes:
        name: Its name within the drop.
        columns: Column names, unique.
        rows: One row a readable data row, all cells str, "" where blank. The index is the row's number among
            the data rows: 1 is the first below the header.
        rejected: Data rows that could not be read.
        notes: How it was read, for people: encoding, separator, header.
        raw: The file's bytes, or the path that holds them.
    """

    name: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    rejected: tuple[Rejection, ...]
    notes: tuple[str, ...]
    raw: bytes | Path

    @property
    def n_rows(self) -> int:
        """Data rows, readable or not."""
        return len(self.rows) + len(self.rejected)


def parse_table(file: InputFile, settings: Settings | None = None) -> Table:
    """Read a table; the format follows from its name's ending, but a zipped workbook is told by its content.

    Args:
        file: CSV, TSV (any other ending is read as such), JSON, NDJSON, XLSX or Parquet.
        settings: Limits.

    Returns:
        The table.

    Raises:
        RefusedError: If it cannot be read, or holds no rows or too many columns.
    """
    settings = settings or Settings()
    if file.size > settings.max_table_bytes:
        limit = settings.max_table_bytes // MB
        raise RefusedError(
            f"is {file.size / MB:,.0f} MB; the limit is {limit:,} MB", "Split it and add the parts."
        )
    content = file.read()
    if file.ending == ".xlsx" or content.startswith(b"PK\x03\x04"):
        grid, notes = read_workbook(content, settings)
        return _from_grid(file, grid, notes, settings)
    if file.ending == ".parquet":
        return _from_objects(file, read_parquet(content, settings), ["Parquet"], settings)
    text, encoding = decode(content)
    if file.ending in (".json", ".ndjson", ".jsonl"):
        rows, form = read_json(text)
        return _from_objects(file, rows, [encoding, form], settings)
    grid, delimiter, cut = read_delimited(text)
    return _from_grid(file, grid, [encoding, f"separated by {DELIMITERS[delimiter]}"], settings, cut)


def raw_cells(columns: Sequence[str], cells: Sequence[str], settings: Settings) -> str:
    """Write a refused row's cells as a JSON object; blank cells are left out and endless ones cut."""
    limit = settings.max_text_chars
    held = {
        name: cell if len(cell) <= limit else cell[:limit] + "…"
        for name, cell in zip(columns, cells, strict=True)
        if cell
    }
    return json.dumps(held, ensure_ascii=False)


def name_columns(columns: Sequence[str]) -> str:
    """List column names for a message."""
    left = len(columns) - _NAMED_COLUMNS
    shown = (name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…" for name in columns[:_NAMED_COLUMNS])
    return ", ".join(shown) + (f" and {left:,} more" if left > 0 else "")


def _from_grid(
    file: InputFile, grid: list[list[str]], notes: list[str], settings: Settings, cut: bool = False
) -> Table:
    """Make a table of rows of cells, one of which is the header.

    Args:
        file: Where they come from.
        grid: All rows, of any length.
        notes: How they were read.
        settings: Limits.
        cut: Whether the last row holds a quotation mark that is never closed.
    """
    header = header_row(grid)
    names = _without_blank_end(grid[header]) if grid else []
    check_shape(len(grid) - header - 1, len(names), file.size, settings)
    columns = _unique(names)
    rows: dict[int, list[str]] = {}
    rejected = []
    for number, cells in enumerate(beating(grid[header + 1 :]), start=1):
        cells = _without_blank_end(cells, len(columns))
        cells = cells + [""] * (len(columns) - len(cells))
        problem = None
        if cut and number + header + 1 == len(grid):
            problem = RefusedError(
                "opens a quotation mark that is never closed, so that every line below was read as part of it",
                "Close or remove the quotation mark and add the table again.",
            )
        elif len(cells) > len(columns):
            problem = RefusedError(
                f"has {len(cells):,} fields; the header has {len(columns):,}",
                "Put texts that hold the separator in quotation marks.",
            )
        if problem:
            raw = raw_cells(*_named_cells(columns, cells, settings), settings)
            rejected.append(_refused_row(file, number, problem, raw))
            _check_rejected(rejected, settings)
        else:
            rows[number] = cells
    if header:
        notes = [*notes, f"header in row {header + 1}"]
    return _table(file, columns, rows, rejected, notes)


def _named_cells(
    columns: Sequence[str], cells: Sequence[str], settings: Settings
) -> tuple[list[str], list[str]]:
    """Name all fields of a row, those without a column too; of an endless row the first fields."""
    shown = list(cells[: settings.max_columns])
    names = [*columns, *(f"field {place}" for place in range(len(columns) + 1, len(shown) + 1))][: len(shown)]
    if left := len(cells) - len(shown):
        return [*names, "…"], [*shown, f"{left:,} more fields"]
    return names, shown


def _from_objects(
    file: InputFile, objects: list[dict[str, str] | Refused], notes: list[str], settings: Settings
) -> Table:
    columns = list(dict.fromkeys(name for post in objects if isinstance(post, dict) for name in post))
    check_shape(len(objects), len(columns), file.size, settings)
    rows: dict[int, list[str]] = {}
    rejected = []
    for number, post in enumerate(beating(objects), start=1):
        if isinstance(post, dict):
            rows[number] = [post.get(name, "") for name in columns]
        else:
            problem = RefusedError(post[0], "Write each post as one JSON object.")
            rejected.append(_refused_row(file, number, problem, raw_cells(["line"], [post[1]], settings)))
            _check_rejected(rejected, settings)
    return _table(file, columns, rows, rejected, notes)


def _check_rejected(rejected: Sequence[Rejection], settings: Settings) -> None:
    if len(rejected) > settings.max_rejected_rows:
        raise RefusedError(
            f"has more than {settings.max_rejected_rows:,} rows that cannot be read, "
            f"such as: {rejected[0].reason}",
            rejected[0].remedy,
        )


def _table(
    file: InputFile,
    columns: list[str],
    rows: dict[int, list[str]],
    rejected: list[Rejection],
    notes: list[str],
) -> Table:
    if not rows and not rejected:
        found = f" below the header ({name_columns(columns)})" if columns else ""
        raise RefusedError(f"holds no rows{found}", "Add a table with one row a post.")
    frame = pd.DataFrame(list(rows.values()), index=list(rows), columns=columns, dtype="str")
    return Table(file.name, tuple(columns), frame, tuple(rejected), tuple(notes), file.content)


def _refused_row(file: InputFile, number: int, problem: RefusedError, raw: str) -> Rejection:
    return Rejection("row", file.name, f"row {number:,} {problem.reason}", problem.remedy, raw=raw)


def _without_blank_end(cells: list[str], least: int = 0) -> list[str]:
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _unique(header: Sequence[str]) -> list[str]:
    """Name nameless columns by their place, and number the later ones of equal names."""
    columns: dict[str, None] = {}
    for place, cell in enumerate(header, start=1):
        name = base = cell.strip() or f"column {place}"
        repeat = 2
        while name in columns:
            name = f"{base} ({repeat})"
            repeat += 1
        columns[name] = None
    return list(columns)
