"""Atomic writes (to a temporary file that is flushed and then renamed), locks, and atomic deletion."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from analysis.errors import WorkspaceError
from analysis.settings import MB
from analysis.temporary import OWNER_ONLY_FILE, make_folder_private, new_temporary_path
from analysis.workspace.digests import State, compute_file_digest, get_file_state, record_digest_match
from analysis.workspace.layout import digest_path

_MAX_NUMBER = 1_000
DELETED_PREFIX = ".gone-"
"""Prefix of folders that are being deleted; any process may delete them."""


@contextmanager
def wrap_disk_errors(thing: str) -> Iterator[None]:
    """Convert disk errors (full, read-only, missing) to errors with a remedy.

    Args:
        thing: What is being written, for display.

    Raises:
        WorkspaceError: Instead of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            thing,
            f"cannot be written: {error.strerror or error}",
            "Check that the batch still exists, the free space and your permissions, "
            "or set POSTLENS_HOME to a folder that you can write.",
        ) from error


@contextmanager
def open_atomically(
    path: Path, within: Path | None = None, private: bool = True, overwrite: bool = True
) -> Iterator[IO[bytes]]:
    """Open a file that replaces `path` only after it was written completely.

    Args:
        path: The target.
        within: A folder on the same disk whose `temporary_folder` contains the incomplete file, so that a killed
            process leaves nothing next to `path`; None for a hidden file next to it.
        private: Whether only its owner may read it; otherwise the user's umask applies.
        overwrite: Whether an existing file is replaced; otherwise the new one is numbered: `name_02`.

    Raises:
        OSError: The disk cannot be written.
    """
    temporary = (
        path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        if within is None
        else new_temporary_path(within)
    )
    mode = OWNER_ONLY_FILE if private else 0o666
    try:
        with os.fdopen(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(path)
        else:
            _rename_numbered(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _rename_numbered(temporary: Path, path: Path) -> None:
    """Rename a file, to a numbered name if it exists; safe with concurrent processes."""
    for name in (path, *(path.with_stem(f"{path.stem}_{number:02}") for number in range(2, _MAX_NUMBER))):
        with suppress(FileExistsError):
            try:
                os.link(temporary, name)
            except FileExistsError:
                raise
            except OSError:  # a disk without hard links: create an empty file, then replace it
                os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE))
                temporary.replace(name)
            return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY_FILE), "wb") as file:
        file.write(content)


def copy_private_file(source: BinaryIO, path: Path) -> str:
    """Copy an open file to one that only its owner may read; return its SHA-256 in hexadecimal digits."""
    digest = sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY_FILE), "wb") as file:
        while block := source.read(MB):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def write_parquet(
    path: Path,
    frame: pd.DataFrame | Iterable[pd.DataFrame],
    schema: pa.Schema,
    rows: int | None = None,
    within: Path | None = None,
    label: str | None = None,
    use_dictionary: bool = True,
) -> str:
    """Write a frame, or frames below each other, as Parquet with exactly these columns and types, and with checksums.

    Types are fixed because a part without images has only nulls in some columns, and would otherwise not have the
    types of the other parts.

    Args:
        path: The target.
        frame: The columns of `schema`; several frames are held in memory one at a time.
        schema: Their names and types.
        rows: Rows per row group, which can be read separately; None for pyarrow's default.
        within: See `open_atomically`.
        label: If given, the digest is also written, to `digest_path(path)`, before the table is renamed: a crash
            between the two leaves no table, or one that does not match and is written again.
        use_dictionary: Whether equal values of a frame are stored once; vectors have none, and are read four times as
            fast without.

    Returns:
        The digest (`analysis.workspace.digests.compute_file_digest`).
    """
    with open_atomically(path, within) as file:
        if isinstance(frame, pd.DataFrame):
            table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
            pq.write_table(
                table, file, row_group_size=rows, write_page_checksum=True, use_dictionary=use_dictionary
            )
        else:
            _write_row_groups(file, frame, schema, rows)
        file.flush()
        digest = compute_file_digest(file, label or "")
        written = os.fstat(file.fileno())
        if label is not None:
            with open_atomically(digest_path(path), within) as digest_file:
                digest_file.write(digest.encode())
    with suppress(OSError):
        state: State = get_file_state(path)
        if state[:3] == (written.st_ino, written.st_size, written.st_mtime_ns):
            record_digest_match(path, label or "", state)
    return digest


def _write_row_groups(
    file: IO[bytes], frames: Iterable[pd.DataFrame], schema: pa.Schema, rows: int | None
) -> None:
    """Write at least one frame in row groups of so many rows, whatever the lengths of the frames."""
    waiting: list[pa.Table] = []
    writer: pq.ParquetWriter | None = None
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
            if writer is None:
                writer = pq.ParquetWriter(file, table.schema, write_page_checksum=True)
            waiting.append(table.replace_schema_metadata(writer.schema.metadata))
            if rows is not None and sum(map(len, waiting)) >= rows:
                joined = pa.concat_tables(waiting)
                whole = len(joined) // rows * rows
                writer.write_table(joined.slice(0, whole), row_group_size=rows)
                waiting = [joined.slice(whole)] if whole < len(joined) else []
        if writer is not None and waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=rows)
    finally:
        if writer is not None:
            writer.close()


@contextmanager
def lock_file_exclusively(path: Path, thing: str) -> Iterator[None]:
    """Hold an exclusive lock between threads and processes; the system releases it when a process ends.

    Args:
        path: The lock file, which is not removed.
        thing: What is locked, for display.

    Raises:
        WorkspaceError: It is held elsewhere, or cannot be created.
    """
    with wrap_disk_errors(thing):
        lock = FileLock(path, timeout=0, mode=OWNER_ONLY_FILE)
        try:
            lock.acquire()
        except Timeout as error:
            raise WorkspaceError(
                thing, "is being scored by another process", "Wait until that is done, then try again."
            ) from error
    try:
        yield
    finally:
        lock.release()


def link_or_copy_file(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it if the disk has no hard links; such files are never edited in place."""
    make_folder_private(target.parent)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
        target.chmod(OWNER_ONLY_FILE)


def remove_folder_atomically(folder: Path, within: Path) -> None:
    """Remove a folder atomically for readers: rename it, then delete its content.

    Args:
        folder: The folder.
        within: A folder on the same disk; the renamed folder goes to its `temporary_folder`.

    Raises:
        OSError: It cannot be renamed; it is then unchanged.
    """
    try:
        gone = new_temporary_path(within)
    except OSError:  # on a full disk, deletion must still be possible
        gone = folder.with_name(f"{DELETED_PREFIX}{secrets.token_hex(8)}")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
