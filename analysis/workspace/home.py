"""Lists, opens, creates and deletes the batches of a folder."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from analysis.environment import installed_version
from analysis.errors import WorkspaceError
from analysis.posts import POST_SCHEMA
from analysis.settings import Settings
from analysis.temporary import (
    OWNER_ONLY_FOLDER,
    make_folder_private,
    new_temporary_path,
    remove_leftover_temporaries,
    temporary_root,
)
from analysis.workspace.batch import Batch
from analysis.workspace.batch_notes import BatchNotes
from analysis.workspace.files import (
    DELETED_PREFIX,
    remove_folder_atomically,
    wrap_disk_errors,
    write_parquet,
)
from analysis.workspace.layout import (
    BATCHES,
    COMPILED,
    INTAKE,
    MAPPINGS,
    MEDIA,
    MODELS,
    POSTS,
    REJECTED,
    REPORTS,
    REVIEWS,
    SALT,
    SOURCES,
)
from analysis.workspace.manifest import Manifest
from analysis.workspace.names import lock_batch_names
from analysis.workspace.permissions import make_home_private
from analysis.workspace.review_store import ReviewStore
from analysis.workspace.saved_topics import SavedTopics
from analysis.workspace.saved_views import SavedViews
from analysis.workspace.stored_input import store_images, store_sources, write_input_record
from analysis.workspace.trained_models import TrainedModels

if TYPE_CHECKING:
    from analysis.intake import CheckedBatch
    from analysis.intake.record import InputRecord

_BATCH_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_INCOMING = "incoming"
_OWN = {BATCHES, _INCOMING, MAPPINGS, COMPILED, SALT, REVIEWS, MODELS}
_opened: set[Path] = set()  # workspaces in which this process has removed leftovers
_opening = threading.Lock()


def default_workspace_home() -> Path:
    """Return the workspace's folder: $POSTLENS_HOME, else .postlens in the user's home folder.

    Raises:
        WorkspaceError: Its path is not valid UTF-8, which Arrow and DuckDB require.
    """
    home = Path(os.environ.get("POSTLENS_HOME") or "~/.postlens").expanduser()
    path = os.fsencode(home.absolute())
    try:
        path.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WorkspaceError(
            f"The workspace {path.decode('utf-8', 'backslashreplace')}",
            "has a path that is not valid UTF-8",
            "Set POSTLENS_HOME to a folder whose path is.",
        ) from error
    return home


def private_workspace_home() -> Path:
    """Return the workspace's folder; it is created if missing.

    Raises:
        OSError: The disk cannot be written.
    """
    return make_folder_private(default_workspace_home())


@dataclass(frozen=True)
class BatchInfo:
    """A summary of one batch; `problem` says why a damaged one cannot be opened, else None."""

    id: str
    name: str
    created_at: datetime
    n_posts: int
    scored: int
    bundle: str | None
    problem: str | None = None


class Workspace:
    """All batches in one folder.

    Args:
        home: The folder; created with the first batch.
        settings: Limits for the batches.
    """

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.folder = home / BATCHES
        self.settings = settings or Settings()
        with _opening:
            if self.folder not in _opened and home.is_dir():
                _opened.add(self.folder)
                make_home_private(home, _OWN)
                self.remove_leftovers()

    @property
    def notes(self) -> BatchNotes:
        """Notes and tags of its batches."""
        return BatchNotes(self.folder.parent, self.settings)

    @property
    def views(self) -> SavedViews:
        """Its saved views."""
        return SavedViews(self.folder.parent, self.settings)

    @property
    def topics(self) -> SavedTopics:
        """Its custom topics."""
        return SavedTopics(self.folder.parent, self.settings)

    @property
    def reviews(self) -> ReviewStore:
        """The labels of people for its batches."""
        return ReviewStore(self.folder.parent)

    @property
    def trained_models(self) -> TrainedModels:
        """The models trained on labels of people."""
        return TrainedModels(self.folder.parent)

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder.parent)!r})"

    def remove_leftovers(self) -> None:
        """Remove temporary files of killed processes, not of running ones; errors are ignored."""
        for folder in (self.folder.parent, self.folder):
            remove_leftover_temporaries(folder)
        with suppress(OSError):
            for gone in self.folder.glob(f"{DELETED_PREFIX}*"):
                shutil.rmtree(gone, ignore_errors=True)
            self._remove_unowned()

    def _remove_unowned(self) -> None:
        """Remove old temporary files of earlier versions, which do not record whether their process is running."""
        made_before = time.time() - self.settings.abandoned_after_s
        patterns = (f"{BATCHES}/.new-*", f"{BATCHES}/*/{REPORTS}/.*.csv-*", f"{_INCOMING}/*")
        for each in [path for pattern in patterns for path in self.folder.parent.glob(pattern)]:
            with suppress(OSError):
                if each.stat().st_mtime < made_before:
                    shutil.rmtree(each) if each.is_dir() else each.unlink()

    def batches(self) -> list[BatchInfo]:
        """List every batch, newest first; a damaged one is listed with its problem.

        Raises:
            WorkspaceError: The workspace's folder cannot be read.
        """
        infos = []
        for folder in self._list_folders():
            if _BATCH_ID.fullmatch(folder.name) and folder.is_dir():
                with suppress(FileNotFoundError):  # deleted by another process
                    infos.append(self._read_batch_info(folder))
        return sorted(infos, key=lambda info: (info.created_at, info.id), reverse=True)

    def open(self, batch_id: str) -> Batch:
        """Open a batch.

        Raises:
            WorkspaceError: There is no such batch, or it is damaged.
        """
        return Batch(self._batch_folder(batch_id), self.settings)

    def has(self, batch_id: str) -> bool:
        """Return whether there is a batch with this id, damaged or not."""
        return bool(_BATCH_ID.fullmatch(batch_id)) and (self.folder / batch_id).is_dir()

    def create(
        self,
        checked: CheckedBatch,
        media_dir: Path,
        name: str,
        batch_id: str | None = None,
        sources: Sequence[tuple[str, bytes | Path]] = (),
        kept: Sequence[str] = (),
        record: InputRecord | None = None,
    ) -> Batch:
        """Store a checked batch, atomically.

        Args:
            checked: Posts, rejections and counts, from `analysis.intake.check_batch`.
            media_dir: Where intake stored the images; images of posts are linked or copied.
            name: The analyst's name for the batch; trimmed and shortened, the id if blank, numbered if another batch
                has it.
            batch_id: Lower-case letters, digits and hyphens; None to derive one from the time.
            sources: Name and original content of each table.
            kept: Columns of the analyst's own tables to keep as filters.
            record: The files that were read, and how; None if they are not known, as for a DataFrame.

        Returns:
            The new batch, unscored.

        Raises:
            WorkspaceError: The disk cannot be written, an image is missing, or the id exists or is invalid.
        """
        now = datetime.now(UTC)
        folder = self._batch_folder(batch_id or f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
        n_posts = checked.n_posts
        with wrap_disk_errors(f"Batch {folder.name}"), lock_batch_names(folder, self.settings) as free_name:
            building = new_temporary_path(temporary_root(make_folder_private(self.folder)))
            try:
                building.mkdir(OWNER_ONLY_FOLDER)
                stored_sources = store_sources(sources, building / SOURCES)
                store_images(checked, media_dir, building / MEDIA)
                part_posts = max(self.settings.part_posts, -(-n_posts // self.settings.max_parts))
                reasons = pa.schema([(column, pa.string()) for column in checked.rejected.columns])
                digests = {
                    POSTS: write_parquet(building / POSTS, checked.chunks(), POST_SCHEMA, part_posts),
                    REJECTED: write_parquet(building / REJECTED, checked.rejected, reasons),
                }
                if record is not None:
                    digests[INTAKE] = write_input_record(building / INTAKE, record)
                Manifest(
                    id=folder.name,
                    name=free_name(name),
                    created_at=now,
                    n_posts=n_posts,
                    part_posts=part_posts,
                    counts={kind: asdict(counts) for kind, counts in checked.counts.items()},
                    sources=stored_sources,
                    settings=asdict(self.settings),
                    version=installed_version("postlens"),
                    digests=digests,
                    salt=secrets.token_hex(16),
                    kept=tuple(kept),
                ).write(building)
                _move_into_place(building, folder)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return Batch(folder, self.settings)

    def delete(self, batch_id: str) -> None:
        """Remove a batch, damaged or not, and the labels that people gave its posts.

        Raises:
            WorkspaceError: There is no such batch, or it cannot be removed; it is then unchanged.
        """
        folder = self._batch_folder(batch_id)
        if not folder.is_dir():
            raise WorkspaceError(f"Batch {batch_id}", "does not exist", "Choose a batch from the list.")
        with wrap_disk_errors(f"Batch {batch_id}"):
            remove_folder_atomically(folder, temporary_root(self.folder))
        self.reviews.forget_batch(batch_id)

    def _batch_folder(self, batch_id: str) -> Path:
        if not _BATCH_ID.fullmatch(batch_id):
            raise WorkspaceError(repr(batch_id[:80]), "is not a batch's id", "Choose a batch from the list.")
        return self.folder / batch_id

    def _read_batch_info(self, folder: Path) -> BatchInfo:
        try:
            batch = Batch(folder, self.settings)
            manifest, parts = batch.manifest, range(batch.n_parts)
            scored = sum(
                batch.part_size(index) for index in parts if batch.has_part("scores", index)
            )  # unchecked
        except FileNotFoundError:
            raise
        except Exception as error:  # a damaged batch must not hide the others
            made = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            problem = str(error) if isinstance(error, WorkspaceError) else f"It cannot be read: {error}"
            return BatchInfo(folder.name, folder.name, made, 0, 0, None, problem)
        return BatchInfo(
            manifest.id, manifest.name, manifest.created_at, manifest.n_posts, scored, manifest.bundle
        )

    def _list_folders(self) -> list[Path]:
        try:
            return list(self.folder.iterdir()) if self.folder.is_dir() else []
        except FileNotFoundError:
            return []
        except OSError as error:
            raise WorkspaceError(
                f"The workspace {self.folder}",
                f"cannot be read: {error.strerror or error}",
                "Check its permissions, or set POSTLENS_HOME to a folder that you can read and write.",
            ) from error


def _move_into_place(building: Path, folder: Path) -> None:
    try:
        building.rename(folder)
    except OSError as error:
        if folder.exists():
            raise WorkspaceError(f"Batch {folder.name}", "already exists", "Delete it first.") from error
        raise
