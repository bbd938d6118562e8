"""`postlens bench cold`: measures cold starts in new processes."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from analysis.bench.machine import run_in_new_process
from analysis.bench.scoring import (
    generate_synthetic_texts,
    measure_encoder_rate,
    measure_reference_rate,
)

_PIXELS, _SCALE = 32, 12  # of a synthetic image: blocks of a random colour


@dataclass(frozen=True)
class ColdScoring:
    """Seconds that a new process takes from the command to the report.

    Attributes:
        posts: Number of posts, each with an image.
        first: PostLens, with nothing in its cache of compiled encoders.
        later: PostLens, with the cache of the first run.
        encoders: Its compiled encoders alone, from memory.
        reference: BERT-base with ResNet-50, without its start (`analysis.bench.scoring`).
    """

    posts: int
    first: float
    later: float
    encoders: float
    reference: float

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Format the figures for the terminal."""
        return [
            f"score {self.posts:,} posts with images: first run {self.first:.1f} s, later {self.later:.1f} s",
            f"its encoders alone take {self.encoders:.1f} s ({self.later / self.encoders:.2f} times as long in all)",
            f"the reference takes {self.reference:.1f} s, {self.reference / self.later:.1f} times as long",
        ]


def time_cold_scoring(bundle: str, posts: int = 1_450, fewer: int = 96) -> ColdScoring:
    """Time `postlens score` on a folder of synthetic posts in new processes, without and with compiled encoders.

    Args:
        bundle: Name or folder of the model.
        posts: Number of posts.
        fewer: Number of posts for the slow reference.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-bench-") as folder:
        source = Path(folder) / "input"
        images = write_synthetic_input(source, posts)
        score = ["score", str(source), "--out", f"{folder}/report.csv", "--model", bundle, "--no-words"]
        home = {"POSTLENS_HOME": f"{folder}/home"}
        first, later = (
            _time_process(f"from analysis.cli import main; main({score!r})", 1, home) for _ in "ab"
        )
        encoders = run_in_new_process(partial(measure_encoder_rate, bundle, images[:16], posts, "auto"))
        reference = run_in_new_process(partial(measure_reference_rate, bundle, images[:16], fewer))
    return ColdScoring(posts, first, later, posts / encoders, posts / reference)


def write_synthetic_input(folder: Path, posts: int, seed: int = 0) -> list[Path]:
    """Write a table of posts and an image for each, all different; return the images."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    images = [folder / f"{number}.jpg" for number in range(posts)]
    for path in images:
        small = Image.fromarray(rng.integers(0, 256, (_PIXELS, _PIXELS, 3), dtype=np.uint8))
        small.resize((_PIXELS * _SCALE, _PIXELS * _SCALE)).save(path)
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["post_id", "text", "image"])
        for path, text in zip(images, generate_synthetic_texts(posts, seed), strict=True):
            table.writerow([path.stem, text, path.name])
    return images


def time_cold_starts(app: Path, runs: int = 3) -> dict[str, float]:
    """Time cold starts in new processes: median in seconds by name.

    Args:
        app: The dashboard's app.py; its first page is rendered by Streamlit's AppTest.
        runs: Number of runs.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-bench-") as folder:
        table = Path(folder) / "one.csv"
        table.write_text("post_id,text\na,What a lovely evening\n", encoding="utf-8")
        score = ["score", str(table), "--out", f"{table}.csv"]
        app_test = f"AppTest.from_file({str(app.resolve())!r}, default_timeout=60)"
        commands = {
            "import analysis": "import analysis",
            "postlens score, one post": f"from analysis.cli import main; main({score!r})",
            "the app's first page": f"from streamlit.testing.v1 import AppTest; {app_test}.run()",
        }
        return {name: _time_process(code, runs) for name, code in commands.items()}


def _time_process(code: str, runs: int, variables: dict[str, str] | None = None) -> float:
    """Run code in new processes, with these environment variables; return the median of the seconds."""
    times, environment = [], {**os.environ, **(variables or {})}
    for _ in range(runs):
        start = time.perf_counter()
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, capture_output=True, env=environment)  # noqa: S603 (our own code)
        times.append(time.perf_counter() - start)
    return sorted(times)[runs // 2]
