"""Uploaded files that are not scored yet, spooled to disk to free the browser's copies.

A drop belongs to the session, so it survives visits to other pages. Its folder is deleted with the session, at the
latest when the process ends, or by the next process after a kill.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from analysis.errors import WorkspaceError
from analysis.importers import ColumnMapping
from analysis.intake import CheckedBatch, InputFile, Inputs, Table, check_batch, read_inputs
from analysis.intake.media import media_path
from analysis.intake.recognition import Recognition, recognise
from analysis.intake.worker_process import Progress
from analysis.temporary import make_private, new_temporary
from analysis.workspace import Batch, Workspace, default_home, private_home
from analysis.workspace.files import write_private, writing


def check_writable() -> None:
    """Check that the workspace is writable, before anything is uploaded.

    Raises:
        WorkspaceError: The workspace's folder cannot be written or created.
    """
    home = default_home().absolute()
    with writing("The upload"):
        nearest = next(folder for folder in (home, *home.parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise WorkspaceError(
                f"The workspace {home}",
                "cannot be written, so nothing can be uploaded or scored",
                "Check its disk and permissions, or set POSTLENS_HOME to a folder that you can write.",
            )


class Drop:
    """The files of a future batch, read and checked.

    Raises:
        WorkspaceError: The workspace cannot be written.
    """

    def __init__(self) -> None:
        with writing("The upload"):
            self.folder = make_private(new_temporary(private_home()))
            self.media = make_private(self.folder / "media")
        self.files: tuple[InputFile, ...] = ()
        self.inputs = Inputs(tables=(), images={}, rejected=(), expected_files=0)
        self.mappings: Mapping[str, ColumnMapping] = {}
        self._spooled = 0
        self._recognised: dict[str, Recognition] = {}
        self._checked: tuple[Mapping[str, ColumnMapping], CheckedBatch] | None = None
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def add(self, files: Sequence[InputFile], progress: Progress = lambda *_: None) -> None:
        """Add all of these files, or none of them if an error is raised; earlier files are not affected.

        Images added after their table are still matched to their posts.

        Args:
            files: The new files.
            progress: Called with the number of files read and found so far.

        Raises:
            PostLensError: They cannot be stored or read.
        """
        spooled: list[Path] = []
        try:
            added = [self._spool(file, spooled) for file in files]
            everything = (*self.files, *added)
            inputs = read_inputs(everything, self.media, progress=progress)
        except BaseException:
            for path in spooled:
                with suppress(OSError):
                    path.unlink()
            self._remove_unused()
            raise
        self.files, self.inputs, self._checked = everything, inputs, None
        self._recognised = {}
        self._remove_unused()

    def recognition_of(self, table: Table) -> Recognition:
        """Return what a table was recognised as; the result is cached."""
        if table.name not in self._recognised:
            self._recognised[table.name] = recognise(table)
        return self._recognised[table.name]

    def mapping_of(self, table: Table) -> ColumnMapping:
        """Return a table's column mapping: the user's corrections, else that of its source, else a guess."""
        corrected = self.mappings.get(table.name)
        return corrected.within(table.columns) if corrected else self.recognition_of(table).mapping

    def checked(
        self, mapping: Mapping[str, ColumnMapping], progress: Progress = lambda *_: None
    ) -> CheckedBatch:
        """Build and check the posts under a mapping; the last result is cached.

        Args:
            mapping: The column mapping of each table.
            progress: Called with the number of rows done and in total.
        """
        if self._checked is None or self._checked[0] != mapping:
            self._checked = (dict(mapping), check_batch(self.inputs, dict(mapping), progress=progress))
        return self._checked[1]

    def store(self, checked: CheckedBatch, name: str, workspace: Workspace) -> Batch:
        """Create the batch in the workspace, with its original tables."""
        sources = [(table.name, table.raw) for table in self.inputs.tables]
        return workspace.create(checked, self.media, name, sources=sources)

    def _spool(self, file: InputFile, spooled: list[Path]) -> InputFile:
        """Write an in-memory file to disk and record its path."""
        if not isinstance(file.content, bytes):
            return file
        path = self.folder / f"{self._spooled:06}"
        self._spooled += 1
        spooled.append(path)
        with writing(f"The upload of {file.name[:80]}"):
            write_private(path, file.content)
        return InputFile(file.name, path)

    def _remove_unused(self) -> None:
        """Remove stored images and tables that are no longer needed, since they may be filling the disk."""
        used = {media_path(self.media, image.media_id) for image in self.inputs.images.values()}
        used |= {table.raw for table in self.inputs.tables if isinstance(table.raw, Path)}
        for folder, _, names in os.walk(self.media):
            for path in (Path(folder, name) for name in names):
                if path not in used:
                    with suppress(OSError):
                        path.unlink()
