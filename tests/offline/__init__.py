"""Runs code in a Python of its own that records, and refuses, every host name look-up and every connection.

The recorder is `site/sitecustomize.py`: Python imports it before anything else, in child processes too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
"""Environment variables that the code sees; none of them names a home folder or switches off telemetry."""


@dataclass(frozen=True)
class OfflineRun:
    """What a run did.

    Attributes:
        code: Its exit code.
        output: Standard output and standard error.
        attempts: Look-ups and connections that it tried, one line each.
        written: Files left in its home folder, which was empty at the start.
    """

    code: int
    output: str
    attempts: list[str]
    written: list[str]


def run_offline(code: str, folder: Path, *arguments: object) -> OfflineRun:
    """Run Python code without a network, with an empty home folder and with standard input closed.

    Args:
        code: What to run; `sys.argv[1:]` are the arguments.
        folder: An empty folder for the home folder and the record.
        arguments: For the code.
    """
    home, record, temporary = folder / "home", folder / "attempts.txt", folder / "temporary"
    for made in (home, temporary):
        made.mkdir()
    record.touch()
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "OFFLINE_RECORD": str(record),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "site"), str(ROOT)]),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )
    written = sorted(str(path.relative_to(home)) for path in home.rglob("*") if not path.is_dir())
    return OfflineRun(done.returncode, done.stdout, record.read_text().splitlines(), written)
