"""The description of a source: a tool or platform whose exports have known columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from analysis.importers.guess import SAMPLE_ROWS
from analysis.importers.heartbeat import with_heartbeats
from analysis.importers.importer import ImportedRows, RefusedRow, cells_as_json
from analysis.importers.limits import check_refused_rows
from analysis.importers.mapping import MAPPED_FIELDS, ColumnMapping, guess_mapping
from analysis.importers.sources.paths import CellReader, normalise_column_path
from analysis.settings import Settings

COMPOSED = "{field} (composed)"
"""Name of a column that is composed of other columns."""
ANY = "*"
"""In `Skip.when`: any value that is not blank."""
NO_IMAGE = r"(?!.*\.(?:jpe?g|jfif|png|webp|gif|bmp|avif|heic)(?:[?#].*)?$).*"
"""In `Source.blank`: a value that does not name an image file, such as the address of a web page."""
_SAMPLED_ROWS = 20  # whose values are compared with `Source.values`


@dataclass(frozen=True)
class Skip:
    """Records that are no posts, such as service messages. They are listed as rejected rows.

    Attributes:
        when: Values by column: a record is skipped if each of these columns has one of its values. A column that the
            table does not have is blank ("").
        reason: The fact, worded to follow the row's number.
        remedy: What to do, as a sentence.
    """

    when: Mapping[str, Sequence[str]]
    reason: str
    remedy: str = "Nothing to do: it is not a post."


@dataclass(frozen=True)
class Source:
    """A tool or platform whose exports have known columns.

    Column names are compared without case, and "a/b" is "a.b". A path into a list of JSON is written
    "attachments[].uri" for all of its items or "candidates[0]" for the first one; "images.*" is all of the columns
    "images.0", "images.1" and so on.

    Attributes:
        name: A short identifier, such as "zeeschuimer-tiktok".
        label: Its display name, such as "Zeeschuimer, TikTok".
        recognised_by: Sets of columns; a table that has all columns of one of them is from this source. The set with
            most columns wins.
        fields: The columns of each field, the best first: a post has the value of the first one that is not blank.
            Columns inside objects are paths such as "data.author.uniqueId". "title + selftext" joins two texts by a
            line break, "Date + Time" two parts of a time by a space.
        open: Returns the records of a JSON document that has them in a form of its own; None for other documents.
        values: Patterns by column that the first values must match, for columns with names that others have too.
        blank: Patterns by field; a value that matches is blank, such as "-1" for a hidden count.
        skips: Records that are no posts.
        guess_in: Start of the names of columns in which fields are guessed that are not listed or not found, "" for
            all; None to guess none. For tools whose users name the columns.
    """

    name: str
    label: str
    recognised_by: Sequence[Sequence[str]]
    fields: Mapping[str, Sequence[str]]
    open: Callable[[Any], list[Any] | None] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    blank: Mapping[str, str] = field(default_factory=dict)
    skips: Sequence[Skip] = ()
    guess_in: str | None = None

    def match(self, imported: ImportedRows) -> int:
        """Return how many of a table's columns recognise it as from this source; 0 if it is not."""
        present = set(map(normalise_column_path, imported.columns))
        found = max(
            (
                len(names)
                for names in self.recognised_by
                if all(normalise_column_path(name) in present for name in names)
            ),
            default=0,
        )
        return found if found and self._has_values(imported) else 0

    def _has_values(self, imported: ImportedRows) -> bool:
        for name, pattern in self.values.items():
            read = CellReader(name, imported.columns)
            rows = islice(imported.rows.values(), _SAMPLED_ROWS)
            cells = [cell for row in rows for cell in read(row)]
            if not all(re.match(pattern, cell, re.DOTALL) for cell in cells):
                return False
        return True

    def map(
        self, imported: ImportedRows, settings: Settings | None = None
    ) -> tuple[ImportedRows, ColumnMapping]:
        """Map the fields of posts to the columns of a table.

        Args:
            imported: The table, which `match` recognises.
            settings: Limits.

        Returns:
            The rows without records that are no posts, with composed columns for fields that are in several columns;
            and the mapping.

        Raises:
            RefusedError: If there are too many records that are no posts.
        """
        imported = self._skip_records(imported, settings or Settings())
        columns = list(imported.columns)
        rows = {number: list(cells) for number, cells in imported.rows.items()}
        mapped: dict[str, str] = {}
        for each, alternatives in self.fields.items():
            readers = [CellReader(path, imported.columns) for path in alternatives]
            readers = [reader for reader in readers if reader.found]
            if not readers:
                continue
            if len(readers) == 1 and readers[0].column is not None and each not in self.blank:
                mapped[each] = columns[readers[0].column]
                continue
            mapped[each] = COMPOSED.format(field=MAPPED_FIELDS[each].lower())
            columns.append(mapped[each])
            blank = re.compile(self.blank.get(each, r"(?!)"), re.DOTALL | re.IGNORECASE)
            for cells in with_heartbeats(rows.values()):
                cells.append(_first_value(each, cells, readers, blank))
        images = mapped.pop("images", None)
        mapping = ColumnMapping(images=() if images is None else (images,), **mapped)
        if self.guess_in is not None:
            mapping = _guess_others(mapping, imported, self.guess_in, self.columns_read(imported.columns))
        return replace(imported, columns=columns, rows=rows), mapping

    def columns_read(self, columns: Sequence[str]) -> set[str]:
        """Return the columns of a table that fields are read from."""
        paths = [path for alternatives in self.fields.values() for path in alternatives]
        return {columns[place] for path in paths for place in CellReader(path, columns).places}

    def columns_used(self, columns: Sequence[str]) -> set[str]:
        """Return the columns of a table that `map` reads."""
        if self.guess_in is not None:
            return set(columns)
        names = {name for skip in self.skips for name in skip.when}
        skipping = {columns[place] for name in names for place in CellReader(name, columns).places}
        return self.columns_read(columns) | skipping

    def _skip_records(self, imported: ImportedRows, settings: Settings) -> ImportedRows:
        """Move the records that are no posts to the refused rows."""
        readers = {name: CellReader(name, imported.columns) for skip in self.skips for name in skip.when}
        skips = [skip for skip in self.skips if any(readers[name].found for name in skip.when)]
        if not skips:
            return imported
        rows, refused = {}, list(imported.refused)
        for number, cells in with_heartbeats(imported.rows.items()):
            found = {name: "".join(reader(cells)) for name, reader in readers.items()}
            reason = next((skip for skip in skips if _applies(skip, found)), None)
            if reason is None:
                rows[number] = cells
                continue
            raw = cells_as_json(imported.columns, cells, settings)
            refused.append(RefusedRow(number, reason.reason, reason.remedy, raw))
            check_refused_rows(refused, settings)
        return replace(imported, rows=rows, refused=refused)


