"""The description of a source: a tool or platform whose exports have known columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.importers.importer import ImportedRows
from analysis.importers.mapping import MAPPED_FIELDS, ColumnMapping

COMPOSED = "{field} (composed)"
"""Name of a column that is made of others."""
_JOIN = " + "


@dataclass(frozen=True)
class Source:
    """A tool or platform whose exports have known columns.

    Attributes:
        name: A short identifier, such as "zeeschuimer-tiktok".
        label: Its name for people, such as "Zeeschuimer, TikTok".
        recognised_by: Sets of columns; a table that has all columns of one of them is from this source. Case does not
            count. The set with most columns wins.
        fields: The columns of each field, the best first: a post has the value of the first one that is not blank.
            Columns inside objects are paths such as "data.author.uniqueId". "title + selftext" joins two texts by a
            line break.
        open: Returns the records of a JSON document that has them in a form of its own; None for other documents.
    """

    name: str
    label: str
    recognised_by: Sequence[Sequence[str]]
    fields: Mapping[str, Sequence[str]]
    open: Callable[[Any], list[Any] | None] | None = None

    def match(self, columns: Sequence[str]) -> int:
        """Return how many of a table's columns recognise it as from this source; 0 if it is not."""
        present = {column.casefold() for column in columns}
        return max(
            (
                len(needed)
                for needed in self.recognised_by
                if all(name.casefold() in present for name in needed)
            ),
            default=0,
        )

    def map(self, imported: ImportedRows) -> tuple[ImportedRows, ColumnMapping]:
        """Map the fields of posts to the columns of a table.

        Returns:
            The rows, with composed columns for fields that are in several columns; and the mapping.
        """
        columns = list(imported.columns)
        places = {column.casefold(): place for place, column in reversed(list(enumerate(columns)))}
        rows = {number: list(cells) for number, cells in imported.rows.items()}
        found: dict[str, str] = {}
        for field, alternatives in self.fields.items():
            present = [
                [places[part.casefold()] for part in each.split(_JOIN) if part.casefold() in places]
                for each in alternatives
            ]
            present = [group for group in present if group]
            if not present:
                continue
            if len(present) == 1 and len(present[0]) == 1:
                found[field] = columns[present[0][0]]
                continue
            name = COMPOSED.format(field=MAPPED_FIELDS[field].lower())
            found[field] = name
            columns.append(name)
            for cells in rows.values():
                cells.append(_first_value(cells, present))
        images = found.pop("images", None)
        mapping = ColumnMapping(images=() if images is None else (images,), **found)
        return replace(imported, columns=columns, rows=rows), mapping


def _first_value(cells: Sequence[str], alternatives: Sequence[Sequence[int]]) -> str:
    """Return the first value that is not blank; the values of one alternative are joined."""
    for group in alternatives:
        values = [cells[place].strip() for place in group]
        if any(values):
            return "\n".join(dict.fromkeys(value for value in values if value))
    return ""
