"""Tables of posts, with every cell as text. `batch` builds posts from their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from analysis.importers import (
    ColumnMapping,
    ImportedRows,
    ImportOptions,
    RefusedError,
    find_importer,
    guess_mapping,
)
from analysis.importers.compressed import SUFFIXES, decompress
from analysis.importers.guess import SAMPLE_ROWS
from analysis.importers.importer import SNIFF_BYTES, list_table_columns
from analysis.importers.registry import get_importer
from analysis.importers.sources import Source, find_source, get_source
from analysis.intake.cells import Cells, FrameCells
from analysis.intake.files import InputFile
from analysis.intake.formats import COMPRESSED, format_by_content
from analysis.intake.not_tables import not_a_table_error
from analysis.intake.rejections import Rejection
from analysis.settings import MB, Settings

_SAMPLED_ROWS = 2_000  # in which values that are not blank are looked for


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: Its name within the upload.
        columns: Column names, unique.
        cells: One row per readable data row, all cells str, "" where blank. The number of a row is that among the
            data rows: 1 is the first below the header.
        rejected: Data rows that could not be read.
        notes: How it was read, for display: encoding, delimiter, header row.
        raw: The file's bytes, or the path of the file.
        source: The label of the source that was recognised, "" for none.
        mapping: That of the source; None if it is to be guessed.
        options: The fields of `ImportOptions` that change how its file is read.
        file: The name of its file, which differs from `name` if several sheets of it were read.
        sheet: The name of its sheet, "" if its file has no sheets or one.
        sheets: The names of all sheets of its file, for a choice.
        surplus: Data rows after `Settings.max_table_rows`, which were counted and not read.
        lists: The lists of its JSON file that can be read instead.
    """

    name: str
    columns: tuple[str, ...]
    cells: Cells
    rejected: tuple[Rejection, ...]
    notes: tuple[str, ...]
    raw: bytes | Path
    source: str = ""
    mapping: ColumnMapping | None = None
    options: tuple[str, ...] = ()
    file: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    surplus: int = 0

    def __post_init__(self) -> None:
        if not self.file:
            object.__setattr__(self, "file", self.name)

    @property
    def rows(self) -> pd.DataFrame:
        """All cells, with the rows' numbers as the index; a large table is loaded into memory."""
        return self.cells.frame()

    @property
    def n_rows(self) -> int:
        """Number of data rows, readable or not, read or not."""
        return len(self.cells) + sum(row.count for row in self.rejected) + self.surplus

    def sample(self) -> dict[str, list[str]]:
        """Return the first values of each column that are not blank."""
        first = self.cells.head(self.columns, _SAMPLED_ROWS)
        return {name: [cell for cell in cells if cell][:SAMPLE_ROWS] for name, cells in first.items()}

    def guess_mapping(self) -> ColumnMapping:
        """Return the mapping of the recognised source, else guess it from names and values."""
        return self.mapping or guess_mapping(self.columns, self.sample())


@dataclass(frozen=True)
class Parsed:
    """The tables of one file.

    Attributes:
        tables: One, or several sheets of a workbook.
        images: The images that their cells hold, by the names that stand for them in the cells.
        rejected: Sheets that were not read.
    """

    tables: tuple[Table, ...]
    images: Mapping[str, bytes]
    rejected: tuple[Rejection, ...]


def parse_table(
    file: InputFile, settings: Settings | None = None, options: ImportOptions | None = None
) -> Table:
    """Read a table, or the first sheet of a workbook that looks like posts; see `parse_tables`."""
    return parse_tables(file, settings, options).tables[0]


def parse_tables(
    file: InputFile, settings: Settings | None = None, options: ImportOptions | None = None
) -> Parsed:
    """Read a table with the importer that recognises it.

    Args:
        file: A table, which may be compressed, or a workbook.
        settings: Limits.
        options: How to read it, where the guess is wrong.

    Returns:
        The tables.

    Raises:
        RefusedError: If it is not a table, cannot be read, contains no rows, or is over a limit.
    """
    settings = settings or Settings()
    if file.size > settings.max_table_bytes:
        limit = settings.max_table_bytes // MB
        raise RefusedError(
            f"is {file.size / MB:,.0f} MB; the limit is {limit:,} MB", "Split it and add the parts."
        )
    content, suffix, notes = _decompressed(file, settings)
    options = options or ImportOptions()
    head = content[:SNIFF_BYTES]
    importer = get_importer(options.format) if options.format else find_importer(suffix, head)
    if importer is None:
        raise not_a_table_error(suffix, format_by_content(head), *notes)
    chosen = None if options.source is None else get_source(options.source)
    read = importer.read_with(content, settings, options)
    several = len(read.tables) + len(read.refused) > 1
    tables = []
    for imported in read.tables:
        table = _build_table(file, replace(imported, notes=[*notes, *imported.notes]), settings, chosen)
        name = f"{file.name} ({read.kind} {_plain(imported.sheet)})" if len(read.tables) > 1 else file.name
        tables.append(
            replace(
                table,
                name=name,
                rejected=tuple(replace(row, name=name) for row in table.rejected),
                options=importer.options,
                file=file.name,
                sheet=imported.sheet if several else "",
                sheets=tuple(read.names),
                lists=tuple(imported.lists),
            )
        )
    if not tables:
        raise RefusedError("holds no rows", "Add a table with one row a post.", read.names)
    return Parsed(
        tuple(tables),
        {name: image for imported in read.tables for name, image in imported.images.items()},
        tuple(
            Rejection("sheet", file.name, f"has a {read.kind} {each.name!r} that {each.reason}", each.remedy)
            for each in read.refused
        ),
    )


def _plain(sheet: str) -> str:
    return sheet.replace("/", "_").replace("\\", "_")


def _decompressed(file: InputFile, settings: Settings) -> tuple[bytes, str, list[str]]:
    """Return the content of a file, its suffix within that of the compression, and a note on the compression."""
    content = file.read()
    form = format_by_content(content[:SNIFF_BYTES])
    if form not in COMPRESSED:
        return content, file.suffix, []
    return decompress(content, form, settings), suffix_inside(file), [f"compressed by {form}"]


def suffix_inside(file: InputFile) -> str:
    """Return the suffix of the file in a compressed file: ".csv" of posts.csv.gz; "" for none."""
    return PurePosixPath(PurePosixPath(file.base).stem).suffix.lower() if file.suffix in SUFFIXES else ""


def _build_table(file: InputFile, imported: ImportedRows, settings: Settings, chosen: Source | None) -> Table:
    source, mapping = chosen or find_source(imported), None
    if source is not None:
        imported, mapping = source.map(imported, settings)
    columns = list(imported.columns)
    if not imported.rows and not imported.refused:
        found = f" below the header ({list_table_columns(columns)})" if columns else ""
        raise RefusedError(f"contains no rows{found}", "Add a table with one row per post.")
    frame = pd.DataFrame(
        list(imported.rows.values()), index=list(imported.rows), columns=columns, dtype="str"
    )
    rejected = (
        Rejection("row", file.name, f"row {row.number:,} {row.reason}", row.remedy, raw=row.raw)
        for row in imported.refused
    )
    return Table(
        file.name,
        tuple(columns),
        FrameCells(frame),
        tuple(rejected),
        tuple(imported.notes),
        file.content,
        source.label if source else "",
        mapping,
    )
