"""The folder of one batch: its manifest, its posts and rejections, and errors that explain damage and deletion."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import PostLensError, WorkspaceError
from analysis.intake.media import stored_image_path
from analysis.settings import Settings
from analysis.temporary import OWNER_ONLY_FOLDER, make_folder_private, temporary_root
from analysis.workspace.digests import matches_digest
from analysis.workspace.files import wrap_disk_errors
from analysis.workspace.layout import HEAT_MAPS, INTAKE, MANIFEST, MEDIA, POSTS, REJECTED, REPORTS
from analysis.workspace.manifest import Manifest, read_manifest
from analysis.workspace.names import lock_batch_names
from analysis.workspace.review_store import ReviewStore
from analysis.workspace.stored_input import read_input_record

if TYPE_CHECKING:
    from analysis.intake.record import InputRecord


UNREADABLE = (OSError, ValueError, pa.ArrowException)
"""Errors that pyarrow raises for missing or damaged files."""

_manifest_lock = threading.Lock()  # a page may rename a batch while the scoring thread records its bundle


class BatchFolder:
    """The folder of one batch.

    Args:
        folder: The folder, named by the batch's id.
        settings: The current limits; those at its creation are in the manifest.

    Raises:
        WorkspaceError: The batch is missing or damaged.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.manifest = self._read_manifest()

    @property
    def id(self) -> str:
        """The batch's id, a safe file name."""
        return self.folder.name

    @property
    def temporary_root(self) -> Path:
        """The folder whose `temporary_folder` contains incomplete files of the batch."""
        return temporary_root(self.folder.parent)

    @property
    def reviews(self) -> ReviewStore:
        """The labels of people in the workspace of the batch."""
        return ReviewStore(self.folder.parent.parent)

    @property
    def posts_path(self) -> Path:
        """The file of the post table; call `check_posts` before reading it."""
        return self.folder / POSTS

    def posts(self) -> pd.DataFrame:
        """Read the post table: `POST_COLUMNS`, in the batch's order."""
        return self._read(POSTS)

    def rejected(self) -> pd.DataFrame:
        """Read the rejected rows and files: kind, name, post_id, reason, remedy, raw."""
        return self._read(REJECTED)

    def input_record(self) -> InputRecord | None:
        """Read how its files were read; None for a batch from before this was recorded, or not from files.

        Raises:
            WorkspaceError: The record is damaged, or the batch was deleted.
        """
        if not self.has_input_record:
            return None
        self._check(INTAKE)
        try:
            return read_input_record(self.folder / INTAKE)
        except (OSError, ValueError) as error:
            raise self._damaged_error(f"{INTAKE} cannot be read") from error

    @property
    def has_input_record(self) -> bool:
        """Whether `input_record` returns a record."""
        return INTAKE in (self.manifest.digests or {})

    def media_path(self, media_id: str) -> Path:
        """Return the file of an image."""
        return stored_image_path(self.folder / MEDIA, media_id)

    def heat_map_path(self, key: str) -> Path:
        """Return the file of a heat map, which may not exist.

        Args:
            key: A hash that identifies the heat map, in hexadecimal digits.
        """
        return self.folder / HEAT_MAPS / key[:2] / f"{key}.png"

    def report_path(self, time: datetime, suffix: str) -> Path:
        """Return the file for a report written at a time; the folder is created.

        Args:
            time: UTC.
            suffix: Of the format, such as ".csv".

        Raises:
            OSError: The disk cannot be written, or the batch was deleted.
        """
        return self.subfolder(REPORTS) / f"{time:%Y-%m-%d-%H%M%S}{suffix}"

    def report_paths(self) -> list[Path]:
        """List the written reports, newest first."""
        reports = (self.folder / REPORTS).glob("[!.]*")
        return sorted((path for path in reports if path.is_file()), reverse=True)

    def check_posts(self) -> None:
        """Compare the post table with its digest.

        Raises:
            WorkspaceError: It is damaged, or the batch was deleted.
        """
        self._check(POSTS)

    def subfolder(self, *names: str) -> Path:
        """Create a folder within the batch's folder; a deleted batch is not created again.

        Raises:
            OSError: The disk cannot be written, or the batch was deleted.
        """
        first = self.folder / names[0]
        first.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        return make_folder_private(first.joinpath(*names[1:]))

    def make_parent(self, path: Path) -> None:
        """Create the folders of a file within the batch's folder; see `subfolder`."""
        self.subfolder(*path.relative_to(self.folder).parent.parts)

    @contextmanager
    def writing(self, thing: str) -> Iterator[None]:
        """Convert disk errors to errors with a remedy, as `files.writing` does.

        Args:
            thing: What is being written, for display.

        Raises:
            WorkspaceError: Instead of any OSError; also if the batch was deleted.
        """
        with self.deletion_named(), wrap_disk_errors(thing):
            yield

    @contextmanager
    def deletion_named(self) -> Iterator[None]:
        """If the batch was deleted, replace any error in the block with one that reports the deletion.

        Raises:
            WorkspaceError: The batch was deleted.
        """
        try:
            yield
        except (PostLensError, *UNREADABLE) as error:
            if self.folder.is_dir():
                raise
            raise self._deleted_error() from error

    def changed_error(self, why: str = "") -> WorkspaceError:
        """Return the error for files that cannot be read although no damage is known."""
        if not self.folder.is_dir():
            return self._deleted_error()
        return WorkspaceError(
            f"Batch {self.id}",
            f"changed while it was read, or cannot be read{why and f' ({why})'}",
            "Try again; if that fails too, score it again.",
        )

    def rename(self, name: str) -> None:
        """Rename the batch. The name is trimmed and shortened, and numbered if taken; a blank one becomes the id."""
        with self.writing(f"Batch {self.id}"), lock_batch_names(self.folder, self.settings) as free_name:
            free = free_name(name)
            self._change(lambda manifest: replace(manifest, name=free))

    def set_bundle(
        self,
        bundle_id: str | None,
        encoders: str | None = None,
        shares: str | None = None,
        trained_heads: tuple[str, ...] = (),
    ) -> None:
        """Record what the scores, encodings and words come from; see `Manifest`. None if there are none.

        The engines of other encoders are discarded. If labels of the batch trained the model, those up to now count
        as its training labels.
        """

        def change(manifest: Manifest) -> Manifest:
            until = dict(manifest.trained_until)
            if bundle_id and trained_heads and bundle_id not in until:
                until[bundle_id] = self.reviews.find_last_change(self.id)
            engines = manifest.engines if encoders == manifest.encoders else ()
            return replace(
                manifest,
                bundle=bundle_id,
                encoders=encoders,
                shares=shares,
                trained_heads=trained_heads,
                trained_until=until,
                engines=engines,
            )

        self._change(change)

    def record_merged(self, batch_ids: Sequence[str]) -> None:
        """Record of which batches this one was merged; see `rename` for errors."""
        self._change(lambda manifest: replace(manifest, merged_from=tuple(batch_ids)))

    def record_engine(self, engine: Mapping[str, Any]) -> None:
        """Record what encodes posts of the batch, unless it is recorded already; see `Manifest.engines`."""

        def change(manifest: Manifest) -> Manifest:
            known = manifest.engines
            return manifest if engine in known else replace(manifest, engines=(*known, engine))

        if engine not in self.manifest.engines:
            self._change(change)

    def _check(self, name: str) -> None:
        """Compare a file with its digest in the manifest."""
        if self.manifest.digests is None:
            return
        try:
            whole = matches_digest(self.folder / name, self.manifest.digests.get(name, ""))
        except OSError as error:
            raise self._damaged_error(f"{name} cannot be read") from error
        if not whole:
            raise self._damaged_error(f"{name} does not match its checksum")

    def _read(self, name: str) -> pd.DataFrame:
        self._check(name)
        try:
            return table_to_frame(pq.read_table(self.folder / name, page_checksum_verification=True))
        except UNREADABLE as error:
            raise self._damaged_error(f"{name} cannot be read") from error

    def _read_manifest(self) -> Manifest:
        try:
            manifest = read_manifest(self.folder)
        except UNREADABLE as error:
            raise self._damaged_error(f"{MANIFEST} cannot be read") from error
        try:
            n_posts = pq.read_metadata(self.folder / POSTS).num_rows
        except UNREADABLE as error:
            raise self._damaged_error(f"{POSTS} cannot be read") from error
        if n_posts != manifest.n_posts:
            raise self._damaged_error(
                f"{POSTS} contains {n_posts:,} posts, the manifest lists {manifest.n_posts:,}"
            )
        return manifest

    def _damaged_error(self, how: str) -> WorkspaceError:
        if not self.folder.is_dir():
            return self._deleted_error()
        return WorkspaceError(
            f"Batch {self.id}", f"is damaged: {how}", "Delete it and upload the posts again."
        )

    def _deleted_error(self) -> WorkspaceError:
        fact = "was deleted" if hasattr(self, "manifest") else "does not exist"
        return WorkspaceError(f"Batch {self.id}", fact, "Choose another batch, or upload it again.")

    def _change(self, edit: Callable[[Manifest], Manifest]) -> None:
        """Edit the current manifest on disk, which may have changed since this batch was opened."""
        with _manifest_lock, self.writing(f"Batch {self.id}"):
            self.manifest = edit(self._read_manifest())
            self.manifest.write(self.folder, self.temporary_root)


def table_to_frame(table: pa.Table) -> pd.DataFrame:
    """Convert a table to pandas, with integers that may be null."""
    frame: pd.DataFrame = table.to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype()}.get, ignore_metadata=True
    )
    return frame
