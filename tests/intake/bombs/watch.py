"""Runs a command and measures, from outside, the memory and time of all its processes together."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_STEP = 0.02  # seconds between two looks
MB = 1024 * 1024
_ADDRESSES = 12_000 * MB  # of any process: more than a run may hold, less than harms the machine


@dataclass(frozen=True)
class Limits:
    """When a run is ended.

    Attributes:
        memory: Bytes of all processes together.
        stall: Seconds without a line of output, both by the clock and of processor time. A machine that is busy with
            other things slows the clock's seconds but not the processor's.
        waiting: Seconds without a line of output by the clock alone, for a process that waits and does not compute.
        total: Seconds of the whole run.
    """

    memory: int
    stall: float
    waiting: float
    total: float


@dataclass(frozen=True)
class Run:
    """What was seen.

    Attributes:
        output: The lines that the command wrote.
        errors: What it wrote to standard error.
        status: Its exit status, negative for a signal.
        ended: Why it was ended, "" when it ended by itself.
        memory: The most bytes that its processes held together.
        seconds: How long it ran.
        cpu: Seconds of processor time of its processes.
        stall: The longest time without a line of output, seconds.
        stall_cpu: Processor time in that time.
    """

    output: tuple[str, ...]
    errors: str
    status: int
    ended: str
    memory: int
    seconds: float
    cpu: float
    stall: float
    stall_cpu: float


def watch(command: Sequence[str], folder: Path, limits: Limits) -> Run:
    """Run a command until it ends or goes over a limit.

    Args:
        command: The program and its arguments; it runs in this process's working directory.
        folder: Holds its output meanwhile.
        limits: When to end it.
    """
    out, err = folder / "stdout", folder / "stderr"
    with out.open("wb") as output, err.open("wb") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, start_new_session=True)
    resource.prlimit(process.pid, resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))  # between two looks, too
    tree = _Tree(process.pid)
    started = last = time.monotonic()
    last_cpu, written, ended, stall = 0.0, 0, "", (0.0, 0.0)
    while not ended and process.poll() is None:
        tree.look()
        now = time.monotonic()
        size = out.stat().st_size
        waited = now - last, tree.cpu - last_cpu
        stall = max(stall, waited)
        if size != written:
            written, last, last_cpu = size, now, tree.cpu
        ended = _over(limits, tree, waited, now - started)
        time.sleep(_STEP)
    seconds = time.monotonic() - started
    stall = max(stall, (time.monotonic() - last, tree.cpu - last_cpu))
    tree.end()
    status = process.wait()
    text = out.read_text("utf-8", "replace")
    return Run(
        tuple(text.splitlines()),
        err.read_text("utf-8", "replace"),
        status,
        ended,
        tree.most,
        seconds,
        tree.cpu,
        *stall,
    )


def _over(limits: Limits, tree: _Tree, waited: tuple[float, float], seconds: float) -> str:
    if tree.most > limits.memory:
        return f"over {limits.memory / MB:,.0f} MB of memory"
    if min(waited) > limits.stall or waited[0] > limits.waiting:
        return f"no progress for {waited[0]:.0f} s ({waited[1]:.0f} s of processor time)"
    return f"over {limits.total:.0f} s" if seconds > limits.total else ""


class _Tree:
    """A process with all that it started."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.most = 0
        self._pids = {root}
        self._cpu: dict[tuple[int, str], float] = {}

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far, those of processes that ended too."""
        return sum(self._cpu.values())

    def look(self) -> None:
        """Measure all processes now."""
        parents = {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit() and (stat := _stat(int(entry.name))):
                parents[int(entry.name)] = stat
        self._pids = {pid for pid in self._pids if pid in parents}
        grown = True
        while grown:  # a child of a child may come first
            more = {
                pid
                for pid, stat in parents.items()
                if pid not in self._pids and (int(stat[1]) in self._pids or int(stat[3]) == self.root)
            }
            self._pids |= more
            grown = bool(more)
        for pid in self._pids:
            stat = parents[pid]
            self._cpu[pid, stat[19]] = (int(stat[11]) + int(stat[12])) / _TICKS
        held = sum(int(parents[pid][21]) for pid in self._pids) * _PAGE
        if held > self.most and len(self._pids) > 1:  # what processes share is counted twice in `held`
            held = sum(map(_share, self._pids))
        self.most = max(self.most, held)

    def end(self) -> None:
        """End every process, and wait until they are gone."""
        for _ in range(500):
            alive = {pid for pid in self._pids if (stat := _stat(pid)) and stat[0] != "Z"}
            if not alive:
                return
            for pid in alive:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_STEP)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the command's name; the first is the state."""
    try:
        content = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:  # ended meanwhile
        return None
    return content[content.rindex(b")") + 2 :].decode().split()


def _share(pid: int) -> int:
    """Bytes of a process, of shared memory its share (PSS); all it holds where the system does not say."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
