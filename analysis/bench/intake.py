"""`postlens bench intake`: measures reading, checking and storing of files, and the memory of all processes."""

from __future__ import annotations

import io
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import zstandard
from PIL import Image

from analysis.bench.machine import run_in_new_process
from analysis.intake import check_batch, list_files, read_inputs
from analysis.settings import MB
from analysis.workspace import Workspace

FORMS = ("ndjson", "zst", "csv", "images")
"""Kinds of input: a table of one JSON object per line, the same by Zstandard, a CSV, and a folder of images."""
_ROWS = 10_000  # that are generated at once
_IMAGES_PER_FOLDER = 1_000
_SIDE = 16  # of an image, pixels
_INTERVAL = 0.2  # seconds between two looks at the memory
_WORDS = ("train", "late", "again", "nobody", "desk", "why", "today", "but", "what", "a", "lovely", "evening")


@dataclass(frozen=True)
class IntakeSpeed:
    """Speed and memory of intake.

    Attributes:
        form: One of `FORMS`.
        rows: Rows of the table, or images.
        posts: Posts of the batch.
        size: Bytes of the file, or of all images.
        seconds: Time of "read", "check" and "store".
        cpu_seconds: Processor time of the process and its workers for reading and checking.
        peak_mb: Peak memory of the process and its workers, MB.
    """

    form: str
    rows: int
    posts: int
    size: int
    seconds: dict[str, float]
    cpu_seconds: float
    peak_mb: float

    @property
    def rows_per_second(self) -> float:
        """Rows from file to checked batch per second."""
        return self.rows / (self.seconds["read"] + self.seconds["check"])

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        rate = round(self.rows_per_second)
        return {**vars(self), "rows_per_second": rate, "peak_mb": round(self.peak_mb)}

    def lines(self) -> list[str]:
        """Format the figures for the terminal."""
        steps = ", ".join(f"{name} {seconds:,.1f} s" for name, seconds in self.seconds.items())
        return [
            f"{self.form}: {self.size / MB:,.0f} MB, {self.rows:,} rows, {self.posts:,} posts",
            f"  {self.rows_per_second:,.0f} rows/s from file to checked batch ({steps})",
            f"  processor time {self.cpu_seconds:,.1f} s, {self.rows / self.cpu_seconds:,.0f} rows/s of it",
            f"  peak memory of all processes {self.peak_mb:,.0f} MB",
        ]


def time_intake(form: str, size: int, images: int, folder: Path | None = None) -> IntakeSpeed:
    """Measure intake of a synthetic input, which is deleted afterwards.

    Args:
        form: One of `FORMS`.
        size: Bytes of a table, unpacked.
        images: Number of images of a folder.
        folder: Where the input and the batch are written, three times the size; None for the system's temporary
            folder.
    """
    with tempfile.TemporaryDirectory(prefix="postlens-bench-", dir=folder) as place:
        source = Path(place) / "input"
        source.mkdir()
        if form == "images":
            write_synthetic_images(source, images)
        else:
            write_synthetic_table(source / f"posts.{'ndjson.zst' if form == 'zst' else form}", form, size)
        return run_in_new_process(_measure, form, source, Path(place))


def write_synthetic_table(path: Path, form: str, size: int) -> None:
    """Write a table of id, text, author, time and likes with about this many bytes, unpacked."""
    with path.open("wb") as file:
        if form == "zst":
            with zstandard.ZstdCompressor(level=3).stream_writer(file, closefd=False) as packed:
                for part in generate_synthetic_rows("ndjson", size):
                    packed.write(part)
        else:
            for part in generate_synthetic_rows(form, size):
                file.write(part)


def generate_synthetic_rows(form: str, size: int, seed: int = 0) -> Iterator[bytes]:
    """Generate rows of a table, reproducibly: parts of it with about so many bytes in all."""
    rng = np.random.default_rng(seed)
    written = number = 0
    if form == "csv":
        yield b"id,text,author,created_at,likes\n"
    while written < size:
        lengths = rng.integers(5, 30, _ROWS)
        words = iter(rng.choice(_WORDS, int(lengths.sum())).tolist())
        minutes, likes, authors = (rng.integers(0, most, _ROWS).tolist() for most in (500_000, 5_000, 50_000))
        rows = []
        for length, minute, liked, author in zip(lengths.tolist(), minutes, likes, authors, strict=True):
            number += 1
            text = " ".join(next(words) for _ in range(length)) + f" {number}"
            day, clock = divmod(minute, 1_440)
            created = f"2026-{day % 12 + 1:02}-{day // 12 % 28 + 1:02}T{clock // 60:02}:{clock % 60:02}:00Z"
            post = {
                "id": str(10**15 + number),
                "text": text,
                "author": f"user{author}",
                "created_at": created,
                "likes": liked,
            }
            rows.append(json.dumps(post) if form == "ndjson" else ",".join(map(str, post.values())))
        part = ("\n".join(rows) + "\n").encode()
        written += len(part)
        yield part


def write_synthetic_images(folder: Path, images: int, seed: int = 0) -> None:
    """Write small JPEG images, each different, in folders of a thousand."""
    rng = np.random.default_rng(seed)
    for number in range(images):
        path = folder / f"{number // _IMAGES_PER_FOLDER:04}" / f"{number:07}.jpg"
        path.parent.mkdir(exist_ok=True)
        packed = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (_SIDE, _SIDE, 3), dtype=np.uint8)).save(packed, "JPEG")
        path.write_bytes(packed.getvalue())


def _measure(form: str, source: Path, folder: Path) -> IntakeSpeed:
    """Read, check and store the input in this process."""
    files = list_files(source)
    seconds: dict[str, float] = {}
    with _peak_memory() as peak:
        read_inputs([], folder / "media")  # imports
        cpu = _cpu_of_tree()
        with _timed(seconds, "read"):
            inputs = read_inputs(files, folder / "media")
        with _timed(seconds, "check"):
            checked = check_batch(inputs)
        cpu = _cpu_of_tree() - cpu
        with _timed(seconds, "store"):
            Workspace(folder / "home").create(checked, folder / "media", "Synthetic posts")
    size = sum(file.size for file in files)
    rows = checked.counts["row"].expected
    return IntakeSpeed(form, rows, checked.n_posts, size, seconds, cpu, peak[0] / MB)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


@contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """Watch the memory of this process and its children; the list holds the peak in bytes."""
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(_INTERVAL):
            peak[0] = max(peak[0], _memory_of_tree())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        peak[0] = max(peak[0], _memory_of_tree())
        ended.set()
        watcher.join()


def _cpu_of_tree() -> float:
    """Sum the processor time of this process and its running children, in seconds."""
    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        try:
            times = process.cpu_times()
            total += times.user + times.system
        except psutil.Error:  # it has ended
            continue
    return total


def _memory_of_tree() -> int:
    """Sum the memory of this process and its children; on Linux, what they share counts once (PSS)."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            info = process.memory_full_info()
            total += getattr(info, "pss", info.rss)
        except psutil.Error:  # it has ended
            continue
    return total
