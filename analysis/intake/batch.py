"""Builds a checked batch from tables and images: the posts that can be scored, and rejections for the rest.

`table_rows` reads the rows of tables in chunks, `binding` finds their images, `admission` rejects rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import cached_property

import pandas as pd

from analysis.importers.mapping import ColumnMapping
from analysis.imports import gc_paused
from analysis.intake.admission import Admission
from analysis.intake.binding import match_images
from analysis.intake.image_posts import accept_images_as_posts, find_image_listings
from analysis.intake.inputs import Inputs
from analysis.intake.rejections import Counts, Rejection, rejected_frame
from analysis.intake.stored_posts import StoredPosts
from analysis.intake.table_rows import Mapped, References, TableRows
from analysis.intake.tables import Table
from analysis.intake.unused import unusable_tables
from analysis.intake.worker_process import Progress
from analysis.posts import to_post_frame
from analysis.settings import Settings
from analysis.timezones import UTC_NAME, get_timezone

_REPORT_INTERVAL = 1.0  # seconds between two reports of progress


class CheckedBatch:
    """The result of checking an upload. Many posts are on disk, and are read in chunks.

    Args:
        posts: The posts that can be scored, columns `analysis.posts.POST_COLUMNS`.
        rejected: Everything else, columns `analysis.intake.REJECTED_COLUMNS`.
        counts: See the attribute.

    Attributes:
        rejected: Everything else, columns `analysis.intake.REJECTED_COLUMNS`.
        counts: The numbers of "row", "file", "sheet", "reference" and "column" expected, received and rejected. Rows
            are those of usable tables, or the images if there is no table; sheets are those of workbooks;
            references are images named by rows; columns are those of times and counts, rejected if a value could
            not be read (the posts are included without it), and
            those of ids that a spreadsheet rounded.
    """

    def __init__(
        self, posts: pd.DataFrame | StoredPosts, rejected: pd.DataFrame, counts: dict[str, Counts]
    ) -> None:
        self._stored = posts if isinstance(posts, StoredPosts) else StoredPosts.of_frame(posts)
        self.rejected = rejected
        self.counts = counts

    @property
    def n_posts(self) -> int:
        """Number of posts."""
        return len(self._stored)

    @property
    def posts_per_source(self) -> Mapping[str, int]:
        """The number of posts of each table, or of each image that is a post of its own."""
        return self._stored.per_source

    @property
    def posts(self) -> pd.DataFrame:
        """All posts as a post table; those of a large batch are loaded from disk, so use `chunks` or `head` there."""
        return self._frame if self._stored.in_memory else self._stored.frame()

    def chunks(self) -> Iterator[pd.DataFrame]:
        """Read the posts as post tables of some thousand posts, at least one."""
        return map(to_post_frame, self._stored.tables())

    def head(self, most: int) -> pd.DataFrame:
        """Return the first posts as a post table: at least one if there are any, at most `most`."""
        return self._stored.head(most)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        return self._stored.frame()


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
    admission = Admission(settings, inputs.folder)
    mapped = [(table, _mapping_of(table, mappings)) for table in inputs.tables]
    usable = [(table, mapping) for table, mapping in mapped if mapping.makes_posts]
    with gc_paused():  # the garbage collector would scan all posts repeatedly
        named = _admit_rows(admission, usable, inputs, zones, settings, progress) if usable else set()
    used = {table.file for table, _ in usable}
    files += unusable_tables([table for table, mapping in mapped if not mapping.makes_posts], used)
    unused = accept_images_as_posts(admission, inputs, named)
    files += unused
    n_files = len(used) + len(inputs.images) + len(inputs.companions) - len(unused)
    n_sheets = sum(table.sheet != "" for table, _ in usable)
    n_sheets_refused = sum(rejection.kind == "sheet" for rejection in files)
    rows, references = admission.rejected_rows, admission.rejected_references
    columns = admission.rejected_columns
    return CheckedBatch(
        posts=admission.finish(),
        rejected=rejected_frame([*files, *columns, *rows.all(), *references.all()]),
        counts={
            "row": Counts(admission.n_rows, admission.n_posts, rows.count),
            "file": Counts(inputs.expected_files, n_files, len(files) - n_sheets_refused),
            "sheet": Counts(n_sheets + n_sheets_refused, n_sheets, n_sheets_refused),
            "reference": Counts(admission.n_references, admission.n_references_found, references.count),
            "column": Counts(admission.n_columns, admission.n_columns - len(columns), len(columns)),
        },
    )


def _mapping_of(table: Table, mappings: ColumnMapping | Mapping[str, ColumnMapping] | None) -> ColumnMapping:
    given = mappings if isinstance(mappings, ColumnMapping) else (mappings or {}).get(table.name)
    return given.within(table.columns) if given else table.guess_mapping()


def _zone_of(table: Table, timezones: str | Mapping[str, str]) -> tzinfo:
    return get_timezone(timezones if isinstance(timezones, str) else timezones.get(table.name, UTC_NAME))


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
    n_rows = sum(table.n_rows for table, _ in tables)
    reported = time.monotonic()

    def report() -> None:
        nonlocal reported
        if time.monotonic() - reported >= _REPORT_INTERVAL:
            reported = time.monotonic()
            progress(admission.n_rows, n_rows)

    refused = [rejection.name for rejection in inputs.rejected]
    listings = find_image_listings(inputs.companions)
    bound = match_images(References(tables), inputs.images, refused, report, listings)
    named: set[str] = set()
    for table, mapping in tables:
        for unreadable in table.rejected:
            admission.refuse(unreadable)
        rows = TableRows(table, mapping, zones[table.name], settings)
        beyond = table.surplus
        first_beyond = 0
        for candidate in rows.candidates(bound):
            if table.surplus and admission.is_full:  # the rest of a table that was not read to its end
                beyond += 1
                first_beyond = first_beyond or candidate.row
                continue
            named.update(image.name for image in candidate.found.images)
            admission.admit(candidate)
        for column in rows.rejected_columns():
            admission.count_column(column)
        if beyond:
            admission.refuse(_reject_rest(table, beyond, first_beyond, settings))
    return named


def _reject_rest(table: Table, count: int, first: int, settings: Settings) -> Rejection:
    """List together the rows after the limits of a batch, of a table that was not read to its end."""
    first = first or settings.max_table_rows + 1
    limit = (
        f"{settings.max_rows:,} posts"
        if first <= settings.max_table_rows
        else f"{settings.max_table_rows:,} rows"
    )
    return Rejection(
        "row",
        table.name,
        f"has {count:,} rows beyond the {limit} of one batch, from row {first:,} on",
        f"Split the table before row {first:,}, and score the rest in another batch.",
        count=count,
    )
