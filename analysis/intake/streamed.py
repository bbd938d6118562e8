"""Reads a large table in chunks, within memory that does not depend on its size. Its cells stay on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from analysis.importers import ColumnMapping, ImportedRows, ImportOptions, RefusedError, find_importer
from analysis.importers.byte_source import BLOCK_BYTES, ByteSource
from analysis.importers.compressed import decompressed_chunks, decompression_memory
from analysis.importers.heartbeat import send_heartbeat
from analysis.importers.importer import SNIFF_BYTES, Importer, RefusedRow, RowChunk
from analysis.importers.limits import check_refused_rows, check_table_shape, check_unpacked_size
from analysis.importers.registry import get_importer
from analysis.importers.sources import Source, find_source, get_source
from analysis.intake.cell_writer import CellWriter
from analysis.intake.cells import StoredCells
from analysis.intake.files import InputFile
from analysis.intake.formats import COMPRESSED, format_by_content
from analysis.intake.memory_limit import memory_limit
from analysis.intake.rejections import Rejection
from analysis.intake.source_mapping import map_source_cells
from analysis.intake.tables import Table, suffix_inside
from analysis.settings import MB, Settings

_FIRST_ROWS = 2_000  # from which the source is recognised
_CUT_CHARS = 200  # characters of a rejected row after `Settings.max_rejected_chars`


def read_large_table(file: InputFile, settings: Settings, options: ImportOptions, path: Path) -> Table | None:
    """Read a table in chunks, if it is large and its importer can.

    Args:
        file: A table, which may be compressed.
        settings: Limits.
        options: How to read it, where the guess is wrong.
        path: The file for its cells, which does not exist yet.

    Returns:
        The table with its cells on disk, as `tables.parse_tables` returns it; None if it must be read whole.

    Raises:
        RefusedError: If it cannot be read, or is over a limit.
        OSError: If the disk cannot be written.
    """
    form = format_by_content(file.head())
    form = form if form in COMPRESSED else None
    source = _source_of(file, form, settings)
    head = source.head(SNIFF_BYTES)
    suffix = suffix_inside(file) if form else file.suffix
    importer = get_importer(options.format) if options.format else find_importer(suffix, head)
    if importer is None or importer.read_chunks is None or not _is_large(file, source, form, settings):
        return None
    if not form and file.size > settings.max_streamed_bytes:
        limit = settings.max_streamed_bytes // MB
        raise RefusedError(
            f"is {file.size / MB:,.0f} MB; the limit is {limit:,} MB", "Split it and add the parts."
        )
    chunks = importer.chunks_with(source, settings, options)
    if chunks is None:
        return None
    notes = [f"compressed by {form}"] if form else []
    chosen = None if options.source is None else get_source(options.source)
    with memory_limit(settings.reader_stream_memory + decompression_memory(file.head())):
        return _LargeTable(file, importer, settings, notes, path).read(source, chunks, chosen)


def _source_of(file: InputFile, form: str | None, settings: Settings) -> ByteSource:
    def read() -> Iterator[bytes]:
        unpacked = 0
        with file.open() as opened:
            if form is None:
                while block := opened.read(BLOCK_BYTES):
                    yield block
                return
            for block in decompressed_chunks(opened, form):
                send_heartbeat()
                unpacked += len(block)
                check_unpacked_size(unpacked, file.size, settings, settings.max_streamed_bytes)
                yield block

    return ByteSource(read)


def _is_large(file: InputFile, source: ByteSource, form: str | None, settings: Settings) -> bool:
    """Return whether a table has more bytes, or more lines, than are read whole."""
    least = settings.stream_from_bytes
    if form is None and file.size >= least:
        return True
    size = lines = 0
    for block in source.blocks():
        size += len(block)
        lines += block.count(b"\n")
        if size >= least or lines > settings.max_table_rows:
            return True
    return False


class _LargeTable:
    """Writes the rows of a table to disk, then recognises its source and maps them."""

    def __init__(
        self, file: InputFile, importer: Importer, settings: Settings, notes: Sequence[str], path: Path
    ) -> None:
        self._file, self._importer, self._settings, self._path = file, importer, settings, path
        self._notes = list(notes)
        self._refused: list[RefusedRow] = []
        self._refused_chars = 0
        self._skipped: Counter[tuple[str, str]] = (
            Counter()
        )  # reasons of records that are not listed one by one
        self._skipped_first: dict[tuple[str, str], int] = {}
        self._surplus = 0

    def read(self, source: ByteSource, chunks: Iterator[RowChunk], chosen: Source | None) -> Table:
        writer = CellWriter(self._path)
        read_as: Sequence[str] = ()
        for chunk in chunks:
            writer.add(chunk.numbers, chunk.columns)
            read_as = chunk.notes
            for row in chunk.refused:
                self._refuse(row)
                check_refused_rows(self._refused, self._settings)
            self._surplus += chunk.surplus
        cells = writer.cells()
        check_table_shape(len(cells), len(cells.columns), source.total, self._settings)
        first = _first_rows(cells)
        found, mapping = chosen or find_source(first), None
        if found is not None:
            cells, mapping = self._map(cells, found)
        if not len(cells) and not self._refused:
            raise RefusedError("contains no rows", "Add a table with one row per post.")
        return Table(
            self._file.name,
            cells.columns,
            cells,
            tuple(self._rejections()),
            (*self._notes, *read_as),
            self._file.content,
            found.label if found else "",
            mapping,
            options=self._importer.options,
            surplus=self._surplus,
        )

    def _map(self, cells: StoredCells, source: Source) -> tuple[StoredCells, ColumnMapping]:
        """Map the rows to a source, which adds columns and skips records that are no posts."""
        path = self._path.with_name(f"{self._path.name}.mapped")
        mapped = map_source_cells(cells, source, path, self._settings, self._skip)
        cells.file.close()
        self._path.unlink()
        return mapped

    def _refuse(self, row: RefusedRow) -> None:
        """List a row; its content is cut if those before it have many characters."""
        room = self._settings.max_rejected_chars - self._refused_chars
        raw = row.raw if len(row.raw) <= max(room, _CUT_CHARS) else f"{row.raw[:_CUT_CHARS]}…"
        self._refused_chars += len(raw)
        self._refused.append(replace(row, raw=raw))

    def _skip(self, row: RefusedRow) -> None:
        """List a record that is no post, or count it if there are many."""
        if len(self._refused) < self._settings.max_rejected_rows // 2:
            self._refuse(row)
            return
        key = (row.reason, row.remedy)
        self._skipped[key] += 1
        self._skipped_first.setdefault(key, row.number)

    def _rejections(self) -> Iterator[Rejection]:
        name = self._file.name
        for row in self._refused:
            yield Rejection("row", name, f"row {row.number:,} {row.reason}", row.remedy, raw=row.raw)
        for (reason, remedy), count in self._skipped.items():
            start = self._skipped_first[reason, remedy]
            fact = f"has {count:,} more rows, from row {start:,} on, each of which {reason}"
            yield Rejection("row", name, fact, remedy, count=count)


def _first_rows(cells: StoredCells) -> ImportedRows:
    """Return the first rows, from which a source is recognised."""
    columns = cells.head(cells.columns, _FIRST_ROWS)
    rows = zip(*columns.values(), strict=True)
    return ImportedRows(cells.columns, {number: list(row) for number, row in enumerate(rows, start=1)})
