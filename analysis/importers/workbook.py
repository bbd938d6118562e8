"""Sheets of a workbook of any format to imported rows: every visible sheet that looks like posts is read.

The library expands a sheet to a full grid, so a small file with one distant cell could exhaust the memory. The
importers of the formats measure a workbook before they hand it over.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import python_calamine
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from analysis.importers.decoding import remove_invalid_characters
from analysis.importers.grid import rows_from_grid
from analysis.importers.guess import SAMPLE_ROWS
from analysis.importers.heartbeat import send_heartbeat, with_heartbeats
from analysis.importers.importer import ImportedRows, ImportedSheets, RefusedSheet
from analysis.importers.limits import check_unpacked_size
from analysis.importers.mapping import guess_mapping
from analysis.importers.refused import RefusedError
from analysis.importers.sources import find_source
from analysis.settings import Settings

_CHUNK_BYTES = 1 << 20
_Value = str | int | float | bool | date | datetime | time | timedelta


def read_workbook(
    content: bytes,
    settings: Settings,
    label: str,
    measure: Callable[[bytes, Settings], None],
    header_row: int | None = None,
    sheets: Collection[str] = (),
) -> ImportedSheets:
    """Read the sheets of a workbook.

    Args:
        content: The workbook.
        settings: Limits.
        label: Display name of its format.
        measure: Raises `RefusedError` if the workbook expands to too much or is not of this format.
        header_row: See `ImportOptions`.
        sheets: See `ImportOptions`.

    Returns:
        The sheets read: the chosen ones, else those that look like posts, else the first. Blank sheets do not count,
        and hidden ones only if they are chosen.

    Raises:
        RefusedError: If it is not such a workbook, is locked, is over a limit, or no sheet can be read.
    """
    try:
        measure(content, settings)
        grids, hidden = _read_grids(content, settings)
    except python_calamine.PasswordError:
        raise RefusedError("is locked with a password", "Save it without one and add it again.") from None
    except (RefusedError, MemoryError):
        raise
    except BaseException as error:
        # The library is written in Rust; a defect in it raises PanicException, which is not an Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise damaged_workbook_error(label) from None
        raise
    return _choose(grids, hidden, len(content), settings, header_row, sheets)


def damaged_workbook_error(label: str) -> RefusedError:
    """Return the error for what is not a workbook of a format, or is broken."""
    article = "an" if label[0] in "XO" else "a"
    return RefusedError(
        f"cannot be read as {article} {label} workbook", "Open and save it again, or save it as CSV."
    )


def _read_grids(content: bytes, settings: Settings) -> tuple[dict[str, list[list[str]]], set[str]]:
    """Return the rows of all sheets that are not blank, and the names of the hidden ones of them."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    grids: dict[str, list[list[str]]] = {}
    hidden: set[str] = set()
    for sheet in workbook.sheets_metadata:
        if sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        read = workbook.get_sheet_by_name(sheet.name)
        if read.total_height * read.total_width > settings.max_sheet_cells:
            raise too_many_cells_error(read.total_height, read.total_width, settings)
        rows = _rows_of(read)
        if not rows:
            continue
        name = remove_invalid_characters(sheet.name)
        grids[name] = rows
        if sheet.visible != SheetVisibleEnum.Visible:
            hidden.add(name)
    return grids, hidden


def _rows_of(sheet: CalamineSheet) -> list[list[str]]:
    rows = [[_cell_text(value) for value in row] for row in with_heartbeats(sheet.iter_rows())]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def check_workbook_parts(archive: zipfile.ZipFile, settings: Settings) -> None:
    """Refuse a workbook of too many parts.

    Raises:
        RefusedError: If it is over the limit.
    """
    count = len(archive.infolist())
    if count > settings.max_workbook_parts:
        raise RefusedError(
            f"has {count:,} parts; the limit is {settings.max_workbook_parts:,}",
            "Keep the sheet with the posts, or save it as CSV.",
        )


