"""Writes the cells of a large table to disk, chunk by chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analysis.intake.cells import NUMBERS, StoredCells, column_key
from analysis.intake.chunk_file import ChunkFile


class CellWriter:
    """Writes a table.

    Args:
        path: A file that does not exist yet.

    Attributes:
        columns: The columns so far, with the number of their cells that are not blank.
        n_rows: Rows so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = ChunkFile(path.open("xb+"))
        self.columns: dict[str, int] = {}
        self.n_rows = self._size = 0

    def add(self, numbers: Sequence[int], columns: Mapping[str, Sequence[str]]) -> None:
        """Add rows.

        Args:
            numbers: Their numbers among the data rows.
            columns: Their cells by column; a column that is missing here is blank.

        Raises:
            OSError: If the disk cannot be written.
        """
        for name in columns:
            self.columns.setdefault(name, 0)
        if not numbers:
            return
        arrays = [pa.array(numbers, pa.int64())]
        names = [NUMBERS]
        places = {name: place for place, name in enumerate(self.columns)}
        for name, cells in columns.items():
            array = pa.array(cells, pa.large_string())
            filled = len(array) - int(pc.sum(pc.equal(pc.binary_length(array), 0)).as_py() or 0)
            if filled:
                self.columns[name] += filled
                self._size += array.nbytes
                arrays.append(array)
                names.append(column_key(places[name]))
        self._file.append(pa.Table.from_arrays(arrays, names))
        self.n_rows += len(numbers)

    def cells(self) -> StoredCells:
        """Return what was written."""
        return StoredCells(self._file, tuple(self.columns), self.n_rows, self._size, dict(self.columns))
