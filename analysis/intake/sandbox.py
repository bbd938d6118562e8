"""Files are read in worker processes with limits of time and memory.

A parser that hangs, dies or takes too much memory costs its own file, which is refused; the process that asked for
it and the other files go on. Workers are kept for the next file. What they do is `analysis.intake.worker`.
"""

from __future__ import annotations

import json
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from analysis.errors import IntakeError
from analysis.intake.files import InputFile
from analysis.intake.formats import PACKED_TABLE_ENDINGS
from analysis.intake.media import Picture, looks_like_picture, media_path
from analysis.intake.rejections import RefusedError, Rejection
from analysis.intake.tables import Table
from analysis.intake.transfer import load_members, load_table
from analysis.settings import MB, Settings

Progress = Callable[[int, int], None]
"""Takes what is done and what is known to do."""

_LOOK_EVERY = 0.05  # seconds between two looks at a busy worker's memory
_START_SECONDS = 120  # for a worker to import what it needs, on a machine that is busy
_KEPT = 2  # idle workers
_KEPT_MEMORY = 400 * MB  # of an idle worker; one that holds more is replaced
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def read(
    file: InputFile,
    media_dir: Path,
    settings: Settings,
    spool: Path,
    progress: Progress = lambda *_: None,
) -> Table | Picture:
    """Read a table, or store a picture, in a worker process.

    Args:
        file: Of any content.
        media_dir: Where pictures are stored.
        settings: Limits.
        spool: A folder for what travels between the processes; a table's cells stay mapped from there.
        progress: Called twice a second while a large table is read.

    Returns:
        The table or picture.

    Raises:
        RefusedError: See `reader.read_file`; also if reading takes too long or too much memory, or ends the worker.
        OSError: If the disk refuses.
    """
    return _read("file", file, media_dir, settings, spool, progress)


def read_table(file: InputFile, settings: Settings | None = None) -> Table:
    """Read a table in a worker process; its format follows from its name as for `parse_table`.

    Raises:
        RefusedError: See `read`.
        IntakeError: If the disk refuses.
    """
    with _spool() as spool:
        table = _read("table", file, spool, settings or Settings(), spool)
    assert isinstance(table, Table)  # noqa: S101 (what this job gives)
    return table


def read_picture(file: InputFile, settings: Settings | None = None) -> Image.Image:
    """Read one picture in a worker process, as it would be stored in a batch.

    Returns:
        The picture, RGB.

    Raises:
        RefusedError: See `read`; also if the file is not a picture.
        IntakeError: If the disk refuses.
    """
    with _spool() as spool:
        stored = _read("picture", file, spool, settings or Settings(), spool)
        assert isinstance(stored, Picture)  # noqa: S101 (what this job gives)
        with Image.open(media_path(spool, stored.media_id)) as opened:
            return opened.convert("RGB")


def expand_archive(
    file: InputFile, folder: Path, settings: Settings, spool: Path, progress: Progress
) -> tuple[list[InputFile], list[Rejection]]:
    """Unpack a zip in a worker process; see `archive.expand`.

    Args:
        file: The zip.
        folder: An empty folder for its members.
        settings: Limits; the time is that between two members.
        spool: See `read`.
        progress: Called with members done and members in all.

    Raises:
        RefusedError: See `read`.
        OSError: If the disk refuses.
    """
    path = _reply_path(spool)
    _run("archive", file, folder, settings, path, progress)
    return load_members(path)


def _read(
    job: str,
    file: InputFile,
    folder: Path,
    settings: Settings,
    spool: Path,
    progress: Progress = lambda *_: None,
) -> Table | Picture:
    path = _reply_path(spool)
    reply = _run(job, file, folder, settings, path, progress)
    return Picture(**reply["picture"]) if "picture" in reply else load_table(path, file)


def _run(
    job: str, file: InputFile, folder: Path, settings: Settings, reply_path: Path, progress: Progress
) -> dict[str, Any]:
    if isinstance(file.content, bytes):
        path = reply_path.with_name(f"{reply_path.name}.input")
        path.write_bytes(file.content)
    else:
        path = file.content
    limits = _limits(job, file, settings)
    request = {
        "job": job,
        "name": file.name,
        "path": str(path.absolute()),
        "folder": str(folder.absolute()),
        "reply": str(reply_path.absolute()),
        "settings": asdict(settings),
        "memory": limits.memory,
    }
    with _one_table if limits.is_table else nullcontext(), _borrowed() as worker:
        reply = worker.run(request, limits, progress)
    if "refused" in reply:
        raise RefusedError(*reply["refused"])
    if "out_of_memory" in reply:
        raise _too_much_memory(limits.memory)
    if "disk" in reply:
        raise OSError(*reply["disk"])
    return reply


