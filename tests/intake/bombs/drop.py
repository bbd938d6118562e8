"""Drops one bomb between two good files and judges what came of it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.intake.bombs.bomb import Bomb
from tests.intake.bombs.reader import IMAGE, TABLE
from tests.intake.bombs.watch import MB, Limits, Run, watch

MOST_MEMORY = 1_536 * MB
LONGEST_STALL = 20.0
_NEIGHBOURS = [["n1", "Good morning", 0], ["n2", "Good night", 1]]


@dataclass(frozen=True)
class Dropped:
    """A bomb that was dropped.

    Attributes:
        bomb: Which.
        size: Its bytes on disk.
        run: What was seen of the process that read it.
        result: What that process said, empty where it died.
    """

    bomb: Bomb
    size: int
    run: Run
    result: dict[str, Any]

    def problems(self) -> list[str]:
        """What is not as it should be."""
        run, found = self.run, []
        if run.memory > MOST_MEMORY:
            found.append(f"took {run.memory / MB:,.0f} MB; the limit is {MOST_MEMORY // MB:,} MB")
        if run.ended:
            found.append(f"was ended: {run.ended}")
        elif run.stall > LONGEST_STALL:
            found.append(f"made no progress for {run.stall:.0f} s")
        if not run.ended and run.status:
            found.append(f"ended with {run.status}: {run.errors.strip()[-300:]}")
        return found + (self._miscounts() if self.result else [])

    def _miscounts(self) -> list[str]:
        result, found = self.result, []
        if "refused" in result:
            return [f"cost the whole drop: {result['refused'][:200]}"]
        for kind, (expected, received, rejected) in result["counts"].items():
            if received + rejected != expected or result["rejections"].get(kind, 0) != rejected:
                found.append(f"{expected} {kind}s came, {received} were taken, {rejected} rejected")
        if result["files"] != result["sums"] or result["files"] < 3:
            found.append(f"of {result['files']} files {result['sums']} are listed")
        listed = [name for name, _ in result["tables"] + result["rejected"]] + result["images"]
        if self.bomb.kind != "zip" and listed != [self.bomb.file]:
            found.append(f"is not listed alone, but {listed}")
        if result["neighbours"] != _NEIGHBOURS:
            found.append(f"harmed its neighbours: {result['neighbours']}")
        return found

    def outcome(self) -> str:
        """What became of it, in a few words."""
        if self.run.ended or not self.result:
            return self.run.ended or f"died: {self.run.errors.strip()[-120:]}"
        if "refused" in self.result:
            return "whole drop refused"
        tables, rejected = self.result["tables"], self.result["rejected"]
        parts = [f"{rows:,} rows read" for _, rows in tables[:1]]
        parts += ["image read" for _ in self.result["images"][:1]]
        parts += [reason for _, reason in rejected[:1]]
        return f"{self.result['files'] - 2:,} files: " * (self.result["files"] > 3) + "; ".join(parts)


def drop(bomb: Bomb, folder: Path, limits: Limits) -> Dropped:
    """Build a bomb and read it in a process of its own.

    Args:
        bomb: Which.
        folder: Empty; holds the files.
        limits: When the process is ended.
    """
    content = bomb.build()
    (folder / bomb.file).write_bytes(content)
    (folder / TABLE).write_text(f"id,text,image\nn1,Good morning,\nn2,Good night,{IMAGE}\n")
    Image.new("RGB", (32, 24), "teal").save(folder / IMAGE)
    command = [sys.executable, "-m", "tests.intake.bombs.reader", str(folder), bomb.file]
    run = watch(command, folder, limits)
    said = run.output[-1] if run.output else ""
    result = json.loads(said) if said.startswith("{") and not run.ended else {}
    return Dropped(bomb, len(content), run, result)
