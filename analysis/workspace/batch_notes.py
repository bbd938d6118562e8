"""Notes and tags of batches, in the workspace's database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.settings import Settings
from analysis.wording import replace_surrogates, shorten_to_one_line
from analysis.workspace.database import WorkspaceDatabase


@dataclass(frozen=True)
class BatchNote:
    """What people noted about a batch.

    Attributes:
        note: Any text.
        tags: Without repetition, sorted.
    """

    note: str = ""
    tags: tuple[str, ...] = ()


class BatchNotes:
    """The notes and tags of the batches of a workspace.

    Args:
        home: The workspace's folder.
        settings: Limits; longer notes, longer tags and further tags are cut.
    """

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.database = WorkspaceDatabase(home)
        self.settings = settings or Settings()

    def read_all(self) -> dict[str, BatchNote]:
        """Read the notes by the ids of their batches.

        Raises:
            WorkspaceError: The file cannot be read or is damaged.
        """
        rows = self.database.fetch("SELECT batch, note, tags FROM batches")
        return {row["batch"]: BatchNote(row["note"], tuple(json.loads(row["tags"]))) for row in rows}

    def save(self, batch_id: str, note: str, tags: Sequence[str]) -> None:
        """Replace the note and the tags of a batch.

        Raises:
            WorkspaceError: The batch does not exist, or the file cannot be written or is damaged.
        """
        limits = self.settings
        cleaned = sorted({shorten_to_one_line(tag)[: limits.max_name_chars] for tag in tags} - {""})
        text = replace_surrogates(note).strip()[: limits.max_note_chars]
        values = (batch_id, text, json.dumps(cleaned[: limits.max_tags]))
        with self.database.write("The note", batch_id) as database:
            database.execute("INSERT OR REPLACE INTO batches VALUES (?, ?, ?)", values)
