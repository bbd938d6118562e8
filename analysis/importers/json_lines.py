"""Reads large files with one JSON object per line in chunks, with the result of `json_files.read_json`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from analysis.importers.byte_source import BLOCK_BYTES, ByteSource
from analysis.importers.decoding import decode_file_head
from analysis.importers.importer import ImportedRows, RefusedRow, RowChunk
from analysis.importers.json_values import (
    find_page_opener,
    flatten_parsed_value,
    parse_json,
    parse_json_lines,
    strip_json_list_syntax,
)
from analysis.importers.records import OTHERS, Record, refused_record
from analysis.importers.refused import RefusedError
from analysis.importers.sources import find_source
from analysis.importers.text_stream import find_text_encoding, read_text_blocks, rechunk_at_line_ends
from analysis.settings import Settings


def read_json_lines(
    source: ByteSource, settings: Settings, encoding: str | None = None, list_path: str | None = None
) -> Iterator[RowChunk] | None:
    """Read a file with one JSON object per line in chunks.

    Args:
        source: The file.
        settings: Limits.
        encoding: See `ImportOptions`.
        list_path: See `ImportOptions`.

    Returns:
        The rows; None if the first line is no object, or a list was chosen, so that the file must be read whole.

    Raises:
        RefusedError: While the rows are read, if the file is in an unknown encoding, or has a line without end.
    """
    head = source.head(BLOCK_BYTES)
    try:
        text = head.decode(encoding, "replace").removeprefix("\ufeff") if encoding else decode_file_head(head)
    except (LookupError, ValueError):
        return None
    first, _, rest = text.lstrip().partition("\n")
    value, error = parse_json(strip_json_list_syntax(first))
    if error or not isinstance(value, dict) or not rest.strip() or list_path is not None:
        return None
    return _read_chunks(source, settings, encoding)


def _read_chunks(source: ByteSource, settings: Settings, encoding: str | None) -> Iterator[RowChunk]:
    found = find_text_encoding(source, encoding)
    notes = [found.label, "one JSON object per line"]
    columns = _Columns(settings)
    line, row = 1, 0
    opener = None
    for piece in rechunk_at_line_ends(read_text_blocks(source, found), "\n", settings):
        if len(piece) > settings.max_line_chars and "\n" not in piece:
            limit = f"{settings.max_line_chars:,}"
            raise RefusedError(
                f"has a line {line:,} of more than {limit} characters",
                "Write each post as one JSON object on a line of its own.",
            )
        lines = piece.split("\n")
        if row >= settings.max_table_rows and opener is None:
            yield RowChunk(
                [], {}, notes=notes, surplus=sum(strip_json_list_syntax(each) != "" for each in lines)
            )
            continue
        values = list(parse_json_lines(lines, line))
        if line == 1:
            opener = find_page_opener(values)
        line += len(lines) - piece.endswith("\n")
        if opener is not None:
            values = [post for value in values for post in opener(value)]
        surplus = max(0, row + len(values) - settings.max_table_rows)
        if surplus:
            del values[len(values) - surplus :]
        yield _chunk_of_records(values, row, notes, surplus, columns, settings)
        row += len(values)


def _chunk_of_records(
    values: Sequence[object],
    before: int,
    notes: Sequence[str],
    surplus: int,
    columns: _Columns,
    settings: Settings,
) -> RowChunk:
    """Return the rows of values from `parse_json_lines`, of which `before` came before."""
    numbers, records, refused = list[int](), list[Record](), list[RefusedRow]()
    for number, value in enumerate(values, start=before + 1):
        record = flatten_parsed_value(value)
        if isinstance(record, dict):
            numbers.append(number)
            records.append(record)
        else:
            refused.append(refused_record(number, record, settings))
    records, names = columns.fit(records)
    cells: dict[str, Sequence[str]]
    if len(set(map(tuple, records))) == 1:  # as in most files; faster
        cells = dict(zip(names, zip(*map(dict.values, records), strict=True), strict=True))
    else:
        cells = {name: [record.get(name, "") for record in records] for name in names}
    return RowChunk(numbers, cells, refused, notes, surplus)


class _Columns:
    """Keeps the number of columns of all chunks below the limit.

    Further fields move to a column of JSON, as in `records.rows_from_records`. The columns that are kept are those
    that a source reads, those of earlier chunks, and of the others those that most records of a chunk have, up to
    half of the number that is left, so that later chunks can have new columns too.
    """

    def __init__(self, settings: Settings) -> None:
        self._most = settings.max_columns
        self._kept: dict[str, None] = {}

    def fit(self, records: list[Record]) -> tuple[list[Record], list[str]]:
        """Return the records with columns within the limit, and their columns in order of appearance."""
        names = dict.fromkeys(name for keys in dict.fromkeys(map(tuple, records)) for name in keys)
        new = [name for name in names if name not in self._kept]
        if len(self._kept) + len(new) < self._most:
            self._kept |= names
            return records, list(names)
        counts = Counter(name for record in records for name in record)
        everything = [*self._kept, *new]
        source = find_source(ImportedRows(everything, {}))
        read = source.columns_read(everything) if source else set()
        left = self._most - 1 - len(self._kept)
        chosen = [name for name in new if name in read][:left]
        common = [name for name, _ in counts.most_common() if name not in read and name not in self._kept]
        chosen += common[: max(0, left - len(chosen)) // 2]
        self._kept |= dict.fromkeys(chosen)
        folded = [self._fold(record) for record in records]
        return folded, list(dict.fromkeys(name for record in folded for name in record))

    def _fold(self, record: Record) -> Record:
        others = {name: cell for name, cell in record.items() if name not in self._kept}
        if not others:
            return record
        cells = {name: cell for name, cell in record.items() if name in self._kept}
        return cells | {OTHERS: json.dumps(others, ensure_ascii=False)}
