"""Reads one bomb between two good files, in a process of its own: `python -m tests.intake.bombs.reader FOLDER NAME`.

Each step of the progress is a line; the last line is JSON and says what became of the bomb.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from analysis.errors import IntakeError
from analysis.intake import InputFile, check_batch, read_inputs

TABLE, IMAGE = "good neighbour.csv", "good neighbour.png"
"""Names of the two good files in the folder; the table names the image."""


def read(folder: Path, name: str) -> dict[str, object]:
    """Read the bomb and its neighbours, and say what came of them."""
    files = [InputFile(file, folder / file) for file in (TABLE, name, IMAGE)]
    try:
        inputs = read_inputs(files, folder / "media", progress=_report)
        _line("checking")
        checked = check_batch(inputs, progress=_report)
    except IntakeError as error:
        return {"refused": str(error)}
    posts = checked.posts[checked.posts["source"] == TABLE]
    rejected = inputs.rejected[:5]
    return {
        "files": inputs.expected_files,
        "sums": len(inputs.tables) + len(inputs.images) + len(inputs.rejected),
        "tables": [[table.name, table.n_rows] for table in inputs.tables if table.name != TABLE][:5],
        "images": [image for image in inputs.images if image != IMAGE][:5],
        "rejected": [[file.name[:80], file.reason[:200]] for file in rejected],
        "counts": {
            kind: [counts.expected, counts.received, counts.rejected]
            for kind, counts in checked.counts.items()
        },
        "posts": len(checked.posts),
        "neighbours": [[post.post_id, post.text, len(post.images)] for post in posts.itertuples()],
        "rejections": {str(kind): int(n) for kind, n in checked.rejected["kind"].value_counts().items()},
    }


def _report(done: int, total: int) -> None:
    _line(f"{done} of {total}")


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _line("started")
    _line(json.dumps(read(Path(sys.argv[1]), sys.argv[2])))
