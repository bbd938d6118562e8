"""Rows and pictures to a checked batch: the posts that can be scored, and every row or file that cannot, with why.

What a column means is `schemas`, which picture belongs to which row `binding`, when a row is refused `admission`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import pandas as pd

from analysis.intake.admission import Admission, Candidate
from analysis.intake.binding import Bound, Claim, bind
from analysis.intake.inputs import Inputs
from analysis.intake.rejections import Counts, Rejection, rejected_frame
from analysis.intake.schemas import ColumnMapping, guess_mapping
from analysis.intake.tables import Table, name_columns, raw_cells
from analysis.intake.values import read_count, read_times
from analysis.posts import post_frame
from analysis.settings import Settings

_json = json.JSONEncoder(ensure_ascii=False).encode
_COUNTS = ("likes", "shares", "comments")

Mapped = tuple[Table, ColumnMapping]


@dataclass(frozen=True)
class CheckedBatch:
    """What a drop comes to.

    Attributes:
        posts: The posts that can be scored, columns `analysis.posts.POST_COLUMNS`.
        rejected: Everything else, columns `analysis.intake.REJECTED_COLUMNS`.
        counts: For "row", "file" and "reference" how many came and where they went. Rows are those of the tables
            taken, or the pictures where there is no table; references are the pictures that rows name.
    """

    posts: pd.DataFrame
    rejected: pd.DataFrame
    counts: dict[str, Counts]


def check_batch(
    inputs: Inputs,
    mappings: ColumnMapping | Mapping[str, ColumnMapping] | None = None,
    settings: Settings | None = None,
) -> CheckedBatch:
    """Make posts of what was read.

    Args:
        inputs: Tables and pictures.
        mappings: What the columns mean: one mapping for all tables, or one for each by the table's name. Tables
            left out are mapped by their columns' names; columns that a table does not have are ignored.
        settings: Limits.

    Returns:
        The posts, the rejections and the counts; `received + rejected == expected` for each kind.
    """
    settings = settings or Settings()
    files = list(inputs.rejected)
    admission = Admission(settings)
    if inputs.tables:
        mapped = [(table, _mapping_of(table, mappings)) for table in inputs.tables]
        files += [_wrong_columns(table) for table, mapping in mapped if not mapping.makes_posts]
        taken = [(table, mapping) for table, mapping in mapped if mapping.makes_posts]
        named = _admit_rows(admission, taken, inputs, settings)
        files += [_unnamed(name) for name in inputs.pictures if name not in named]
        n_files = len(taken) + len(named)
    else:
        for picture in inputs.pictures.values():
            admission.admit(Candidate(picture.name, Bound((picture,))))
        n_files = len(inputs.pictures)
    rows, references = admission.rows_refused, admission.references_refused
    return CheckedBatch(
        posts=post_frame(admission.posts),
        rejected=rejected_frame([*files, *rows, *references]),
        counts={
            "row": Counts(admission.n_rows, len(admission.posts), len(rows)),
            "file": Counts(inputs.expected_files, n_files, len(files)),
            "reference": Counts(admission.n_references, admission.n_references_met, len(references)),
        },
    )


def _mapping_of(table: Table, mappings: ColumnMapping | Mapping[str, ColumnMapping] | None) -> ColumnMapping:
    given = mappings if isinstance(mappings, ColumnMapping) else (mappings or {}).get(table.name)
    return given.within(table.columns) if given else guess_mapping(table.columns)


def _admit_rows(admission: Admission, tables: list[Mapped], inputs: Inputs, settings: Settings) -> set[str]:
    """Turn every row of every table into a post or a refusal.

    Returns:
        The names of the pictures that a row names.
    """
    claims = [claim for table, mapping in tables for claim in _claims(table, mapping)]
    bound = iter(bind(claims, inputs.pictures, [rejection.name for rejection in inputs.rejected]))
    named: set[str] = set()
    for table, mapping in tables:
        for unreadable in table.rejected:
            admission.refuse(unreadable)
        for candidate in _candidates(table, mapping, bound, settings):
            named.update(picture.name for picture in candidate.found.pictures)
            admission.admit(candidate)
    return named


def _claims(table: Table, mapping: ColumnMapping) -> Iterator[Claim]:
    folder = PurePosixPath(table.name.replace("\\", "/")).parent.as_posix()
    image_columns = [_column(table, name) for name in mapping.images]
    for place, post_id in enumerate(_column(table, mapping.post_id)):
        yield Claim(post_id.strip(), tuple(column[place] for column in image_columns), folder)


def _candidates(
    table: Table, mapping: ColumnMapping, bound: Iterator[Bound], settings: Settings
) -> Iterator[Candidate]:
    """Read the rows of a table; `bound` gives the pictures of one after the other."""
    ids, texts, authors, raw_times = (
        _column(table, name) for name in (mapping.post_id, mapping.text, mapping.author, mapping.created_at)
    )
    times = read_times(raw_times)
    counts = {name: [read_count(cell) for cell in _column(table, getattr(mapping, name))] for name in _COUNTS}
    # A time or count that could not be read is kept as it came, beside the columns that mean nothing to us.
    read: dict[str | None, Sequence[object]] = {mapping.created_at: times}
    read |= {getattr(mapping, name): counts[name] for name in _COUNTS}
    unmapped = set(table.columns) - mapping.columns()
    rows = zip(*(_column(table, name) for name in table.columns), strict=True)
    for place, (number, cells) in enumerate(zip(table.rows.index, rows, strict=True)):
        extra = {
            name: cell
            for name, cell in zip(table.columns, cells, strict=True)
            if (name in unmapped or (name in read and read[name][place] is None)) and cell.strip()
        }
        yield Candidate(
            table.name,
            next(bound),
            int(number),
            post_id=ids[place].strip(),
            text=texts[place],
            fields={
                "author": authors[place].strip() or None,
                "created_at": times[place],
                **{name: values[place] for name, values in counts.items()},
                "extra": _json(extra),
            },
            raw=partial(raw_cells, table.columns, cells, settings),
        )


def _column(table: Table, name: str | None) -> list[str]:
    return [""] * len(table.rows) if name is None else table.rows[name].tolist()


def _wrong_columns(table: Table) -> Rejection:
    return Rejection(
        "file",
        table.name,
        f"has no column that is known to hold texts or pictures; its columns are: {name_columns(table.columns)}",
        "Say which column holds the texts or pictures, or call it text or image.",
    )


def _unnamed(name: str) -> Rejection:
    return Rejection(
        "file",
        name,
        "is a picture that no post names",
        "Name it in the table's picture column, or add the pictures without a table.",
    )
