"""A summary of what was read: the source or the guessed columns of each table, the counts, and what was not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.importers import MAPPED_FIELDS, ColumnMapping
from analysis.intake.batch import CheckedBatch
from analysis.intake.inputs import Inputs
from analysis.intake.recognition import Recognition, list_mapped_columns
from analysis.intake.rejections import Counts
from analysis.wording import format_percent, make_printable

COUNTED = {
    "row": "Rows",
    "file": "Files",
    "sheet": "Sheets and lists",
    "reference": "Images named",
    "column": "Times and counts",
}
"""Titles of the kinds of counts, in the order of display."""
_LISTED = 10  # files in the text
_SHOWN = 300  # characters of a reason in the text


@dataclass(frozen=True)
class FieldSummary:
    """The columns of one field of a post; `columns` is empty and `why` blank if none was found."""

    field: str
    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class TableSummary:
    """What one table was recognised as.

    Attributes:
        name: Its name within the upload.
        source: The label of its source, "" for none.
        confidence: Of the least certain guessed column, from 0 to 1; 1 for a source.
        posts: Posts that it gave.
        rows: Its data rows.
        read_as: Encoding, separator and header row, for display.
        fields: Its columns.
    """

    name: str
    source: str
    confidence: float
    posts: int
    rows: int
    read_as: tuple[str, ...]
    fields: tuple[FieldSummary, ...]


@dataclass(frozen=True)
class InputSummary:
    """What was read; `not_read` has the name, reason and remedy of each file or sheet that was not."""

    tables: tuple[TableSummary, ...]
    counts: Mapping[str, Counts]
    not_read: tuple[tuple[str, str, str], ...]

    def lines(self) -> list[str]:
        """Write the summary for a terminal; control characters of untrusted names are replaced."""
        lines = [line for table in self.tables for line in _lines_of(table)]
        for kind, title in COUNTED.items():
            counts = self.counts.get(kind)
            if counts and (counts.rejected if kind == "column" else counts.expected):
                lines.append(
                    f"{title}: {counts.received:,} of {counts.expected:,}, {counts.rejected:,} rejected"
                )
        for name, reason, _ in self.not_read[:_LISTED]:
            lines.append(f"Not read: {name} {reason}"[:_SHOWN])
        if len(self.not_read) > _LISTED:
            lines.append(f"Not read: {len(self.not_read) - _LISTED:,} more files and sheets")
        return [_printable(line) for line in lines]

    def as_json(self) -> dict[str, Any]:
        """Return the summary as values for JSON."""
        return {
            "tables": [
                {
                    "name": table.name,
                    "source": table.source or None,
                    "confidence": round(table.confidence, 2),
                    "posts": table.posts,
                    "rows": table.rows,
                    "read_as": list(table.read_as),
                    "columns": {
                        each.field: {"columns": list(each.columns), "why": each.why} for each in table.fields
                    },
                }
                for table in self.tables
            ],
            "counts": {
                kind: {"expected": each.expected, "received": each.received, "rejected": each.rejected}
                for kind, each in self.counts.items()
            },
            "not_read": [
                {"name": name, "reason": reason, "remedy": remedy} for name, reason, remedy in self.not_read
            ],
        }


def summarise_intake(
    inputs: Inputs,
    checked: CheckedBatch,
    found: Mapping[str, Recognition],
    mappings: Mapping[str, ColumnMapping],
) -> InputSummary:
    """Summarise what was read.

    Args:
        inputs: Tables and images.
        checked: What became of them.
        found: What each table was recognised as, by name.
        mappings: The column mapping of each table, by name.
    """
    files = checked.rejected[checked.rejected["kind"].isin(["file", "sheet"])]
    return InputSummary(
        tables=tuple(
            TableSummary(
                table.name,
                table.source,
                found[table.name].confidence,
                checked.posts_per_source.get(table.name, 0),
                table.n_rows,
                table.notes,
                tuple(
                    FieldSummary(
                        field,
                        list_mapped_columns(mappings[table.name], field),
                        found[table.name].reason(field, mappings[table.name]),
                    )
                    for field in MAPPED_FIELDS
                ),
            )
            for table in inputs.tables
        ),
        counts=checked.counts,
        not_read=tuple(zip(files["name"], files["reason"], files["remedy"], strict=True)),
    )


def _lines_of(table: TableSummary) -> list[str]:
    posts = f"{table.posts:,} post{'s' * (table.posts != 1)}"
    missing = [MAPPED_FIELDS[each.field].lower() for each in table.fields if not each.columns]
    if table.source:
        lines = [f"{table.name}: Recognised: {table.source}, {posts}"]
    elif len(missing) < len(table.fields):
        lines = [
            f"{table.name}: Columns guessed (lowest confidence {format_percent(table.confidence)}), {posts}"
        ]
    else:
        lines = [f"{table.name}: No column recognised, {posts}"]
    for each in table.fields:
        if each.columns:
            lines.append(f"  {MAPPED_FIELDS[each.field]}: {', '.join(each.columns)}, {each.why}")
    if missing:
        lines.append(f"  Not found: {', '.join(missing)}")
    return [*lines, f"  Read as: {', '.join(table.read_as)}"] if table.read_as else lines


def _printable(line: str) -> str:
    """Replace control characters, which could change what a terminal shows; the indent stays."""
    indent = line[: len(line) - len(line.lstrip(" "))]
    return indent + make_printable(line)
