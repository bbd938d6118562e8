"""Maps the rows of a large table to the columns of its source in chunks, as `Source.map` does for whole tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from analysis.importers import ColumnMapping, ImportedRows
from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.importer import RefusedRow, cells_as_json
from analysis.importers.sources import Source
from analysis.intake.cell_writer import CellWriter
from analysis.intake.cells import NUMBERS, StoredCells, column_key, convert_cells_to_strings
from analysis.settings import Settings


def map_source_cells(
    cells: StoredCells, source: Source, path: Path, settings: Settings, refuse: Callable[[RefusedRow], None]
) -> tuple[StoredCells, ColumnMapping]:
    """Map the rows of a table.

    Only the columns that the source reads become Python strings; the others are copied as they are.

    Args:
        cells: The rows as imported.
        source: Their source.
        path: The file for the mapped rows, which does not exist yet.
        settings: Limits.
        refuse: Called with each record that is no post.

    Returns:
        The rows without these records, with composed columns; and the mapping.

    Raises:
        OSError: If the disk cannot be written.
    """
    columns = cells.columns
    used = [name for name in columns if name in source.columns_used(columns)]
    places = {name: place for place, name in enumerate(columns)}
    writer = CellWriter(path, columns)
    _, mapping = source.map(ImportedRows(used, {}), settings)
    for number in range(len(cells.file)):
        send_heartbeat()
        table = cells.file.read(number)
        numbers = table[NUMBERS].to_pylist()
        strings = [_strings(table, places[name]) for name in used]
        rows = map(list, zip(*strings, strict=True)) if strings else ([] for _ in numbers)
        mapped, found = source.map(ImportedRows(used, dict(zip(numbers, rows, strict=True))), settings)
        mapping = found if number == 0 else mapping
        if mapped.refused:
            for row in _with_all_cells(mapped.refused, table, numbers, columns, settings):
                refuse(row)
            table = table.filter(pa.array([each in mapped.rows for each in numbers]))
        composed = {
            name: [row[place] for row in mapped.rows.values()]
            for place, name in enumerate(mapped.columns)
            if place >= len(used)
        }
        writer.add_table(table, composed)
    return writer.cells(), mapping


def _strings(table: pa.Table, place: int) -> list[str]:
    key = column_key(place)
    return convert_cells_to_strings(table[key]) if key in table.schema.names else [""] * len(table)


def _with_all_cells(
    refused: Sequence[RefusedRow],
    table: pa.Table,
    numbers: Sequence[int],
    columns: Sequence[str],
    settings: Settings,
) -> Iterator[RefusedRow]:
    """Give refused rows their content in all columns."""
    position = {number: place for place, number in enumerate(numbers)}
    taken = table.take([position[row.number] for row in refused])
    strings = [_strings(taken, place) for place in range(len(columns))]
    for row, cells in zip(refused, zip(*strings, strict=True), strict=True):
        yield replace(row, raw=cells_as_json(columns, cells, settings))
