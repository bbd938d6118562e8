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
        stall: Seconds without a line of output, as `Run.stall` counts them.
        total: Seconds of the whole run.
    """

    memory: int
    stall: float
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
        stall: The longest time without a line of output, in seconds, less those in which a thread was ready to run
            and found no processor free: about what it would have been on a machine of its own.
    """

    output: tuple[str, ...]
    errors: str
    status: int
    ended: str
    memory: int
    seconds: float
    cpu: float
    stall: float


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
    started = time.monotonic()
    written, ended, longest = 0, "", 0.0
    try:
        while not ended and process.poll() is None:
            tree.look()
            stall = tree.stall()
            longest = max(longest, stall)
            if (size := out.stat().st_size) != written:
                written = size
                tree.note_progress()
            elif stall > limits.stall:
                ended = f"no progress for {stall:.0f} s"
            if tree.most > limits.memory:
                ended = f"over {limits.memory / MB:,.0f} MB of memory"
            elif time.monotonic() - started > limits.total:
                ended = f"over {limits.total:.0f} s"
            time.sleep(_STEP)
        seconds = time.monotonic() - started
    finally:  # when this process is interrupted, too
        tree.end()
    return Run(
        tuple(out.read_text("utf-8", "replace").splitlines()),
        err.read_text("utf-8", "replace"),
        process.wait(),
        ended,
        tree.most,
        seconds,
        tree.cpu,
        longest,
    )


class _Tree:
    """A process with all that it started."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.most = 0
        self._pids = {root}
        self._foreign: set[int] = set()  # processes that others started, which need no second look
        self._cpu: dict[tuple[int, str], float] = {}
        self._progress = time.monotonic()
        self._waits: dict[str, int] = {}  # of each thread, by now
        self._waits_then: dict[str, int] = {}  # and at the latest progress

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far, those of processes that ended too."""
        return sum(self._cpu.values())

    def stall(self) -> float:
        """Seconds since the latest progress, less those that its threads waited for a processor."""
        waits = (wait - self._waits_then.get(thread, 0) for thread, wait in self._waits.items())
        return time.monotonic() - self._progress - max(waits, default=0) / 1e9

    def note_progress(self) -> None:
        """Count a stall from now on."""
        self._progress = time.monotonic()
        self._waits_then = dict(self._waits)

    def look(self) -> None:
        """Measure all processes now."""
        listed = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
        self._foreign &= listed
        parents = {pid: stat for pid in listed - self._foreign if (stat := _stat(pid))}
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
        self._foreign |= parents.keys() - self._pids
        for pid in self._pids:
            stat = parents[pid]
            self._cpu[pid, stat[19]] = (int(stat[11]) + int(stat[12])) / _TICKS
            self._waits |= _waits(pid)
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


def _waits(pid: int) -> dict[str, int]:
    """How long each thread was ready to run and did not, nanoseconds; nothing where the system does not say."""
    found = {}
    with suppress(OSError):  # ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found[f"{pid}/{thread.name}"] = int((thread / "schedstat").read_text().split()[1])
    return found


def _share(pid: int) -> int:
    """Bytes of a process, of shared memory its share (PSS); all it holds where the system does not say."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