def _guess_others(
    mapping: ColumnMapping, imported: ImportedRows, start: str, known: Collection[str]
) -> ColumnMapping:
    """Guess the fields that a mapping lacks from columns that are not known."""
    places = [
        (place, name)
        for place, name in enumerate(imported.columns)
        if name.startswith(start) and name not in known
    ]
    rows = list(islice(imported.rows.values(), SAMPLE_ROWS))
    sample = {name: [row[place] for row in rows] for place, name in places}
    guess = guess_mapping([name for _, name in places], sample)
    return replace(guess, **{each: value for each in MAPPED_FIELDS if (value := getattr(mapping, each))})


def _applies(skip: Skip, found: Mapping[str, str]) -> bool:
    return all(
        found[name] in values or (ANY in values and bool(found[name])) for name, values in skip.when.items()
    )


def _first_value(
    field_name: str, cells: Sequence[str], readers: Sequence[CellReader], blank: re.Pattern[str]
) -> str:
    """Return the first value that is not blank; the values of one alternative are joined."""
    for reader in readers:
        values = [value for value in reader(cells) if not blank.fullmatch(value)]
        if field_name == "created_at":
            values = _without_second_clock(values)
        if values:
            return ("\n" if field_name in ("text", "images") else " ").join(dict.fromkeys(values))
    return ""


def _without_second_clock(values: Sequence[str]) -> list[str]:
    """Drop a time of day if a value before it has one: "14-Dec-2021 12:37PM" and "12:37 PM"."""
    kept: list[str] = []
    for value in values:
        if not (":" in value and any(":" in earlier for earlier in kept)):
            kept.append(value)
    return kept
