"""Drops bombs and prints a table: `python -m tests.intake.bombs [PART OF A NAME ...]`.

Runs go on beyond the limits of the tests, to show how far: up to 2.5 GB or 30 seconds without progress.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.intake.bombs import BOMBS
from tests.intake.bombs.drop import drop
from tests.intake.bombs.watch import MB, Limits

_FAR = Limits(memory=2_500 * MB, stall=30, total=240)


def main(parts: list[str]) -> None:
    chosen = [bomb for bomb in BOMBS.values() if not parts or any(part in bomb.name for part in parts)]
    failed = 0
    print("| bomb | kB | peak MB | s | CPU s | longest stall s | fails | outcome |")
    print("|---|---|---|---|---|---|---|---|")
    for bomb in chosen:
        with tempfile.TemporaryDirectory() as folder:
            dropped = drop(bomb, Path(folder), _FAR)
        run, problems = dropped.run, dropped.problems()
        failed += bool(problems)
        cells = (
            bomb.name,
            f"{dropped.size / 1000:,.1f}",
            f"{run.memory / MB:,.0f}",
            f"{run.seconds:.1f}",
            f"{run.cpu:.1f}",
            f"{run.stall:.1f}",
            "; ".join(problems) or "-",
            dropped.outcome(),
        )
        print(
            "| " + " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells) + " |", flush=True
        )
    print(f"\n{failed} of {len(chosen)} fail.")


if __name__ == "__main__":
    main(sys.argv[1:])
