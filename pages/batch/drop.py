"""Uploaded files that are not scored yet, stored on disk so that the copies in memory can be freed.

A drop survives visits to other pages, and reloads (`open_drops`). Its folder is deleted when nothing refers to it any
more, at the latest when the process ends, or by the next process after a kill.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from analysis.errors import IntakeError, WorkspaceError
from analysis.importers import ColumnMapping, ImportOptions
from analysis.intake import CheckedBatch, InputFile, Inputs, Rejection, Table, check_batch, read_inputs
from analysis.intake.media import stored_image_path
from analysis.intake.recognition import Recognition, recognise_table
from analysis.intake.record import record_input
from analysis.intake.refused_files import RefusedFile
from analysis.intake.reread import reread_refused, reread_table
from analysis.intake.worker_process import FileProgress, Progress
from analysis.temporary import make_folder_private, new_temporary_path
from analysis.workspace import Batch, SavedMappings, Workspace, default_workspace_home, private_workspace_home
from analysis.workspace.files import wrap_disk_errors, write_private_file


def check_workspace_writable() -> None:
    """Check that the workspace is writable, before anything is uploaded.

    Raises:
        WorkspaceError: The workspace's folder cannot be written or created.
    """
    home = default_workspace_home().absolute()
    with wrap_disk_errors("The upload"):
        nearest = next(folder for folder in (home, *home.parents) if folder.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise WorkspaceError(
                f"The workspace {home}",
                "cannot be written, so nothing can be uploaded or scored",
                "Check its disk and permissions, or set POSTLENS_HOME to a folder that you can write.",
            )


class Drop:
    """The files of a future batch, read and checked.

    Attributes:
        mappings: The column mapping of each table that was shown, with the user's corrections.
        options: How files are read where the user corrected it, by name.
        timezones: The zone of times without one, by table.
        kept: Columns of no field that become filters of the batch.
        added_at: When files were last added.
        versions: How often the columns of a table were set anew, by table; widgets of another version start again.

    Raises:
        WorkspaceError: The workspace cannot be written.
    """

    def __init__(self) -> None:
        with wrap_disk_errors("The upload"):
            self.folder = make_folder_private(new_temporary_path(private_workspace_home()))
            self.media = make_folder_private(self.folder / "media")
        self.files: tuple[InputFile, ...] = ()
        self.added_at = datetime.now(UTC)
        self.inputs = Inputs(tables=(), images={}, rejected=(), expected_files=0)
        self.mappings: dict[str, ColumnMapping] = {}
        self.options: dict[str, ImportOptions] = {}
        self.timezones: dict[str, str] = {}
        self.versions: Counter[str] = Counter()
        self.kept: tuple[str, ...] = ()
        self._few_values: dict[str, list[str]] = {}
        self._spooled = 0
        self._recognised: dict[str, Recognition] = {}
        self._samples: dict[str, dict[str, list[str]]] = {}
        self._checked: tuple[tuple[dict[str, ColumnMapping], dict[str, str]], CheckedBatch] | None = None
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def add(
        self,
        files: Sequence[InputFile],
        progress: Progress = lambda *_: None,
        file_progress: FileProgress | None = None,
    ) -> None:
        """Add all of these files, or none of them if an error is raised; earlier files are not affected.

        Images added after their table are still matched to their posts.

        Args:
            files: The new files.
            progress: Called with the number of files read and found so far.
            file_progress: Called with the name of a large table, its bytes that were read, and its bytes.

        Raises:
            PostLensError: They cannot be stored or read.
        """
        spooled: list[Path] = []
        try:
            added = [self._spool(file, spooled) for file in files]
            everything = (*self.files, *added)
            inputs = read_inputs(
                everything, self.media, None, progress, self.options, file_progress=file_progress
            )
        except BaseException:
            for path in spooled:
                with suppress(OSError):
                    path.unlink()
            self._remove_unused()
            raise
        self.files, self.inputs, self._checked = everything, inputs, None
        self.added_at = datetime.now(UTC)
        self._recognised, self._samples, self._few_values = {}, {}, {}
        self._remove_unused()

    def read_again(self, table: Table, options: ImportOptions) -> None:
        """Read a table's file in another way; its columns are recognised again.

        Raises:
            PostLensError: It cannot be read that way, or not stored; the table is unchanged.
        """
        before = [each for each in self.inputs.tables if each.file == table.file]
        self.inputs = reread_table(self.inputs, table, options, self.media)
        self.options[table.file], self._checked = options, None
        for each in (*before, *self.inputs.tables):
            if each.file == table.file:
                self.forget_columns(each)

    def read_refused(self, file: RefusedFile, options: ImportOptions) -> None:
        """Read a refused file in another way; its columns are recognised.

        Raises:
            PostLensError: It cannot be read that way either; the list of rejected files has the new reason.
        """
        self.inputs, self._checked = reread_refused(self.inputs, file, options, self.media), None
        if any(each.name == file.name for each in self.inputs.refused):
            problem = self.problem_of(file)
            raise IntakeError(problem.name, problem.reason, problem.remedy)
        self.options[file.name] = options
        for table in self.inputs.tables:
            if table.file == file.name:
                self.forget_columns(table)

    def problem_of(self, file: RefusedFile) -> Rejection:
        """Return why a file was refused."""
        rejected = self.inputs.rejected
        return next(each for each in rejected if (each.kind, each.name) == ("file", file.name))

    def forget_columns(self, table: Table) -> None:
        """Discard the corrections of a table's columns, and recognise them again."""
        self.mappings.pop(table.name, None)
        self._recognised.pop(table.name, None)
        self._samples.pop(table.name, None)
        self._few_values.pop(table.name, None)
        self.versions[table.name] += 1

    def save_mapping(self, table: Table, mapping: ColumnMapping) -> None:
        """Save a mapping for tables with the columns of this one.

        Raises:
            WorkspaceError: The workspace cannot be written.
        """
        SavedMappings(default_workspace_home()).save(table.columns, mapping)
        self._recognised = {}

    def forget_mapping(self, table: Table) -> None:
        """Remove the mapping that was saved for tables with the columns of this one.

        Raises:
            WorkspaceError: The workspace cannot be written.
        """
        SavedMappings(default_workspace_home()).forget(table.columns)
        for other in self.inputs.tables:
            if set(other.columns) == set(table.columns):
                self.forget_columns(other)

    def recognition_of(self, table: Table) -> Recognition:
        """Return what a table was recognised as, with its saved mapping if there is one; the result is cached."""
        if table.name not in self._recognised:
            saved = SavedMappings(default_workspace_home()).get(table.columns)
            found = recognise_table(table)
            self._recognised[table.name] = found.with_saved(saved) if saved else found
        return self._recognised[table.name]

    def sample_of(self, table: Table) -> Mapping[str, list[str]]:
        """Return the first values of each column of a table; the result is cached."""
        if table.name not in self._samples:
            self._samples[table.name] = table.sample()
        return self._samples[table.name]

    def columns_with_few_values(self, table: Table, most: int) -> list[str]:
        """Return the columns of a table with 2 to `most` different values; the result is cached."""
        if table.name not in self._few_values:
            sample = self.sample_of(table)
            candidates = [name for name in table.columns if len(set(sample[name])) <= most]
            counts = table.cells.count_values(candidates, most)
            self._few_values[table.name] = [name for name, count in counts.items() if count >= 2]
        return self._few_values[table.name]

    def mapping_of(self, table: Table) -> ColumnMapping:
        """Return a table's column mapping: the user's corrections, else the recognised one."""
        corrected = self.mappings.get(table.name)
        return corrected.within(table.columns) if corrected else self.recognition_of(table).mapping

    def checked(
        self, mapping: Mapping[str, ColumnMapping], progress: Progress = lambda *_: None
    ) -> CheckedBatch:
        """Build and check the posts under a mapping and the time zones; the last result is cached.

        Args:
            mapping: The column mapping of each table.
            progress: Called with the number of rows done and in total.
        """
        chosen = (dict(mapping), dict(self.timezones))
        if self._checked is None or self._checked[0] != chosen:
            checked = check_batch(self.inputs, chosen[0], progress=progress, timezones=chosen[1])
            self._checked = (chosen, checked)
        return self._checked[1]

    @property
    def n_posts(self) -> int | None:
        """Number of posts that the last check found; None before it."""
        return self._checked[1].n_posts if self._checked else None

    def store(self, checked: CheckedBatch, name: str, workspace: Workspace) -> Batch:
        """Create the batch in the workspace, with its original tables and a record of how its files were read."""
        sources = list({table.file: table.raw for table in self.inputs.tables}.items())
        mappings, timezones = self._checked[0] if self._checked else (self.mappings, self.timezones)
        record = record_input(self.inputs, mappings, timezones, self.kept)
        return workspace.create(checked, self.media, name, sources=sources, kept=self.kept, record=record)

    def _spool(self, file: InputFile, spooled: list[Path]) -> InputFile:
        """Write an in-memory file to disk and record its path."""
        if not isinstance(file.content, bytes):
            return file
        path = self.folder / f"{self._spooled:06}"
        self._spooled += 1
        spooled.append(path)
        with wrap_disk_errors(f"The upload of {file.name[:80]}"):
            write_private_file(path, file.content)
        return InputFile(file.name, path)

    def _remove_unused(self) -> None:
        """Remove stored images and tables that are no longer needed, as they take disk space."""
        used = {stored_image_path(self.media, image.media_id) for image in self.inputs.images.values()}
        used |= {table.raw for table in self.inputs.tables if isinstance(table.raw, Path)}
        used |= {file.content for file in self.inputs.refused if isinstance(file.content, Path)}
        for folder, _, names in os.walk(self.media):
            for path in (Path(folder, name) for name in names):
                if path not in used:
                    with suppress(OSError):
                        path.unlink()