def unpack_workbook_parts(
    archive: zipfile.ZipFile, parts: Iterable[zipfile.ZipInfo], label: str, size: int, settings: Settings
) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """Unpack parts of a workbook in chunks, without storing them.

    Args:
        archive: The workbook.
        parts: Those to unpack.
        label: Display name of the format.
        size: Of the workbook, bytes.
        settings: Limits.

    Yields:
        The part and its next bytes.

    Raises:
        RefusedError: If they unpack to too many bytes, or are packed by a method that workbooks do not use.
    """
    unpacked = 0
    for part in parts:
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged_workbook_error(label)  # other methods unpack in steps of unlimited size
        with archive.open(part) as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                send_heartbeat()
                unpacked += len(chunk)
                check_unpacked_size(unpacked, size, settings)
                yield part, chunk


def too_many_cells_error(rows: int, columns: int, settings: Settings) -> RefusedError:
    """Return the error for a sheet over the limit of cells."""
    return RefusedError(
        f"has a sheet of {rows:,} rows x {columns:,} columns or more; "
        f"the limit is {settings.max_sheet_cells:,} cells",
        "Delete the cells far below or to the right of the posts, or save it as CSV.",
    )


def _choose(
    grids: dict[str, list[list[str]]],
    hidden: Collection[str],
    size: int,
    settings: Settings,
    header_row: int | None,
    sheets: Collection[str],
) -> ImportedSheets:
    if absent := [name for name in sheets if name not in grids]:
        raise RefusedError(f"has no sheet {absent[0]!r} with rows", "Choose one of its sheets.", grids)
    read: list[ImportedRows] = []
    refused: list[RefusedSheet] = []
    for name, grid in grids.items():
        if name not in sheets and (sheets or name in hidden):
            fact = "is hidden" if name in hidden else "was not chosen"
            refused.append(RefusedSheet(name, fact, "Choose it among the sheets of its workbook."))
            continue
        try:
            imported = rows_from_grid(grid, [f"sheet {name!r}"], size, settings, header_row=header_row)
        except RefusedError as error:
            if len(grids) == 1:
                raise
            refused.append(RefusedSheet(name, error.reason, error.remedy))
            continue
        read.append(replace(imported, sheet=name))
    fields = [_count_fields(imported) for imported in read]
    # A sheet of notes has sentences too, but nothing else that posts have.
    least = min(2, max(fields, default=0)) or 1
    chosen = [bool(sheets) or count >= least for count in fields]
    tables = [imported for imported, is_chosen in zip(read, chosen, strict=True) if is_chosen] or read[:1]
    if not tables and refused:
        first = refused[0]
        raise RefusedError(f"has a sheet {first.name!r} that {first.reason}", first.remedy, grids)
    used = {imported.sheet for imported in tables}
    others = [imported for imported in read if imported.sheet not in used]
    refused += [
        RefusedSheet(
            str(each.sheet),
            "was not read: it does not look like posts",
            "If it holds posts, choose it among the sheets of its workbook, or name its column of texts text.",
        )
        for each in others
    ]
    return ImportedSheets(tables, refused, tuple(grids))


def _count_fields(imported: ImportedRows) -> int:
    """Count the fields of posts that a sheet has columns for; 0 if it has neither texts nor images."""
    if not imported.rows:
        return 0
    if source := find_source(imported):
        return len(source.map(imported)[1].columns())
    rows = list(imported.rows.values())[:SAMPLE_ROWS]
    sample = {name: [row[place] for row in rows] for place, name in enumerate(imported.columns)}
    mapping = guess_mapping(imported.columns, sample)
    return len(mapping.columns()) if mapping.makes_posts else 0


def _cell_text(value: _Value) -> str:
    """Format a cell: whole numbers with the 15 digits that spreadsheets keep and without ".0", times in ISO 8601."""
    if isinstance(value, str):
        return remove_invalid_characters(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and not value % 1:
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
