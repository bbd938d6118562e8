"""Limits of all tables of an upload together."""

from __future__ import annotations

from analysis.importers.refused import RefusedError
from analysis.intake.reading import Reading
from analysis.intake.tables import Table
from analysis.settings import MB, Settings

SPLIT = "Score the rest in another batch."
"""The remedy where an upload is over a limit."""


class Totals:
    """Counts the tables of an upload and what they hold.

    Args:
        settings: Limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tables = self._rows = self._rejected = self._memory = self._size = self._names = 0

    def add(self, reading: Reading) -> RefusedError | None:
        """Add the tables of a file; or return why they cannot be added, as they would exceed a limit."""
        settings = self._settings
        tables = self._tables + len(reading.tables)
        new_rows = sum(table.n_rows for table in reading.tables)
        rejected = self._rejected + sum(len(table.rejected) for table in reading.tables)
        new_memory = sum(table.cells.memory for table in reading.tables)
        new_size = sum(table.cells.size for table in reading.tables)
        names = self._names + sum(map(_count_name_chars, reading.tables))
        rows, memory, size = self._rows + new_rows, self._memory + new_memory, self._size + new_size
        if tables > settings.max_tables:
            return RefusedError(f"comes after the first {settings.max_tables:,} tables", SPLIT)
        if self._rows and rows > settings.max_table_rows:
            limit = f"{settings.max_table_rows:,}"
            return RefusedError(f"brings the batch to {rows:,} rows; the limit is {limit}", SPLIT)
        if rejected > settings.max_rejected_rows:
            limit = f"{settings.max_rejected_rows:,}"
            return RefusedError(
                f"brings the batch to more than {limit} rows that cannot be read",
                "Check the separator and the quotation marks of your tables.",
            )
        if self._memory and memory > settings.max_tables_memory:
            limit = f"{settings.max_tables_memory / MB:,.0f} MB"
            return RefusedError(f"brings the tables of the batch to more than {limit}", SPLIT)
        if names > settings.max_names_memory + settings.names_memory_factor * size:
            limit = f"{settings.max_names_memory / MB:,.0f} MB"
            return RefusedError(
                f"has column names that take more than {limit} when stored with each value",
                "Shorten its column names.",
            )
        self._tables, self._rows, self._rejected = tables, rows, rejected
        self._memory, self._size, self._names = memory, size, names
        return None


def _count_name_chars(table: Table) -> int:
    """Sum the lengths of column names, each once per value: posts store extra values with their column's name."""
    return sum(len(name) * count for name, count in table.cells.count_filled().items())