@dataclass(frozen=True)
class _Limits:
    """What reading one file may take.

    Attributes:
        memory: Bytes.
        seconds: In all.
        stall: Seconds between two signs of life.
        is_table: Whether it waits for other tables, so that two large ones are not in memory at once.
    """

    memory: int
    seconds: float
    stall: float
    is_table: bool = False


def _limits(job: str, file: InputFile, settings: Settings) -> _Limits:
    stall = settings.reader_seconds
    if job == "archive":
        return _Limits(settings.reader_memory, math.inf, stall)
    if looks_like_picture(file):  # the size of a picture says little about its pixels
        return _Limits(settings.reader_memory, stall, stall)
    size = file.size
    if file.ending in PACKED_TABLE_ENDINGS:
        size *= settings.reader_packed_ratio
    if file.packed_size is not None:
        size = min(size, file.packed_size * settings.reader_packed_ratio)
    return _Limits(
        settings.reader_table_memory + settings.reader_memory_factor * size,
        stall + settings.reader_seconds_per_mb * size / MB,
        stall + settings.reader_stall_per_mb * size / MB,
        is_table=True,
    )


def _reply_path(spool: Path) -> Path:
    handle, path = tempfile.mkstemp(dir=spool, prefix="reply-")
    os.close(handle)
    return Path(path)


@contextmanager
def _spool() -> Iterator[Path]:
    try:
        with tempfile.TemporaryDirectory(prefix="postlens-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        raise IntakeError(
            "The temporary folder", f"cannot be written: {error.strerror or error}", "Free some disk space."
        ) from error


class _Worker:
    """One worker process, and what is needed to end it."""

    def __init__(self) -> None:
        paths = [place for place in sys.path if place]
        environment = {**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "analysis.intake.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="intake worker", daemon=True).start()
        self._watched = psutil.Process(self._process.pid)
        self._idle_memory = 0
        self._ready = False

    def run(self, request: dict[str, Any], limits: _Limits, progress: Progress) -> dict[str, Any]:
        """Have a request answered.

        Args:
            request: See `analysis.intake.worker`.
            limits: What that may take.
            progress: Gets the worker's reports of progress.

        Raises:
            RefusedError: If the worker had to be ended, or ended by itself.
        """
        if not self._ready:
            self._wait(time.monotonic() + _START_SECONDS, None)
            self._ready = True
            self._idle_memory = self.memory
        try:
            stdin = self._process.stdin
            assert stdin is not None  # noqa: S101 (it is a pipe)
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise _died() from error
        end = time.monotonic() + limits.seconds
        while True:
            reply = self._wait(min(time.monotonic() + limits.stall, end), limits)
            if "progress" not in reply:
                return reply
            progress(*reply["progress"])

    @property
    def memory(self) -> int:
        """Bytes of memory that the process occupies; 0 when it is gone."""
        try:
            return int(self._watched.memory_info().rss)
        except psutil.Error:
            return 0

    @property
    def reusable(self) -> bool:
        """Whether it waits for the next request, and holds little memory."""
        return self._process.poll() is None and self.memory < _KEPT_MEMORY

    def end(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _wait(self, deadline: float, limits: _Limits | None) -> dict[str, Any]:
        while True:
            try:
                line = self._replies.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                # Linux holds the process to its memory by itself (`worker`); other systems do not.
                if limits and self.memory - self._idle_memory > limits.memory:
                    raise _too_much_memory(limits.memory) from None
                if time.monotonic() > deadline:
                    raise _too_slow() from None
                continue
            if line is None:
                raise _died()
            reply: dict[str, Any] = json.loads(line)
            return reply

    def _listen(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 (it is a pipe)
        with suppress(OSError, ValueError):  # ended meanwhile
            for line in stdout:
                self._replies.put(line)
        self._replies.put(None)


_one_table = threading.Lock()
_idle: list[_Worker] = []
_guard = threading.Lock()


@contextmanager
def _borrowed() -> Iterator[_Worker]:
    """Take an idle worker or start one; one that did not answer is ended."""
    with _guard:
        worker = _idle.pop() if _idle else None
    if worker is None or not worker.reusable:
        if worker is not None:
            worker.end()
        worker = _Worker()
    try:
        yield worker
    except BaseException:
        worker.end()
        raise
    with _guard:
        keep = len(_idle) < _KEPT and worker.reusable
        if keep:
            _idle.append(worker)
    if not keep:
        worker.end()


def _too_much_memory(limit: int) -> RefusedError:
    return RefusedError(
        f"takes more than {limit / MB:,.0f} MB of memory to read",
        "It is damaged or unpacks to far more than its size; save it again, or split it.",
    )


def _too_slow() -> RefusedError:
    return RefusedError(
        "takes too long to read",
        "It is damaged or made to take long; open it and save it again, or split it.",
    )


def _died() -> RefusedError:
    return RefusedError(
        "could not be read: it made the program that reads it stop",
        "It is damaged, or takes too much memory; open it and save it again.",
    )
