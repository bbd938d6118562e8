"""Copies a workspace into one file, also while PostLens runs, and restores it elsewhere.

A backup is a zip archive without compression, as nearly all files of a workspace are compressed already:

    batches/ID/...       the files of each batch
    reviews.sqlite       labels, notes and saved views, copied by SQLite's own backup
    mappings.json, topics.json, pseudonyms.salt, models/
    backup.json          the version of this format, and the size and SHA-256 of every file

A batch that is deleted meanwhile is left out. Of a batch that is being scored, the backup has the parts that were
complete; scoring goes on from there. Temporary files, locks and compiled encoders are not copied.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from analysis.environment import installed_version
from analysis.errors import WorkspaceError
from analysis.settings import MB
from analysis.temporary import OWNER_ONLY_FOLDER, make_folder_private, new_temporary_path
from analysis.workspace.files import copy_private_file, open_atomically, wrap_disk_errors
from analysis.workspace.layout import BATCHES, MANIFEST, MAPPINGS, MODELS, REVIEWS, SALT, TOPICS

_LISTING = "backup.json"
_VERSION = 1
_TIMEOUT = 30  # seconds to wait for another process that writes labels
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),
    *(KeyError, ValueError, TypeError, AttributeError),
)
"""Errors that `zipfile` and the reading of the listing raise for damaged files."""
_DAMAGED = "is damaged or not complete"
_MAKE_AGAIN = "Use another backup, or make it again."


@dataclass(frozen=True)
class BackupSummary:
    """What a backup has.

    Attributes:
        batches: Number of batches.
        files: Number of files.
        nbytes: Their size in bytes.
        left_out: Ids of batches that were deleted while it was made.
    """

    batches: int
    files: int
    nbytes: int
    left_out: tuple[str, ...] = ()


def write_backup(home: Path, out: Path) -> BackupSummary:
    """Copy a workspace into one file, which only its owner may read; an existing file is replaced.

    Args:
        home: The workspace's folder.
        out: The backup.

    Raises:
        WorkspaceError: There is no workspace, one of its files cannot be read, or the backup cannot be written.
    """
    if not (home / BATCHES).is_dir() and not (home / REVIEWS).exists():
        raise WorkspaceError(
            f"The workspace {home}", "has no batches", "Set --home to the folder of a workspace."
        )
    if out.resolve().is_relative_to(home.resolve()):
        raise WorkspaceError(str(out), "is inside the workspace", "Choose another folder for the backup.")
    listed: dict[str, dict[str, Any]] = {}
    left_out = []
    with (
        wrap_disk_errors(str(out)),
        open_atomically(out) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        for folder in sorted(_list_batches(home)):
            for path in _list_files(folder):
                _add(archive, home, path, listed)
            if not folder.is_dir():
                left_out.append(folder.name)
        for path in (home / MAPPINGS, home / TOPICS, home / SALT, *_list_files(home / MODELS)):
            _add(archive, home, path, listed)
        if (home / REVIEWS).exists():
            listed[REVIEWS] = _add_database(archive, home)
        kept = {name: each for name, each in listed.items() if _batch_of(name) not in left_out}
        listing = {
            "version": _VERSION,
            "postlens": installed_version("postlens"),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": kept,
        }
        archive.writestr(_LISTING, json.dumps(listing, indent=1))
    return _summarise(kept, left_out)


def restore_backup(backup: Path, home: Path) -> BackupSummary:
    """Write the workspace of a backup to a folder that is missing or empty, after checking every file.

    Args:
        backup: From `write_backup`.
        home: The folder. It is unchanged if the backup cannot be restored.

    Raises:
        WorkspaceError: The backup is damaged or from a later version, the folder is not empty, or it cannot be
            written.
    """
    home = home.absolute()
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise WorkspaceError(
            str(home), "is not empty", "Set --home to a new folder, or move the old one away."
        )
    building = home.with_name(f".{home.name}-{secrets.token_hex(4)}")
    with wrap_disk_errors(str(home)):
        make_folder_private(home.parent)
        try:
            listed = _extract(backup, building)
            if home.exists():
                home.rmdir()
            building.rename(home)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return _summarise(listed, [])


def _list_batches(home: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield from (path for path in (home / BATCHES).iterdir() if path.is_dir() and path.name[0] != ".")


def _list_files(folder: Path) -> Iterator[Path]:
    """List the files of a folder; the manifest of a batch is the last.

    The manifest names what the other files belong to. If it is copied last, none of them is newer.
    """
    files = []
    with suppress(FileNotFoundError):  # deleted meanwhile
        for path in sorted(folder.iterdir(), key=lambda each: (each.name == MANIFEST, each.name)):
            if path.name.startswith("."):
                continue
            if path.is_dir():
                yield from _list_files(path)
            else:
                files.append(path)
    yield from files


def _add(archive: zipfile.ZipFile, home: Path, path: Path, listed: dict[str, dict[str, Any]]) -> None:
    """Copy a file, and list it; without it, or if it was deleted a moment ago, nothing is copied."""
    name = path.relative_to(home).as_posix()
    with suppress(FileNotFoundError), path.open("rb") as file:
        listed[name] = _copy(archive, name, file)


def _copy(archive: zipfile.ZipFile, name: str, file: BinaryIO) -> dict[str, Any]:
    digest, size = sha256(), 0
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
        while block := file.read(MB):
            digest.update(block)
            size += len(block)
            target.write(block)
    return {"sha256": digest.hexdigest(), "bytes": size}


def _add_database(archive: zipfile.ZipFile, home: Path) -> dict[str, Any]:
    copy = new_temporary_path(home)
    try:
        with (
            closing(sqlite3.connect(home / REVIEWS, timeout=_TIMEOUT)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        with copy.open("rb") as file:
            return _copy(archive, REVIEWS, file)
    except sqlite3.Error as error:
        raise WorkspaceError(
            str(home / REVIEWS), f"cannot be read: {error}", "Move the damaged file away, and try again."
        ) from error
    finally:
        copy.unlink(missing_ok=True)


def _extract(backup: Path, building: Path) -> dict[str, dict[str, Any]]:
    try:
        with zipfile.ZipFile(backup) as archive:
            listing = json.loads(archive.read(_LISTING))
            if listing["version"] > _VERSION:
                raise WorkspaceError(
                    str(backup), "was made by a later version of PostLens", "Update PostLens to restore it."
                )
            listed: dict[str, dict[str, Any]] = listing["files"]
            building.mkdir(OWNER_ONLY_FOLDER)
            (building / BATCHES).mkdir(OWNER_ONLY_FOLDER)
            for name, each in listed.items():
                if not _is_safe(name):
                    raise WorkspaceError(str(backup), f"has a file with the path {name[:80]!r}", _MAKE_AGAIN)
                path = building.joinpath(*PurePosixPath(name).parts)
                make_folder_private(path.parent)
                with archive.open(name) as file:
                    if copy_private_file(file, path) != each["sha256"]:  # type: ignore[arg-type]
                        raise WorkspaceError(str(backup), f"{_DAMAGED}: {name} differs", _MAKE_AGAIN)
    except FileNotFoundError as error:
        raise WorkspaceError(str(backup), "does not exist", "Check the path of the backup.") from error
    except _UNREADABLE as error:
        raise WorkspaceError(str(backup), f"{_DAMAGED}, or is no backup of PostLens", _MAKE_AGAIN) from error
    return listed


def _is_safe(name: str) -> bool:
    """Return whether a file stays within the folder that it is written to, on every system."""
    parts = name.split("/")
    return all(part not in ("", ".", "..") and not {*part} & {*"\\:\0"} for part in parts)


def _batch_of(name: str) -> str:
    parts = name.split("/")
    return parts[1] if parts[0] == BATCHES else ""


def _summarise(listed: dict[str, dict[str, Any]], left_out: list[str]) -> BackupSummary:
    batches = {_batch_of(name) for name in listed} - {""}
    return BackupSummary(
        len(batches), len(listed), sum(each["bytes"] for each in listed.values()), tuple(left_out)
    )
