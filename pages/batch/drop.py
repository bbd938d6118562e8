"""What the analyst has dropped and not yet scored: files spooled to disk, so that the browser's copies can go.

It lives in the session, so that it survives a visit to another page; its folder goes when the session does, at the
latest when the process ends; after a kill the next process removes it.
"""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Mapping, Sequence

from analysis.intake import (
    CheckedBatch,
    ColumnMapping,
    InputFile,
    Inputs,
    check_batch,
    guess_mapping,
    read_inputs,
)
from analysis.workspace import Batch, Workspace, private_home
from analysis.workspace.files import write_private, writing
from analysis.workspace.temporary import make_private, new_temporary


class Drop:
    """The files of one batch to be, read as far as they can be."""

    def __init__(self) -> None:
        with writing("The upload"):
            self.folder = make_private(new_temporary(private_home()))
            self.media = make_private(self.folder / "media")
        self.files: list[InputFile] = []
        self._checked: tuple[Mapping[str, ColumnMapping], CheckedBatch] | None = None
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def add(self, files: Sequence[InputFile]) -> None:
        """Take more files in; pictures dropped after their table still find their posts."""
        for file in files:
            if isinstance(file.content, bytes):
                spooled = self.folder / f"{len(self.files):06}"
                with writing(f"The upload of {file.name[:80]}"):
                    write_private(spooled, file.content)
                file = InputFile(file.name, spooled)
            self.files.append(file)
        self.inputs: Inputs = read_inputs(self.files, self.media)
        self._checked = None

    def guesses(self) -> dict[str, ColumnMapping]:
        """What each table's columns seem to mean, by the table's name."""
        return {table.name: guess_mapping(table.columns) for table in self.inputs.tables}

    def checked(self, mapping: Mapping[str, ColumnMapping]) -> CheckedBatch:
        """The posts that the files make under a mapping; worked out once for each mapping."""
        if self._checked is None or self._checked[0] != mapping:
            self._checked = (dict(mapping), check_batch(self.inputs, dict(mapping)))
        return self._checked[1]

    def store(self, checked: CheckedBatch, name: str, workspace: Workspace) -> Batch:
        """Make the batch in the workspace, with its tables as they came."""
        sources = [(table.name, table.raw) for table in self.inputs.tables]
        return workspace.create(checked, self.media, name, sources=sources)
