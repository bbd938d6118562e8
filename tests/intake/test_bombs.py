"""Bombs: none takes much memory or time, each costs one file, and what measures them can be trusted.

`python -m tests.intake.bombs` prints a table of what each of them takes.
"""

from __future__ import annotations

import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.bombs import BOMBS, Bomb
from tests.intake.bombs.drop import LONGEST_STALL, MOST_MEMORY, drop
from tests.intake.bombs.watch import MB, Limits, watch

pytestmark = pytest.mark.slow

_LIMITS = Limits(memory=MOST_MEMORY, stall=LONGEST_STALL, total=240)
_IMPATIENT = Limits(memory=1_000 * MB, stall=0.5, total=60)
_GENEROUS = Limits(memory=1_000 * MB, stall=60, total=60)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that goes at once: bombs unpack to gigabytes, and pytest keeps its own folders for a while."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _each_bomb() -> Iterator[object]:
    """Every bomb; two of each kind run always, the others take minutes."""
    seen: Counter[str] = Counter()
    for name, bomb in BOMBS.items():
        seen[bomb.kind] += 1
        yield pytest.param(bomb, id=name, marks=[pytest.mark.exhaustive] if seen[bomb.kind] > 2 else [])


@pytest.mark.parametrize("bomb", list(_each_bomb()))
def test_a_bomb_takes_little_memory_and_time_and_costs_one_file(bomb: Bomb, folder: Path) -> None:
    dropped = drop(bomb, folder, _LIMITS)
    assert not dropped.problems(), dropped.outcome()


def test_there_are_bombs_of_each_kind() -> None:
    kinds = [bomb.kind for bomb in BOMBS.values()]
    assert len(kinds) >= 84
    assert kinds.count("compressed") >= 6
    assert kinds.count("xlsb") >= 8
    assert min(map(kinds.count, ("parquet", "xlsx", "delimited", "json", "zip", "image"))) >= 18


def _python(code: str, folder: Path, limits: Limits = _GENEROUS):
    return watch([sys.executable, "-c", code], folder, limits)


def test_memory_of_children_counts(folder: Path) -> None:
    child = f"import time; held = b'x' * {200 * MB}; time.sleep(0.5)"
    run = _python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", folder)
    assert (run.ended, run.status) == ("", 0)
    assert 200 * MB < run.memory < 300 * MB


def test_memory_that_processes_share_counts_once(folder: Path) -> None:
    code = f"import os, time; held = b'x' * {200 * MB}; os.fork(); time.sleep(0.5)"
    assert 200 * MB < _python(code, folder).memory < 300 * MB


def test_a_process_that_takes_too_much_memory_is_ended_with_its_children(folder: Path) -> None:
    child = f"import os, time; open('{folder}/pid', 'w').write(str(os.getpid())); held = b'x' * {300 * MB}"
    child += "; time.sleep(60)"
    limits = Limits(memory=150 * MB, stall=60, total=60)
    run = _python(
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", folder, limits
    )
    assert run.ended.startswith("over 150 MB")
    state = Path(f"/proc/{(folder / 'pid').read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_a_busy_process_without_output_is_ended(folder: Path) -> None:
    assert _python("while True: pass", folder, _IMPATIENT).ended.startswith("no progress")


def test_an_idle_process_without_output_is_ended(folder: Path) -> None:
    assert _python("import time; time.sleep(60)", folder, _IMPATIENT).ended.startswith("no progress")


def test_time_in_which_the_machine_does_other_work_is_no_stall(folder: Path) -> None:
    """Four processes on one processor: each of them runs a quarter of the time."""
    code = (
        "import os, time; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); os.fork(); os.fork()\n"
        "end = time.monotonic() + 4\nwhile time.monotonic() < end: pass"
    )
    run = _python(code, folder)
    assert run.ended == ""
    assert run.stall < 0.7 * run.seconds


def test_lines_of_progress_keep_a_process_alive(folder: Path) -> None:
    code = "import time\nfor step in range(20): print(step, flush=True); time.sleep(0.1)"
    run = _python(code, folder, Limits(memory=1_000 * MB, stall=1.5, total=60))
    assert run.ended == ""
    assert run.output[-1] == "19"


def test_a_harmless_file_passes_the_bomb_check(folder: Path) -> None:
    dropped = drop(
        Bomb("harmless", "delimited", "harmless.csv", lambda: b"id,text\n1,hello\n"), folder, _LIMITS
    )
    assert dropped.problems() == []
    assert dropped.result["tables"] == [["harmless.csv", 1]]


def test_quoted_members_unpack_to_what_their_headers_say(folder: Path) -> None:
    """The generators are right: a broken bomb would be refused for being broken."""
    data = BOMBS["zip_members_that_quote_the_next"].build()
    first = zlib.decompressobj(-15).decompress(data[37:])
    assert len(first) == 20 * MB + 249 * 37
