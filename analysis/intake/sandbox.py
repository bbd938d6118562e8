"""Reads files in worker processes with limits on time and memory.

If a parser hangs, crashes or takes too much memory, only its file is refused; the calling process and other files are
not affected. `worker_process` manages the processes, `worker` is the code that runs in them.
"""

from __future__ import annotations

import math
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from PIL import Image

from analysis.errors import IntakeError
from analysis.importers.compressed import decompression_memory
from analysis.importers.importer import ImportOptions
from analysis.importers.refused import RefusedError
from analysis.importers.registry import list_registered_importers, packed_suffixes
from analysis.intake.files import InputFile
from analysis.intake.formats import COMPRESSED, format_by_content
from analysis.intake.media import stored_image_path
from analysis.intake.reading import Reading
from analysis.intake.rejections import Rejection
from analysis.intake.tables import Table
from analysis.intake.transfer import receive_members, receive_reading
from analysis.intake.worker_process import Limits, Progress, borrow_worker, memory_error
from analysis.settings import MB, Settings
from analysis.temporary import temporary_directory

ReadJob = Literal["file", "image", "companion"]
"""What a file is expected to be."""

_one_table = threading.Lock()


def read_in_worker(
    file: InputFile,
    media_dir: Path,
    settings: Settings,
    spool: Path,
    progress: Progress = lambda *_: None,
    options: ImportOptions | None = None,
    job: ReadJob = "file",
) -> Reading:
    """Read a table, or store an image, in a worker process.

    Args:
        file: Any file.
        media_dir: Where images are stored.
        settings: Limits.
        spool: A folder for data passed between the processes; a table's cells stay memory-mapped from there.
        progress: Called twice a second while a large table is read.
        options: How to read a table, where the guess is wrong.
        job: What the file is expected to be: any file, an image and nothing else, or a companion of other files.

    Returns:
        What the file holds.

    Raises:
        RefusedError: See `reader.read_file`; also if reading takes too long or too much memory, or crashes the
        worker.
        OSError: If the disk cannot be written.
    """
    return _request_read(job, file, media_dir, settings, spool, progress, options)


def read_table_in_worker(
    file: InputFile, settings: Settings | None = None, options: ImportOptions | None = None
) -> Table:
    """Read a table in a worker process; its format follows from its name and content as for `parse_table`.

    Raises:
        RefusedError: See `read_in_worker`.
        IntakeError: If the disk cannot be written.
    """
    with _spool() as spool:
        return _request_read("table", file, spool, settings or Settings(), spool, options=options).tables[0]


def read_image_in_worker(file: InputFile, settings: Settings | None = None) -> Image.Image:
    """Read one image in a worker process, as it would be stored in a batch.

    Returns:
        The image, RGB.

    Raises:
        RefusedError: See `read_in_worker`; also if the file is not an image.
        IntakeError: If the disk cannot be written.
    """
    with _spool() as spool:
        (stored,) = _request_read("image", file, spool, settings or Settings(), spool).images
        with Image.open(stored_image_path(spool, stored.media_id)) as opened:
            return opened.convert("RGB")


def unpack_in_worker(
    file: InputFile,
    folder: Path,
    settings: Settings,
    spool: Path,
    progress: Progress,
    tables: Sequence[InputFile] = (),
) -> tuple[list[InputFile], list[Rejection]]:
    """Unpack a zip in a worker process; see `archive.unpack_zip`.

    Args:
        file: The zip.
        folder: An empty folder for its members.
        settings: Limits; the time limit applies to each member.
        spool: See `read_in_worker`.
        progress: Called with the members done and in total.
        tables: Files next to the zip that may name its members.

    Raises:
        RefusedError: See `read_in_worker`.
        OSError: If the disk cannot be written.
    """
    path = _new_worker_reply_file(spool)
    paths = [_stored(table, path, f".{number}") for number, table in enumerate(tables)]
    _run("archive", file, folder, settings, path, progress, tables=paths)
    return receive_members(path)


def _request_read(
    job: str,
    file: InputFile,
    folder: Path,
    settings: Settings,
    spool: Path,
    progress: Progress = lambda *_: None,
    options: ImportOptions | None = None,
) -> Reading:
    path = _new_worker_reply_file(spool)
    _run(job, file, folder, settings, path, progress, options)
    reading = receive_reading(path, file)
    if (
        not reading.tables
    ):  # a folder can have 100,000 images, and nothing of their replies is needed any more
        for ending in ("", ".json", ".input"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    return reading


def _run(
    job: str,
    file: InputFile,
    folder: Path,
    settings: Settings,
    reply_path: Path,
    progress: Progress,
    options: ImportOptions | None = None,
    tables: Sequence[Path] = (),
) -> None:
    path = _stored(file, reply_path)
    limits = _limits(job, file, settings)
    request = {
        "job": job,
        "name": file.name,
        "path": str(path.absolute()),
        "folder": str(folder.absolute()),
        "reply": str(reply_path.absolute()),
        "settings": asdict(settings),
        "options": asdict(options or ImportOptions()),
        "importers": list_registered_importers(),
        "tables": [str(table.absolute()) for table in tables],
        "memory": limits.memory,
    }
    with _one_table if limits.is_table else nullcontext(), borrow_worker() as worker:
        reply = worker.run(request, limits, progress)
    if "refused" in reply:
        raise RefusedError(*reply["refused"])
    if "out_of_memory" in reply:
        raise memory_error(limits.memory)
    if "disk" in reply:
        raise OSError(*reply["disk"])


def _stored(file: InputFile, reply_path: Path, suffix: str = "") -> Path:
    """Return the path of a file's content, which is written next to the reply if it is in memory."""
    if isinstance(file.content, Path):
        return file.content
    path = reply_path.with_name(f"{reply_path.name}.input{suffix}")
    path.write_bytes(file.content)
    return path


def _limits(job: str, file: InputFile, settings: Settings) -> Limits:
    stall = settings.reader_seconds
    if job == "archive":
        return Limits(settings.reader_memory, math.inf, stall)
    if file.is_visual:  # the size of an image says little about its pixels
        return Limits(settings.reader_memory, stall, stall)
    size = file.size
    head = file.head() if size else b""
    if file.suffix in packed_suffixes() or format_by_content(head) in COMPRESSED or job == "companion":
        size *= settings.reader_packed_ratio
    if file.packed_size is not None:
        size = min(size, file.packed_size * settings.reader_packed_ratio)
    # A larger table is refused, or read in chunks, for which the worker lowers the limit of memory (`streamed`).
    whole = min(size, settings.max_table_bytes)
    return Limits(
        settings.reader_table_memory + settings.reader_memory_factor * whole + decompression_memory(head),
        stall + settings.reader_seconds_per_mb * size / MB,
        stall + settings.reader_stall_per_mb * whole / MB,
        is_table=True,
    )


def _new_worker_reply_file(spool: Path) -> Path:
    handle, path = tempfile.mkstemp(dir=spool, prefix="reply-")
    os.close(handle)
    return Path(path)


@contextmanager
def _spool() -> Iterator[Path]:
    try:
        with temporary_directory() as folder:
            yield folder
    except OSError as error:
        raise IntakeError(
            "The temporary folder", f"cannot be written: {error.strerror or error}", "Free some disk space."
        ) from error
