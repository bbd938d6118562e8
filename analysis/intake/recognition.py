"""Recognition of a table: which source it is from, or which columns were guessed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis.importers.guess import Guess, guess_fields
from analysis.importers.mapping import MAPPED_FIELDS, ColumnMapping, mapping_from_guesses
from analysis.intake.tables import Table
from analysis.wording import format_percent

EXPECTED_FIELDS = ("text", "author", "created_at")
"""Fields that nearly all exports have, so that their absence is worth a look."""
CHOSEN = "chosen by you"
"""The reason of a column that was not found but chosen."""


@dataclass(frozen=True)
class Recognition:
    """What a table was recognised as.

    Attributes:
        source: The label of its source, "" for none.
        mapping: The saved column mapping, that of the source, or the guessed one.
        guesses: Guesses by field, the best first; empty for a source.
        saved: Whether the analyst saved the mapping for tables with these columns.
    """

    source: str
    mapping: ColumnMapping
    guesses: Mapping[str, tuple[Guess, ...]]
    saved: bool = False

    @property
    def confidence(self) -> float:
        """The lowest confidence of all guessed columns, from 0 to 1; 0 if there is none, 1 if nothing was guessed."""
        if self.source or self.saved:
            return 1.0
        columns = [
            (field, name) for field in MAPPED_FIELDS for name in list_mapped_columns(self.mapping, field)
        ]
        found = [guess.confidence for field, name in columns if (guess := self._guess(field, name))]
        return min(found, default=0.0)

    def missing(self, with_images: bool) -> tuple[str, ...]:
        """Return the fields that were expected and not found.

        Args:
            with_images: Whether there are images next to the table.
        """
        expected = (*EXPECTED_FIELDS, *(["images"] if with_images else []))
        return tuple(field for field in expected if not list_mapped_columns(self.mapping, field))

    def reason(self, field: str, chosen: ColumnMapping) -> str:
        """Say why a field has its columns: "guessed from its name (98 %)"; "" for a field without a column."""
        columns = list_mapped_columns(chosen, field)
        if not columns:
            return ""
        if columns != list_mapped_columns(self.mapping, field):
            return CHOSEN
        if self.saved:
            return "from your saved mapping"
        if self.source:
            return "from the format of the source"
        guess = self._guess(field, columns[0])
        return f"guessed from {guess.why} ({format_percent(guess.confidence)})" if guess else CHOSEN

    def _guess(self, field: str, column: str) -> Guess | None:
        return next((guess for guess in self.guesses.get(field, ()) if guess.column == column), None)

    def with_saved(self, mapping: ColumnMapping) -> Recognition:
        """Return the recognition with a mapping that the analyst saved for tables with these columns."""
        return replace(self, mapping=mapping, saved=True)


def recognise_table(table: Table) -> Recognition:
    """Return the source of a table, or guess its columns from their names and values."""
    if table.mapping is not None:
        return Recognition(table.source, table.mapping, {})
    guesses = guess_fields(table.columns, table.sample())
    return Recognition("", mapping_from_guesses(table.columns, guesses), guesses)


def list_mapped_columns(mapping: ColumnMapping, field: str) -> tuple[str, ...]:
    """Return the columns of a field; empty if it has none."""
    value = getattr(mapping, field)
    return value if isinstance(value, tuple) else () if value is None else (value,)
