"""Tables of posts, with every cell as text. `batch` builds posts from their rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.importers import ImportedRows, RefusedError, find_importer
from analysis.importers.importer import list_columns
from analysis.intake.files import HEAD_BYTES, InputFile
from analysis.intake.rejections import Rejection
from analysis.settings import MB, Settings


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: Its name within the upload.
        columns: Column names, unique.
        rows: One row per readable data row, all cells str, "" where blank. The index is the row's number among
            the data rows: 1 is the first below the header.
        rejected: Data rows that could not be read.
        notes: How it was read, for display: encoding, delimiter, header row.
        raw: The file's bytes, or the path of the file.
    """

    name: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    rejected: tuple[Rejection, ...]
    notes: tuple[str, ...]
    raw: bytes | Path

    @property
    def n_rows(self) -> int:
        """Number of data rows, readable or not."""
        return len(self.rows) + len(self.rejected)


def parse_table(file: InputFile, settings: Settings | None = None) -> Table:
    """Read a table with the importer that recognises it.

    Args:
        file: A table; if no importer recognises it, it is read as delimited text.
        settings: Limits.

    Returns:
        The table.

    Raises:
        RefusedError: If it cannot be read, contains no rows, or is over a limit.
    """
    settings = settings or Settings()
    if file.size > settings.max_table_bytes:
        limit = settings.max_table_bytes // MB
        raise RefusedError(
            f"is {file.size / MB:,.0f} MB; the limit is {limit:,} MB", "Split it and add the parts."
        )
    content = file.read()
    importer = find_importer(file.suffix, content[:HEAD_BYTES])
    return _build_table(file, importer.read(content, settings))


def _build_table(file: InputFile, imported: ImportedRows) -> Table:
    columns = list(imported.columns)
    if not imported.rows and not imported.refused:
        found = f" below the header ({list_columns(columns)})" if columns else ""
        raise RefusedError(f"contains no rows{found}", "Add a table with one row per post.")
    frame = pd.DataFrame(
        list(imported.rows.values()), index=list(imported.rows), columns=columns, dtype="str"
    )
    rejected = (
        Rejection("row", file.name, f"row {row.number:,} {row.reason}", row.remedy, raw=row.raw)
        for row in imported.refused
    )
    return Table(file.name, tuple(columns), frame, tuple(rejected), tuple(imported.notes), file.content)
