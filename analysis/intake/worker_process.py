"""Manages worker processes, which run `analysis.intake.worker`: starts, monitors and ends them."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import psutil

from analysis.importers.refused import RefusedError
from analysis.settings import MB

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Receives the number of items done and the number known so far."""

FileProgress = Callable[[str, int, int], None]
"""Receives the name of a large file, the bytes of it that were read, and its bytes."""

_CHECK_INTERVAL = 0.05  # seconds between two checks of a busy worker's memory
_START_TIMEOUT = 120  # for a worker's imports on a busy machine
_MAX_IDLE = 2  # idle workers
_MAX_IDLE_MEMORY = 400 * MB  # of an idle worker; one with more is replaced
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Limits:
    """Limits for reading one file.

    Attributes:
        memory: Bytes.
        seconds: In total.
        stall: Seconds between two heartbeats.
        is_table: Whether to wait for other tables, so that only one large table is read at a time.
    """

    memory: int
    seconds: float
    stall: float
    is_table: bool = False


class Worker:
    """A running worker process."""

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

    def run(self, request: dict[str, Any], limits: Limits, progress: Progress) -> dict[str, Any]:
        """Send a request and wait for the reply.

        Args:
            request: See `analysis.intake.worker`.
            limits: Of memory and time.
            progress: Receives the worker's reports of progress.

        Raises:
            RefusedError: If the worker exceeded a limit or crashed.
        """
        if not self._ready:
            self._wait(time.monotonic() + _START_TIMEOUT, None)
            self._ready = True
            self._idle_memory = self.memory
        try:
            stdin = self._process.stdin
            assert stdin is not None  # noqa: S101 (it is a pipe)
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise _crash_error() from error
        end = time.monotonic() + limits.seconds
        while True:
            reply = self._wait(min(time.monotonic() + limits.stall, end), limits)
            if "crashed" in reply:
                log.error("Reading a file failed unexpectedly\n%s", reply["crashed"])
                raise _crash_error()
            if "memory" in reply:
                limits = replace(limits, memory=min(limits.memory, reply["memory"]))
            elif "progress" in reply:
                progress(*reply["progress"])
            else:
                return reply

    @property
    def memory(self) -> int:
        """Resident memory of the process, bytes; 0 if it has ended."""
        try:
            return int(self._watched.memory_info().rss)
        except psutil.Error:
            return 0

    @property
    def reusable(self) -> bool:
        """Whether it is running and uses little memory."""
        return self._process.poll() is None and self.memory < _MAX_IDLE_MEMORY

    def end(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _wait(self, deadline: float, limits: Limits | None) -> dict[str, Any]:
        while True:
            try:
                line = self._replies.get(timeout=_CHECK_INTERVAL)
            except queue.Empty:
                # Linux enforces the memory limit itself (`worker`); other systems do not.
                if limits and self.memory - self._idle_memory > limits.memory:
                    raise memory_error(limits.memory) from None
                if time.monotonic() > deadline:
                    raise _timeout_error() from None
                continue
            if line is None:
                raise _crash_error()
            reply: dict[str, Any] = json.loads(line)
            return reply

    def _listen(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 (it is a pipe)
        with suppress(OSError, ValueError):  # the process has ended
            for line in stdout:
                self._replies.put(line)
        self._replies.put(None)


_idle: list[Worker] = []
_guard = threading.Lock()


def start_workers(count: int) -> None:
    """Start workers in advance, whose imports then run while this process imports other modules.

    Args:
        count: Idle workers to have at least; at most as many are kept as after reading files.
    """
    with _guard, suppress(OSError):  # `borrow_worker` will try again
        while len(_idle) < min(count, _MAX_IDLE):
            _idle.append(Worker())


@contextmanager
def borrow_worker() -> Iterator[Worker]:
    """Provide an idle or new worker; it is ended if the block raises."""
    with _guard:
        worker = _idle.pop() if _idle else None
    if worker is None or not worker.reusable:
        if worker is not None:
            worker.end()
        worker = Worker()
    try:
        yield worker
    except BaseException:
        worker.end()
        raise
    with _guard:
        keep = len(_idle) < _MAX_IDLE and worker.reusable
        if keep:
            _idle.append(worker)
    if not keep:
        worker.end()


def memory_error(limit: int) -> RefusedError:
    """Return the error for a file that needs more than so many bytes."""
    return RefusedError(
        f"takes more than {limit / MB:,.0f} MB of memory to read",
        "It may be damaged or unpack to far more than its size; save it again, or split it.",
    )


def _timeout_error() -> RefusedError:
    return RefusedError(
        "takes too long to read",
        "It may be damaged; open it and save it again, or split it.",
    )


def _crash_error() -> RefusedError:
    return RefusedError(
        "could not be read, because it crashed the reader",
        "It may be damaged or need too much memory; open it and save it again.",
    )
