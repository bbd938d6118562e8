"""The cells of a table's readable rows, in memory or on disk, read in chunks of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.intake.chunk_file import ChunkFile

STR = pd.StringDtype("pyarrow", na_value=np.nan)
"""The type of columns of cells."""
NUMBERS = "row"
"""The column of row numbers in a chunk; those of cells are `column_key`."""
_CHUNK_ROWS = 20_000  # of a table in memory


def column_key(place: int) -> str:
    """Return the name of a table's column in a chunk on disk: names of the analyst's may be the same as others."""
    return f"c{place}"


@dataclass(frozen=True)
class CellChunk:
    """Consecutive rows.

    Attributes:
        numbers: The number of each row among the data rows, from 1.
        columns: Cells by column, "" where blank.
    """

    numbers: Sequence[int]
    columns: Mapping[str, list[str]]


class Cells(ABC):
    """The cells of a table.

    Attributes:
        columns: Column names, unique.
        memory: Bytes that the cells take in memory.
        size: Bytes of all cells, in memory or on disk.
    """

    columns: tuple[str, ...]
    memory: int
    size: int

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[CellChunk]:
        """Read the rows in chunks, with all columns or some of them."""

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """Return all cells as a frame, with the rows' numbers as its index."""

    @abstractmethod
    def with_column(self, name: str, value: str) -> Cells:
        """Return the same with a further column that has one value."""

    @abstractmethod
    def count_filled(self) -> Mapping[str, int]:
        """Count the cells of each column that are not blank."""

    def head(self, columns: Sequence[str], most: int) -> dict[str, list[str]]:
        """Return the first cells of columns."""
        found: dict[str, list[str]] = {name: [] for name in columns}
        count = 0
        for chunk in self.chunks(columns):
            for name in columns:
                found[name] += chunk.columns[name][: most - count]
            count += len(chunk.numbers)
            if count >= most:
                break
        return found

    def count_values(self, columns: Sequence[str], most: int) -> dict[str, int]:
        """Count the different values of columns that are not blank; columns with more than `most` are left out."""
        values: dict[str, set[str]] = {name: set() for name in columns}
        for chunk in self.chunks(columns):
            for name in [*values]:
                values[name].update(chunk.columns[name])
                if len(values[name] - {""}) > most:
                    del values[name]
            if not values:
                break
        return {name: len(found - {""}) for name, found in values.items()}


class FrameCells(Cells):
    """Cells in memory.

    Args:
        rows: One row per row, all cells str; the index is the rows' numbers.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self._rows = rows
        self.columns = tuple(rows.columns)
        self.memory = self.size = int(rows.memory_usage(index=False).sum())

    def __len__(self) -> int:
        return len(self._rows)

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[CellChunk]:
        """Read the rows in chunks; see `Cells`."""
        names = self.columns if columns is None else columns
        for start in range(0, len(self), _CHUNK_ROWS):
            rows = self._rows.iloc[start : start + _CHUNK_ROWS]
            yield CellChunk(rows.index.tolist(), {name: rows[name].tolist() for name in names})

    def frame(self) -> pd.DataFrame:
        """Return the frame itself."""
        return self._rows

    def with_column(self, name: str, value: str) -> FrameCells:
        """Return the same with a further column; see `Cells`."""
        return FrameCells(self._rows.assign(**{name: value}).astype({name: "str"}))

    def count_filled(self) -> Mapping[str, int]:
        """Count the cells of each column that are not blank."""
        return {name: int((self._rows[name] != "").sum()) for name in self.columns}


@dataclass(frozen=True)
class StoredCells(Cells):
    """Cells on disk.

    Attributes:
        file: Chunks with the rows' numbers (`NUMBERS`) and columns by `column_key`; a column that a chunk does not
            have is blank there.
        columns: Column names, in the order of their keys; those of `constants` come last.
        n_rows: Number of rows.
        size: Bytes of all cells.
        memory: None is taken.
        filled: The number of cells of each column that are not blank.
        constants: The value of further columns that have one.
    """

    file: ChunkFile
    columns: tuple[str, ...]
    n_rows: int
    size: int
    filled: Mapping[str, int]
    constants: Mapping[str, str] = field(default_factory=dict)
    memory: int = 0

    def __len__(self) -> int:
        return self.n_rows

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[CellChunk]:
        """Read the rows in chunks; see `Cells`."""
        names = self.columns if columns is None else columns
        places = {name: place for place, name in enumerate(self.columns)}
        keys = {name: column_key(places[name]) for name in names}
        for number in range(len(self.file)):
            table = self.file.read(number, {NUMBERS, *keys.values()})
            present = set(table.schema.names)
            yield CellChunk(
                table[NUMBERS].to_pylist(),
                {
                    name: convert_cells_to_strings(table[key])
                    if key in present
                    else [self.constants.get(name, "")] * table.num_rows
                    for name, key in keys.items()
                },
            )

    def frame(self) -> pd.DataFrame:
        """Return all cells as a frame; this loads the whole table into memory."""
        chunks = list(self.chunks())
        columns = {name: [cell for chunk in chunks for cell in chunk.columns[name]] for name in self.columns}
        index = [number for chunk in chunks for number in chunk.numbers]
        return pd.DataFrame(columns, index=index, columns=list(self.columns), dtype=STR)

    def with_column(self, name: str, value: str) -> StoredCells:
        """Return the same with a further column; see `Cells`."""
        return replace(
            self,
            columns=(*self.columns, name),
            constants={**self.constants, name: value},
            filled={**self.filled, name: self.n_rows if value else 0},
        )

    def count_filled(self) -> Mapping[str, int]:
        """Return the number of cells of each column that are not blank."""
        return self.filled


def convert_cells_to_strings(column: pa.ChunkedArray) -> list[str]:
    """Return the strings of a column as a list, faster than Arrow does."""
    strings: list[str] = column.to_numpy(zero_copy_only=False).tolist()
    return strings
