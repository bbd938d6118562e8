"""Reads the rows of a table in chunks, as candidates for posts.

What depends on a whole column is found in a first pass over that column: the order of day and month, whether times
are those of a spreadsheet, whether texts are HTML, and whether ids were rounded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import tzinfo
from functools import partial
from itertools import repeat
from pathlib import PurePosixPath

from analysis.importers.importer import cells_as_json
from analysis.importers.mapping import ColumnMapping
from analysis.intake.admission import Candidate
from analysis.intake.binding import MatchedImages, RowReferences
from analysis.intake.cells import CellChunk
from analysis.intake.ids import RoundedIds
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table
from analysis.intake.texts import HTML_SAMPLE, are_html, read_text, read_texts
from analysis.intake.values import NO_VALUES, CountColumn, TimeColumn, find_timezone_in_column_name
from analysis.settings import Settings

_json = json.JSONEncoder(ensure_ascii=False).encode
_COUNT_FIELDS = ("likes", "shares", "comments")
_MAX_SHOWN_CHARS = 60  # characters of a value in a reason

Mapped = tuple[Table, ColumnMapping]
Columns = Mapping[str, list[str]]
"""The cells of a chunk by column."""


class References:
    """The references of all rows of tables to their images, which can be read again and again."""

    def __init__(self, tables: Sequence[Mapped]) -> None:
        self._tables = tables

    def __iter__(self) -> Iterator[RowReferences]:
        for table, mapping in self._tables:
            folder = PurePosixPath(table.name.replace("\\", "/")).parent.as_posix()
            for chunk in table.cells.chunks(_unique(mapping.post_id, *mapping.images)):
                ids = _cells_of(chunk, mapping.post_id)
                images = [chunk.columns[name] for name in mapping.images]
                named = zip(*images, strict=True) if images else repeat((), len(ids))
                for post_id, cells in zip(ids, named, strict=True):
                    yield RowReferences(post_id.strip(), cells, folder)


class _Values:
    """A column of times or counts, and which of its values cannot be read."""

    def __init__(self, read: Callable[[Sequence[str]], Sequence[object]]) -> None:
        self.read = read
        self._unread = 0
        self._example = ""
        self._row = 0

    def note(self, cells: Sequence[str], read: Sequence[object], numbers: Sequence[int]) -> None:
        """Note the values of a chunk that could not be read."""
        if None not in read:
            return
        for cell, value, number in zip(cells, read, numbers, strict=True):
            if value is None and cell and (shown := cell.strip()).casefold() not in NO_VALUES:
                if not self._unread:
                    self._example, self._row = shown[:_MAX_SHOWN_CHARS], number
                self._unread += 1

    def rejection(self, table: Table, name: str) -> Rejection | None:
        """List the column if some of its values could not be read."""
        if not self._unread:
            return None
        return Rejection(
            "column",
            table.name,
            f"has {self._unread:,} of {len(table.cells):,} values in {name!r} that PostLens cannot read as "
            f"a time or count, such as {self._example!r} in row {self._row:,}",
            "The posts are included without them; the values stay in the other columns. "
            "Write times as 2026-05-31 14:30, and counts as 1250.",
        )


class TableRows:
    """The rows of one table.

    Args:
        table: The table.
        mapping: The field of each column.
        zone: Of times without a zone.
        settings: Limits.
    """

    def __init__(
        self,
        table: Table,
        mapping: ColumnMapping,
        zone: tzinfo,
        settings: Settings,
    ) -> None:
        self._table, self._mapping, self._settings = table, mapping, settings
        named = None if mapping.created_at is None else find_timezone_in_column_name(mapping.created_at)
        times, self._ids = TimeColumn(named or zone), RoundedIds()
        counted = {name: CountColumn(hidden=not table.source) for name in _unique(*_count_columns(mapping))}
        self._rounded = 0
        self._first_rounded = ("", 0)  # id and row
        self._is_html = mapping.text is not None and are_html(
            table.cells.head([mapping.text], HTML_SAMPLE)[mapping.text]
        )
        for chunk in table.cells.chunks(_unique(mapping.created_at, mapping.post_id, *counted)):
            times.observe(_cells_of(chunk, mapping.created_at))
            self._ids.observe(_cells_of(chunk, mapping.post_id))
            for name, counts in counted.items():
                counts.observe(chunk.columns[name])
        self._values: dict[str, _Values] = {}
        if mapping.created_at is not None:
            self._values[mapping.created_at] = _Values(times.read)
        self._values |= {name: _Values(counts.read) for name, counts in counted.items()}

    def candidates(self, bound: Iterator[MatchedImages]) -> Iterator[Candidate]:
        """Read the rows.

        Args:
            bound: Yields the images of each row.
        """
        for chunk in self._table.cells.chunks():
            yield from self._read_chunk(chunk, bound)

    def rejected_columns(self) -> Iterator[Rejection | None]:
        """List the columns of times, counts and rounded ids after all rows were read; None for one that is whole."""
        for name, values in self._values.items():
            yield values.rejection(self._table, name)
        if self._rounded:
            yield self._reject_rounded()

    def _read_chunk(self, chunk: CellChunk, bound: Iterator[MatchedImages]) -> Iterator[Candidate]:
        mapping, columns = self._mapping, chunk.columns
        values: dict[str, Sequence[object]] = {}
        for name, column in self._values.items():
            values[name] = column.read(columns[name])
            column.note(columns[name], values[name], chunk.numbers)
        ids = _cells_of(chunk, mapping.post_id)
        rounded = frozenset(self._ids.find(ids)) if mapping.post_id is not None else frozenset[int]()
        self._note_rounded(rounded, ids, chunk)
        texts = read_texts(_cells_of(chunk, mapping.text), self._is_html)
        authors = _cells_of(chunk, mapping.author)
        blank: Sequence[object] = [None] * len(chunk.numbers)
        times, *counts = (
            blank if (name := getattr(mapping, field)) is None else values[name]
            for field in ("created_at", *_COUNT_FIELDS)
        )
        extras = self._extras(chunk, values)
        for place, (number, post_id, text, author, created_at, likes, shares, comments, extra) in enumerate(
            zip(chunk.numbers, ids, texts, authors, times, *counts, extras, strict=True)
        ):
            yield Candidate(
                self._table.name,
                next(bound),
                number,
                post_id=post_id.strip(),
                text=text,
                fields={
                    "author": read_text(author.strip()) or None,
                    "created_at": created_at,
                    "likes": likes,
                    "shares": shares,
                    "comments": comments,
                    "extra": extra,
                },
                rounded_id=place in rounded,
                raw=partial(_row_as_json, columns, place, self._settings),
            )

    def _extras(self, chunk: CellChunk, values: Mapping[str, Sequence[object]]) -> list[str]:
        """Return the cells of each row that no field uses, as JSON.

        A time or count that could not be read is stored unchanged with the unmapped columns.
        """
        unmapped = set(self._table.columns) - self._mapping.columns()
        n_rows = len(chunk.numbers)
        kept = [
            (name, chunk.columns[name], None if name in unmapped else values[name])
            for name in self._table.columns
            if name in unmapped or (name in values and None in values[name])
        ]
        kept = [each for each in kept if any(each[1])]
        if not kept:
            return ["{}"] * n_rows
        extras = []
        for place in range(n_rows):
            extra = {
                name: cells[place]
                for name, cells, known in kept
                if cells[place] and (known is None or known[place] is None) and cells[place].strip()
            }
            extras.append(_json(extra) if extra else "{}")
        return extras

    def _note_rounded(self, rounded: Set[int], ids: Sequence[str], chunk: CellChunk) -> None:
        if rounded and not self._rounded:
            first = min(rounded)
            self._first_rounded = ids[first].strip()[:_MAX_SHOWN_CHARS], chunk.numbers[first]
        self._rounded += len(rounded)

    def _reject_rounded(self) -> Rejection:
        example, row = self._first_rounded
        return Rejection(
            "column",
            self._table.name,
            f"has {self._rounded:,} of {len(self._table.cells):,} ids in {self._mapping.post_id!r} that a "
            f"spreadsheet has rounded, such as {example!r} in row {row:,}",
            "The posts are included; of equal ids all but the first got a number. To keep whole ids, import that "
            "column into the spreadsheet as text.",
        )


def _row_as_json(columns: Columns, place: int, settings: Settings) -> str:
    return cells_as_json(list(columns), [cells[place] for cells in columns.values()], settings)


def _count_columns(mapping: ColumnMapping) -> list[str | None]:
    return [getattr(mapping, field) for field in _COUNT_FIELDS]


def _cells_of(chunk: CellChunk, name: str | None) -> list[str]:
    return [""] * len(chunk.numbers) if name is None else chunk.columns[name]


def _unique(*names: str | None) -> list[str]:
    return list(dict.fromkeys(name for name in names if name is not None))
