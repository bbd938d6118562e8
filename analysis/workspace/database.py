"""The SQLite file of a workspace: what people write about posts and batches, which changes while PostLens runs.

    changes    one row per change of a label: when, who, which post and field, the value before and after
    labels     the present label of each coder, post and field (`review_store`)
    batches    notes and tags of batches (`batch_notes`)
    views      saved views: a page with its filters, by name (`saved_views`)

The write-ahead log of SQLite makes a change complete or absent after a crash, and lets several processes read and
write at once.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from analysis.errors import WorkspaceError
from analysis.temporary import OWNER_ONLY_FILE, make_folder_private
from analysis.workspace.files import wrap_disk_errors
from analysis.workspace.layout import BATCHES, REVIEWS

_VERSION = 1
_TIMEOUT = 30  # seconds to wait for another process; a change takes milliseconds
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    batch TEXT NOT NULL,
    position INTEGER NOT NULL,
    field TEXT NOT NULL,
    coder TEXT NOT NULL,
    owner TEXT NOT NULL,
    before TEXT,
    after TEXT,
    action TEXT NOT NULL,
    undoes INTEGER REFERENCES changes (id)
);
CREATE INDEX IF NOT EXISTS changes_of_label ON changes (batch, position, field, owner);
CREATE INDEX IF NOT EXISTS undone_changes ON changes (undoes);
CREATE TABLE IF NOT EXISTS labels (
    batch TEXT NOT NULL,
    position INTEGER NOT NULL,
    field TEXT NOT NULL,
    owner TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (batch, position, field, owner)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (batch TEXT PRIMARY KEY, note TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS views (name TEXT PRIMARY KEY, page TEXT NOT NULL, address TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""


class WorkspaceDatabase:
    """The SQLite file of a workspace.

    Args:
        home: The workspace's folder; the file is created when it is first written.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / REVIEWS

    def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run a query; without the file there are no rows.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        if not self.path.exists():
            return []
        with self._errors("read"), closing(self._connect()) as database:
            return database.execute(sql, values).fetchall() if _read_version(database) else []

    @contextmanager
    def write(self, thing: str, batch_id: str | None = None) -> Iterator[sqlite3.Connection]:
        """Yield a connection in a transaction that is committed if the block succeeds.

        Args:
            thing: What is written, for display.
            batch_id: The batch that it belongs to; None if it belongs to none.

        Raises:
            WorkspaceError: The batch does not exist, or the file cannot be written or is damaged.
        """
        with wrap_disk_errors(thing):
            make_folder_private(self.path.parent)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY_FILE))
        with self._errors("written"), closing(self._connect()) as database:
            if _read_version(database) < _VERSION:
                database.execute("PRAGMA journal_mode = WAL")
                database.executescript(_SCHEMA)
            # Rows of a deleted batch are removed after its folder: later than this, or not yet.
            database.execute("BEGIN IMMEDIATE")
            try:
                if batch_id is not None and not self.has_batch(batch_id):
                    raise WorkspaceError(
                        thing,
                        f"was not stored: the batch {batch_id[:80]} was deleted",
                        "Choose another batch.",
                    )
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def has_batch(self, batch_id: str) -> bool:
        """Return whether the workspace has the folder of a batch."""
        return (self.path.parent / BATCHES / batch_id).is_dir()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=_TIMEOUT, isolation_level=None)
        database.row_factory = sqlite3.Row
        try:
            is_later = _read_version(database) > _VERSION
        except sqlite3.Error:
            database.close()
            raise
        if is_later:
            database.close()
            raise WorkspaceError(
                str(self.path), "was written by a later version of PostLens", "Update PostLens to open it."
            )
        return database

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            raise WorkspaceError(
                str(self.path),
                f"cannot be {done}: {error}",
                "Check the free space and your permissions. If the file is damaged, move it away; the labels in "
                "it will then be missing.",
            ) from error


def _read_version(database: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 before they are created."""
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version
