"""Writes the cells of a large table to disk, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analysis.intake.cells import NUMBERS, StoredCells, column_key
from analysis.intake.chunk_file import ChunkFile


class CellWriter:
    """Writes a table.

    Args:
        path: A file that does not exist yet.
        columns: The first columns.

    Attributes:
        columns: The columns so far, with the number of their cells that are not blank.
        n_rows: Rows so far.
    """

    def __init__(self, path: Path, columns: Iterable[str] = ()) -> None:
        self._file = ChunkFile(path.open("xb+"))
        self.columns: dict[str, int] = dict.fromkeys(columns, 0)
        self.n_rows = self._size = 0

    def add(self, numbers: Sequence[int], columns: Mapping[str, Sequence[str]]) -> None:
        """Add rows.

        Args:
            numbers: Their numbers among the data rows.
            columns: Their cells by column; a column that is missing here is blank.

        Raises:
            OSError: If the disk cannot be written.
        """
        self.add_table(pa.table({NUMBERS: pa.array(numbers, pa.int64())}), columns)

    def add_table(self, table: pa.Table, columns: Mapping[str, Sequence[str]]) -> None:
        """Add rows from the chunk of another file with the same columns, and further columns of them; see `add`."""
        for name in columns:
            self.columns.setdefault(name, 0)
        if not len(table):
            return
        places = {name: place for place, name in enumerate(self.columns)}
        names = {column_key(place): name for name, place in places.items()}
        arrays = {key: table[key] for key in table.schema.names if key != NUMBERS}
        arrays |= {
            column_key(places[name]): pa.array(cells, pa.large_string()) for name, cells in columns.items()
        }
        kept = {NUMBERS: table[NUMBERS]}
        for key, array in arrays.items():
            if filled := len(array) - int(pc.sum(pc.equal(pc.binary_length(array), 0)).as_py() or 0):
                self.columns[names[key]] += filled
                self._size += array.nbytes
                kept[key] = array
        self._file.append(pa.table(kept))
        self.n_rows += len(table)

    def cells(self) -> StoredCells:
        """Return what was written."""
        return StoredCells(self._file, tuple(self.columns), self.n_rows, self._size, dict(self.columns))
