"""Builds a checked batch from tables and images: the posts that can be scored, and rejections for the rest.

`analysis.importers.mapping` guesses the columns, `binding` finds the images of rows, `admission` rejects rows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import PurePosixPath

import pandas as pd

from analysis.importers.importer import cells_as_json
from analysis.importers.mapping import ColumnMapping
from analysis.imports import gc_paused
from analysis.intake.admission import Admission, Candidate
from analysis.intake.binding import MatchedImages, RowReferences, match_images
from analysis.intake.ids import find_rounded
from analysis.intake.image_posts import admit_images, listings_in
from analysis.intake.inputs import Inputs
from analysis.intake.rejections import Counts, Rejection, rejected_frame
from analysis.intake.tables import Table
from analysis.intake.texts import read_text, read_texts
from analysis.intake.timezones import UTC_NAME, zone_of
from analysis.intake.unused import unusable_tables
from analysis.intake.values import NO_VALUES, read_counts, read_times, zone_in_name
from analysis.intake.worker_process import Progress
from analysis.settings import Settings

_json = json.JSONEncoder(ensure_ascii=False).encode
_COUNT_FIELDS = ("likes", "shares", "comments")
_REPORT_INTERVAL = 1.0  # seconds between two reports of progress
_MAX_SHOWN_CHARS = 60  # characters of a value in a reason

Mapped = tuple[Table, ColumnMapping]
Columns = Mapping[str, list[str]]
"""The cells of a table by column."""


@dataclass(frozen=True)
class CheckedBatch:
    """The result of checking an upload.

    Attributes:
        posts: The posts that can be scored, columns `analysis.posts.POST_COLUMNS`.
        rejected: Everything else, columns `analysis.intake.REJECTED_COLUMNS`.
        counts: The numbers of "row", "file", "sheet", "reference" and "column" expected, received and rejected. Rows
            are those of usable tables, or the images if there is no table; sheets are those of workbooks;
            references are images named by rows; columns are those of times and counts, rejected if a value could
            not be read (the posts are included without it), and
            those of ids that a spreadsheet rounded.
    """

    posts: pd.DataFrame
    rejected: pd.DataFrame
    counts: dict[str, Counts]


def check_batch(
    inputs: Inputs,
    mappings: ColumnMapping | Mapping[str, ColumnMapping] | None = None,
    settings: Settings | None = None,
    progress: Progress = lambda *_: None,
    timezones: str | Mapping[str, str] = UTC_NAME,
) -> CheckedBatch:
    """Turn tables and images into posts.

    Args:
        inputs: Tables and images.
        mappings: One mapping for all tables, or one for each table by name. Tables without one are mapped by their
            column names; columns that a table does not have are ignored.
        settings: Limits.
        progress: Called about once a second with the rows done and those in all.
        timezones: The zone of times that are written without one, such as "Europe/Berlin"; one for all tables, or one
            for each table by name, UTC for the others.

    Returns:
        The posts, the rejections and the counts; `received + rejected == expected` for each kind.

    Raises:
        IntakeError: There is no such zone.
    """
    settings = settings or Settings()
    zones = {table.name: _zone_of(table, timezones) for table in inputs.tables}
    files = list(inputs.rejected)
    admission = Admission(settings)
    mapped = [(table, _mapping_of(table, mappings)) for table in inputs.tables]
    usable = [(table, mapping) for table, mapping in mapped if mapping.makes_posts]
    with gc_paused():  # the garbage collector would scan all posts repeatedly
        named = _admit_rows(admission, usable, inputs, zones, settings, progress) if usable else set()
    used = {table.file for table, _ in usable}
    files += unusable_tables([table for table, mapping in mapped if not mapping.makes_posts], used)
    unused = admit_images(admission, inputs, named)
    files += unused
    n_files = len(used) + len(inputs.images) + len(inputs.companions) - len(unused)
    n_sheets = sum(table.sheet != "" for table, _ in usable)
    n_sheets_refused = sum(rejection.kind == "sheet" for rejection in files)
    rows, references = admission.rejected_rows, admission.rejected_references
    columns = admission.rejected_columns
    return CheckedBatch(
        posts=admission.posts(),
        rejected=rejected_frame([*files, *columns, *rows, *references]),
        counts={
            "row": Counts(admission.n_rows, admission.n_posts, len(rows)),
            "file": Counts(inputs.expected_files, n_files, len(files) - n_sheets_refused),
            "sheet": Counts(n_sheets + n_sheets_refused, n_sheets, n_sheets_refused),
            "reference": Counts(admission.n_references, admission.n_references_found, len(references)),
            "column": Counts(admission.n_columns, admission.n_columns - len(columns), len(columns)),
        },
    )


def _mapping_of(table: Table, mappings: ColumnMapping | Mapping[str, ColumnMapping] | None) -> ColumnMapping:
    given = mappings if isinstance(mappings, ColumnMapping) else (mappings or {}).get(table.name)
    return given.within(table.columns) if given else table.guess_mapping()


def _zone_of(table: Table, timezones: str | Mapping[str, str]) -> tzinfo:
    return zone_of(timezones if isinstance(timezones, str) else timezones.get(table.name, UTC_NAME))


def _admit_rows(
    admission: Admission,
    tables: list[Mapped],
    inputs: Inputs,
    zones: Mapping[str, tzinfo],
    settings: Settings,
    progress: Progress,
) -> set[str]:
    """Turn every row of every table into a post or a rejection.

    Returns:
        The names of all images that rows refer to.
    """
    references = [row for table, mapping in tables for row in _row_references(table, mapping)]
    n_rows = sum(table.n_rows for table, _ in tables)
    reported = time.monotonic()

    def report() -> None:
        nonlocal reported
        if time.monotonic() - reported >= _REPORT_INTERVAL:
            reported = time.monotonic()
            progress(admission.n_rows, n_rows)

    refused = [rejection.name for rejection in inputs.rejected]
    bound = match_images(references, inputs.images, refused, report, listings_in(inputs.companions))
    named: set[str] = set()
    for table, mapping in tables:
        for unreadable in table.rejected:
            admission.refuse(unreadable)
        columns = {name: table.rows[name].tolist() for name in table.columns}
        values = _read_values(columns, mapping, zones[table.name], hidden=not table.source)
        for name, read in values.items():
            admission.count_column(_reject_values(table, name, columns[name], read))
        rounded = [] if mapping.post_id is None else find_rounded(columns[mapping.post_id])
        if rounded:
            admission.count_column(_list_rounded(table, mapping.post_id, rounded))
        for candidate in _read_candidates(
            table, mapping, columns, values, bound, settings, frozenset(rounded)
        ):
            named.update(image.name for image in candidate.found.images)
            admission.admit(candidate)
    return named


def _row_references(table: Table, mapping: ColumnMapping) -> Iterator[RowReferences]:
    folder = PurePosixPath(table.name.replace("\\", "/")).parent.as_posix()
    image_columns = [_read_column(table, name) for name in mapping.images]
    for place, post_id in enumerate(_read_column(table, mapping.post_id)):
        yield RowReferences(post_id.strip(), tuple(column[place] for column in image_columns), folder)


def _read_values(
    columns: Columns, mapping: ColumnMapping, zone: tzinfo, hidden: bool
) -> dict[str, Sequence[object]]:
    """Read the columns of times and counts: their values by column, None where blank, hidden or unreadable."""
    values: dict[str, Sequence[object]] = {}
    if mapping.created_at is not None:
        named = zone_in_name(mapping.created_at)
        values[mapping.created_at] = read_times(columns[mapping.created_at], named or zone)
    for name in _COUNT_FIELDS:
        if (column := getattr(mapping, name)) is not None:
            values[column] = read_counts(columns[column], hidden)
    return values


def _list_rounded(table: Table, column: str | None, rounded: Sequence[int]) -> Rejection:
    example = str(table.rows[column].iloc[rounded[0]]).strip()[:_MAX_SHOWN_CHARS]
    return Rejection(
        "column",
        table.name,
        f"has {len(rounded):,} of {len(table.rows):,} ids in {column!r} that a spreadsheet has rounded, such as "
        f"{example!r} in row {table.rows.index[rounded[0]]:,}",
        "The posts are included; of equal ids all but the first got a number. To keep whole ids, import that column "
        "into the spreadsheet as text.",
    )


def _reject_values(table: Table, name: str, cells: Sequence[str], read: Sequence[object]) -> Rejection | None:
    """List a column whose values could not all be read; None where they could."""
    unread = [
        place
        for place, value in enumerate(read)
        if value is None and cells[place].strip().casefold() not in NO_VALUES
    ]
    if not unread:
        return None
    example, row = cells[unread[0]].strip()[:_MAX_SHOWN_CHARS], table.rows.index[unread[0]]
    return Rejection(
        "column",
        table.name,
        f"has {len(unread):,} of {len(cells):,} values in {name!r} that PostLens cannot read as "
        f"a time or count, such as {example!r} in row {row:,}",
        "The posts are included without them; the values stay in the other columns. Write times as 2026-05-31 14:30.",
    )


def _read_candidates(
    table: Table,
    mapping: ColumnMapping,
    columns: Columns,
    values: Mapping[str, Sequence[object]],
    bound: Iterator[MatchedImages],
    settings: Settings,
    rounded: Set[int],
) -> Iterator[Candidate]:
    """Read the rows of a table.

    Args:
        table: The table.
        mapping: The field of each column.
        columns: Its cells by column.
        values: From `_read_values`.
        bound: Yields the images of each row.
        settings: Limits.
        rounded: Positions of the rows whose ids a spreadsheet rounded.
    """
    n_rows = len(table.rows)
    ids, texts, authors = (
        [""] * n_rows if name is None else columns[name]
        for name in (mapping.post_id, mapping.text, mapping.author)
    )
    texts = read_texts(texts)
    read = {
        name: [None] * n_rows if (column := getattr(mapping, name)) is None else values[column]
        for name in ("created_at", *_COUNT_FIELDS)
    }
    # A time or count that could not be read is stored unchanged with the unmapped columns.
    unmapped = set(table.columns) - mapping.columns()
    kept = [
        (name, columns[name], None if name in unmapped else values[name])
        for name in table.columns
        if name in unmapped or name in values
    ]
    for place, number in enumerate(table.rows.index):
        extra = {
            name: cells[place]
            for name, cells, known in kept
            if (known is None or known[place] is None) and cells[place].strip()
        }
        yield Candidate(
            table.name,
            next(bound),
            int(number),
            post_id=ids[place].strip(),
            text=texts[place],
            fields={
                "author": read_text(authors[place].strip()) or None,
                **{name: column[place] for name, column in read.items()},
                "extra": _json(extra) if extra else "{}",
            },
            rounded_id=place in rounded,
            raw=partial(_row_as_json, columns, place, settings),
        )


def _row_as_json(columns: Columns, place: int, settings: Settings) -> str:
    return cells_as_json(list(columns), [cells[place] for cells in columns.values()], settings)


def _read_column(table: Table, name: str | None) -> list[str]:
    return [""] * len(table.rows) if name is None else table.rows[name].tolist()
