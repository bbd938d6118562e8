"""The labels of people: every change in an audit trail, and the present labels, in the workspace's database.

Changes are never removed, except with their batch: undo adds a change.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from analysis.errors import WorkspaceError
from analysis.wording import replace_surrogates
from analysis.workspace.database import WorkspaceDatabase

Action = Literal["label", "decide", "import", "undo"]
LabelValue = str | tuple[str, ...]
"""A sentiment or a note; or topics, tones or tags."""
DECISION = ""
"""The owner of labels that were decided after coders disagreed."""


@dataclass(frozen=True)
class Label:
    """A label of one post: its position in the batch, the field, such as "sentiment", and the value."""

    position: int
    field: str
    value: LabelValue


@dataclass(frozen=True)
class StoredLabel(Label):
    """A present label, and the coder who gave it, or `DECISION`."""

    owner: str


@dataclass(frozen=True)
class Change:
    """One change of the audit trail.

    Attributes:
        id: Its number, which increases.
        at: UTC.
        position: Position of the post in the batch.
        field: Such as "sentiment".
        coder: Who made it.
        owner: Whose label was changed: the coder's own, or `DECISION`.
        before: The value before; None if there was none.
        after: The value after; None if it was removed.
        action: How it was made.
        undoes: The change that it undoes; None for other actions.
    """

    id: int
    at: datetime
    position: int
    field: str
    coder: str
    owner: str
    before: LabelValue | None
    after: LabelValue | None
    action: Action
    undoes: int | None


class ReviewStore:
    """The labels of people for the batches of a workspace.

    Args:
        home: The workspace's folder; the file is created with the first label.
    """

    def __init__(self, home: Path) -> None:
        self.database = WorkspaceDatabase(home)

    def save_labels(
        self, batch_id: str, coder: str, labels: Iterable[Label], action: Action = "label"
    ) -> int:
        """Store labels of one coder in one transaction; an empty value removes a label.

        Args:
            batch_id: The batch.
            coder: Who gives them.
            labels: The labels; those that are as before change nothing.
            action: How they were given; "decide" stores them as decisions.

        Returns:
            Number of changes.

        Raises:
            WorkspaceError: The coder has no name, the batch does not exist, or the file cannot be written or is
                damaged.
        """
        if not coder.strip():
            raise WorkspaceError("The label", "has no coder", "Enter your name first.")
        coder = replace_surrogates(coder)
        owner = DECISION if action == "decide" else coder
        with self.database.write("The label", batch_id) as database:
            return sum(
                _change(
                    database, batch_id, int(label.position), label.field, coder, owner, label.value, action
                )
                for label in labels
            )

    def undo(self, batch_id: str, coder: str) -> Change | None:
        """Undo the coder's last change that was neither undone nor overtaken by another change.

        Returns:
            The change that was undone; None if there is none.

        Raises:
            WorkspaceError: The batch does not exist, or the file cannot be written or is damaged.
        """
        coder = replace_surrogates(coder)
        with self.database.write("The label", batch_id) as database:
            rows = database.execute(
                """
                SELECT * FROM changes AS made
                WHERE batch = ? AND coder = ? AND action <> 'undo'
                AND NOT EXISTS (SELECT 1 FROM changes WHERE undoes = made.id)
                AND NOT EXISTS (
                    SELECT 1 FROM changes AS later
                    WHERE later.batch = made.batch AND later.position = made.position
                    AND later.field = made.field AND later.owner = made.owner AND later.id > made.id
                    AND later.action <> 'undo'
                    AND NOT EXISTS (SELECT 1 FROM changes WHERE undoes = later.id))
                ORDER BY id DESC LIMIT 1""",
                (batch_id, coder),
            ).fetchall()
            if not rows:
                return None
            undone = _read_change(rows[0])
            place = (undone.position, undone.field, coder, undone.owner)
            _change(database, batch_id, *place, undone.before or "", "undo", undone.id)
            return undone

    def read_labels(self, batch_id: str) -> list[StoredLabel]:
        """Read the present labels of a batch, by position.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        sql = (
            "SELECT position, field, value, owner FROM labels WHERE batch = ? ORDER BY position, field, owner"
        )
        return [
            StoredLabel(row["position"], row["field"], _parse_value(row["value"]), row["owner"])
            for row in self.database.fetch(sql, (batch_id,))
        ]

    def read_changes(
        self, batch_id: str, position: int | None = None, limit: int | None = None
    ) -> list[Change]:
        """Read the audit trail of a batch or of one post, latest first.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        condition, values = (
            ("", [batch_id]) if position is None else (" AND position = ?", [batch_id, position])
        )
        sql = f"SELECT * FROM changes WHERE batch = ?{condition} ORDER BY id DESC LIMIT ?"  # noqa: S608 (fixed texts)
        return [
            _read_change(row) for row in self.database.fetch(sql, (*values, -1 if limit is None else limit))
        ]

    def find_last_change(self, batch_id: str) -> int:
        """Return the id of the last change of a batch's labels; 0 if there is none.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        rows = self.database.fetch("SELECT max(id) AS last FROM changes WHERE batch = ?", (batch_id,))
        return rows[0]["last"] or 0 if rows else 0

    def list_labelled_posts(self, batch_id: str, field: str, until: int) -> list[int]:
        """List the positions of the posts whose label of a field was changed up to a change, by its id.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        sql = "SELECT DISTINCT position FROM changes WHERE batch = ? AND field = ? AND id <= ? ORDER BY position"
        return [row["position"] for row in self.database.fetch(sql, (batch_id, field, until))]

    def forget_batch(self, batch_id: str) -> None:
        """Remove the labels, changes, note and tags of a deleted batch, and of any other that no longer exists.

        Others can be left if a process was killed while it deleted a batch.

        Raises:
            WorkspaceError: The file cannot be written or is damaged.
        """
        if self.database.path.exists():
            with self.database.write("The label") as database:
                for table in ("labels", "changes", "batches"):
                    found = database.execute(f"SELECT DISTINCT batch FROM {table}").fetchall()  # noqa: S608 (fixed)
                    gone = [
                        (name,) for (name,) in found if name == batch_id or not self.database.has_batch(name)
                    ]
                    database.executemany(f"DELETE FROM {table} WHERE batch = ?", gone)  # noqa: S608 (fixed)


def _change(
    database: sqlite3.Connection,
    batch_id: str,
    position: int,
    field: str,
    coder: str,
    owner: str,
    value: LabelValue,
    action: Action,
    undoes: int | None = None,
) -> bool:
    """Change one label and record it; return whether anything changed. An undo is always recorded."""
    place = (batch_id, position, field, owner)
    of_place = "WHERE batch = ? AND position = ? AND field = ? AND owner = ?"
    row = database.execute(f"SELECT value FROM labels {of_place}", place).fetchone()  # noqa: S608 (fixed text)
    before, after = row and row["value"], _format_value(value)
    if before == after and undoes is None:
        return False
    if after is None:
        database.execute(f"DELETE FROM labels {of_place}", place)  # noqa: S608 (fixed text)
    else:
        database.execute("INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?)", (*place, after))
    database.execute(
        "INSERT INTO changes (at, batch, position, field, coder, owner, before, after, action, undoes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            datetime.now(UTC).isoformat(),
            *(batch_id, position, field, coder, owner, before, after, action, undoes),
        ),
    )
    return True


def _read_change(row: sqlite3.Row) -> Change:
    before, after = (None if row[name] is None else _parse_value(row[name]) for name in ("before", "after"))
    return Change(
        id=row["id"],
        at=datetime.fromisoformat(row["at"]),
        position=row["position"],
        field=row["field"],
        coder=row["coder"],
        owner=row["owner"],
        before=before,
        after=after,
        action=row["action"],
        undoes=row["undoes"],
    )


def _format_value(value: LabelValue) -> str | None:
    """Write a value as JSON; None for an empty one. Lone surrogates, which no query accepts, become "?"."""
    if not value:
        return None
    values = [value] if isinstance(value, str) else sorted(set(value))
    cleaned = [replace_surrogates(each) for each in values]
    return json.dumps(cleaned[0] if isinstance(value, str) else cleaned)


def _parse_value(text: str) -> LabelValue:
    value = json.loads(text)
    return value if isinstance(value, str) else tuple(str(each) for each in value)
