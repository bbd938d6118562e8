"""All batches under one home folder: list them, open one, make one.

What a batch can do is `analysis.workspace.batch`; what it holds is drawn in `analysis.workspace`.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from analysis.errors import WorkspaceError
from analysis.intake.media import media_path
from analysis.posts import POST_SCHEMA
from analysis.settings import Settings
from analysis.workspace.batch import Batch, clean_name
from analysis.workspace.files import discard, link_or_copy, write_table, writing
from analysis.workspace.manifest import Manifest

if TYPE_CHECKING:
    from analysis.intake import CheckedBatch

_BATCH_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def default_home() -> Path:
    """Return the workspace's folder: $POSTLENS_HOME, else .postlens in the user's home folder."""
    return Path(os.environ.get("POSTLENS_HOME") or "~/.postlens").expanduser()


@dataclass(frozen=True)
class BatchInfo:
    """One line of the list of batches; `problem` says why a damaged one cannot be opened, else None."""

    id: str
    name: str
    created_at: datetime
    n_posts: int
    scored: int
    bundle: str | None
    problem: str | None = None


class Workspace:
    """All batches under one home folder.

    Args:
        home: The folder; made when the first batch is.
        settings: Limits for the batches made and shown here.
    """

    def __init__(self, home: Path, settings: Settings | None = None) -> None:
        self.folder = home / "batches"
        self.settings = settings or Settings()

    def batches(self) -> list[BatchInfo]:
        """List every batch, newest first; a damaged one is listed with its problem."""
        infos = []
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if _BATCH_ID.fullmatch(folder.name) and folder.is_dir():
                with suppress(FileNotFoundError):  # deleted by someone else meanwhile
                    infos.append(self._info(folder))
        return sorted(infos, key=lambda info: (info.created_at, info.id), reverse=True)

    def open(self, batch_id: str) -> Batch:
        """Open a batch.

        Raises:
            WorkspaceError: If there is no such batch, or it is damaged.
        """
        return Batch(self._path(batch_id), self.settings)

    def create(
        self,
        checked: CheckedBatch,
        media_dir: Path,
        name: str,
        batch_id: str | None = None,
        sources: Sequence[tuple[str, bytes | Path]] = (),
    ) -> Batch:
        """Store a checked batch, wholly or not at all.

        Args:
            checked: Posts, rejections and counts, from `analysis.intake.check_batch`.
            media_dir: Where intake stored the pictures; those that posts use are linked or copied.
            name: The analyst's name for the batch; trimmed and shortened, the id where it is blank.
            batch_id: Lower-case letters, digits and hyphens; made from the time when None.
            sources: Name and content of each table, kept as it came.

        Returns:
            The new batch, unscored.

        Raises:
            WorkspaceError: If the disk refuses, a picture is missing, or the id is taken or not an id.
        """
        now = datetime.now(UTC)
        folder = self._path(batch_id or f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
        building = folder.with_name(f".new-{secrets.token_hex(8)}")
        n_posts = len(checked.posts)
        with writing(f"Batch {folder.name}"):
            try:
                building.mkdir(parents=True)
                sources_kept = _keep_sources(sources, building / "source")
                for media_id in checked.posts["images"].explode().dropna().unique():
                    picture = media_path(media_dir, media_id)
                    link_or_copy(picture, building / "media" / picture.relative_to(media_dir))
                part_posts = max(self.settings.part_posts, -(-n_posts // self.settings.max_parts))
                write_table(building / "posts.parquet", checked.posts, POST_SCHEMA, part_posts)
                reasons = pa.schema([(column, pa.string()) for column in checked.rejected.columns])
                write_table(building / "rejected.parquet", checked.rejected, reasons)
                Manifest(
                    id=folder.name,
                    name=clean_name(name, self.settings) or folder.name,
                    created_at=now,
                    n_posts=n_posts,
                    part_posts=part_posts,
                    counts={kind: asdict(counts) for kind, counts in checked.counts.items()},
                    sources=sources_kept,
                    settings=asdict(self.settings),
                    version=_version(),
                ).write(building)
                _publish(building, folder)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return Batch(folder, self.settings)

    def delete(self, batch_id: str) -> None:
        """Remove a batch with everything in it, damaged or not.

        Raises:
            WorkspaceError: If there is no such batch, or the disk refuses; it is then whole.
        """
        with writing(f"Batch {batch_id[:80]}"):
            discard(self._path(batch_id))

    def _path(self, batch_id: str) -> Path:
        if not _BATCH_ID.fullmatch(batch_id):
            raise WorkspaceError(repr(batch_id[:80]), "is not a batch's id", "Choose a batch from the list.")
        return self.folder / batch_id

    def _info(self, folder: Path) -> BatchInfo:
        try:
            batch = Batch(folder, self.settings)
        except WorkspaceError as error:
            made = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            return BatchInfo(folder.name, folder.name, made, 0, 0, None, problem=str(error))
        said = batch.manifest
        return BatchInfo(said.id, said.name, said.created_at, said.n_posts, batch.scored(), said.bundle)


def _keep_sources(sources: Sequence[tuple[str, bytes | Path]], folder: Path) -> tuple[Mapping[str, str], ...]:
    """Store tables under names of ours, since their own may be paths; the manifest keeps their names."""
    folder.mkdir()
    kept = []
    for index, (name, content) in enumerate(sources):
        data = content if isinstance(content, bytes) else content.read_bytes()
        file = f"{index:05d}"
        (folder / file).write_bytes(data)
        kept.append({"name": name, "file": file, "sha256": sha256(data).hexdigest()})
    return tuple(kept)


def _publish(building: Path, folder: Path) -> None:
    try:
        building.rename(folder)
    except OSError as error:
        if folder.exists():
            raise WorkspaceError(f"Batch {folder.name}", "exists already", "Delete it first.") from error
        raise


def _version() -> str:
    try:
        return metadata.version("postlens")
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
