"""Writing that is whole or absent: a temporary file beside the target, flushed to disk, then renamed.

Which files a batch has is `analysis.workspace.batch`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from analysis.errors import WorkspaceError


@contextmanager
def writing(thing: str) -> Iterator[None]:
    """Turn a refusal of the disk (full, read-only, gone) into an error that says what to do.

    Args:
        thing: What is being written, in the analyst's words.

    Raises:
        WorkspaceError: In place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            thing,
            f"cannot be written: {error.strerror or error}",
            "Check that the batch still exists, the free space and your permissions, "
            "or set POSTLENS_HOME to a folder of yours.",
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` only when it was written to its end."""
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_table(path: Path, frame: pd.DataFrame, schema: pa.Schema, rows: int | None = None) -> None:
    """Write a frame as Parquet with exactly these columns and types, and checksums against damage on the disk.

    Types are fixed because a part without any picture holds only nulls in some columns, and would
    otherwise not fit together with its neighbours.

    Args:
        path: Where.
        frame: The columns of `schema`.
        schema: Their names and types.
        rows: Of a row group, which can be read without the others; None for pyarrow's own.
    """
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    with replacing(path) as file:
        pq.write_table(table, file, row_group_size=rows, write_page_checksum=True)


@contextmanager
def only_one(path: Path, thing: str) -> Iterator[None]:
    """Hold a lock that only one thread of one process can; the system frees it when a process dies.

    Args:
        path: The lock's file; it stays.
        thing: What is locked, in the analyst's words.

    Raises:
        WorkspaceError: Another one holds it, or it cannot be made.
    """
    with writing(thing):
        lock = FileLock(path, timeout=0)
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


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk cannot; such files are never edited in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def discard(folder: Path) -> None:
    """Remove a folder at once for every reader: rename it out of sight, then delete what it holds."""
    gone = folder.with_name(f".gone-{secrets.token_hex(8)}")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
