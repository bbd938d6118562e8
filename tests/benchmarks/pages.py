"""How long pages take on a large batch: `python -m tests.benchmarks.pages --home DIR [--posts 1000000]`.

Measured is the server's work, by AppTest over the real app: each page as the first thing that a fresh process is
asked about the batch (its modules loaded), and again; filters, orders and the last page on a server in use; and the
CSV, with the most memory that its process ever took. What a browser adds is `tests.benchmarks.in_browser`.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from streamlit.testing.v1 import AppTest

from analysis.columns import report_columns
from analysis.exporters import write_csv
from analysis.query import EVERY_POST
from analysis.workspace import Workspace
from pages.shared import places
from tests.benchmarks.made_batch import made_batch, shipped_heads

APP = Path(__file__).parents[2] / "app.py"
PAGES = {"Overview": places.OVERVIEW, "Posts": places.POSTS, "Report": places.REPORT}
PAGE_S, CHANGE_S = 1.5, 1.0  # the longest that a page may take, and that a filter or an order may
PATIENCE_S = 300
AGAIN = 5
HEADER = f"{'':34}{'seconds':>9}{'at most':>9}"
FILTERS = {
    "sentiment": ("pills", "sentiments", (["positive"], ["negative"], ["neutral", "positive"])),
    "topic": ("multiselect", "topics", (["daily_life"], ["sports_gaming"], ["unclear"])),
    "text search": ("text_input", "search", ("train", "BONITA", "e")),  # "e" is in nearly all
    "confidence": ("slider", "confidence", ((0.8, 1.0), (0.35, 0.5), (0.5, 0.9))),
}
ORDERS = (("valence", False), ("topic_daily_life", True), ("created_at", True), ("uncertainty", False))


@dataclass(frozen=True)
class Measured:
    """One line of the table: what was done, how many seconds it took (the median), and the target."""

    what: str
    seconds: float
    target: float | None = None
    said: str = ""

    def line(self) -> str:
        """Write it as a line of the table under `HEADER`."""
        target = "" if self.target is None else f"{self.target:.1f}"
        return f"{self.what:34}{self.seconds:9.2f}{target:>9}  {self.said}"


def timed(app: AppTest) -> float:
    """Run the app and say how many seconds it took.

    Raises:
        RuntimeError: The page shows an error.
    """
    start = time.perf_counter()
    app.run()
    seconds = time.perf_counter() - start
    for failure in (*app.exception, *app.error):
        raise RuntimeError(failure.value)
    return seconds


def started(home: Path, batch_id: str) -> AppTest:
    """An app that has its modules loaded and was asked nothing about the batch yet."""
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE_S)
    with TemporaryDirectory() as empty:
        (Path(empty) / "batches").mkdir()
        os.environ["POSTLENS_HOME"] = empty
        timed(app)
        for page in PAGES.values():
            timed(app.switch_page(page))
    os.environ["POSTLENS_HOME"] = str(home)
    app.query_params["batch"] = batch_id
    return app


def open_page(home: Path, batch_id: str, name: str) -> list[Measured]:
    """Open a page in this process for the first time, and again."""
    app = started(home, batch_id).switch_page(PAGES[name])
    first = timed(app)
    again = statistics.median(timed(app) for _ in range(AGAIN))
    return [Measured(f"{name}, first", first, PAGE_S), Measured(f"{name}, again", again, PAGE_S)]


def set_filters(home: Path, batch_id: str, name: str) -> list[Measured]:
    """Set each filter to several values in turn, on an open page."""
    app, found = started(home, batch_id).switch_page(PAGES[name]), []
    timed(app)
    for what, (kind, filter_, values) in FILTERS.items():
        seconds = []
        for value in values:
            getattr(app, kind)(key=f"filter_{filter_}").set_value(value)
            seconds.append(timed(app))
        app.query_params = {"batch": batch_id}
        timed(app)
        found.append(
            Measured(f"{name}, {what}", statistics.median(seconds), CHANGE_S, f"slowest {max(seconds):.2f} s")
        )
    return found


def choose_orders(home: Path, batch_id: str, name: str) -> list[Measured]:
    """Choose orders of Posts, and go to the last page."""
    app, found = started(home, batch_id).switch_page(PAGES[name]), []
    timed(app)
    for order in ORDERS:
        app.selectbox(key="order").set_value(order)
        found.append(Measured(f"{name}, by {order[0]}", timed(app), CHANGE_S))
    for order in (ORDERS[0], ("row", False)):
        app.selectbox(key="order").set_value(order)
        timed(app)
        app.pagination[0].set_value(app.pagination[0].num_pages)
        found.append(Measured(f"{name}, last page by {order[0]}", timed(app), CHANGE_S))
    return found


def export(home: Path, batch_id: str, name: str) -> list[Measured]:
    """Write the whole CSV to a file."""
    batch, before, start = Workspace(home).open(batch_id), _peak_mb(), time.perf_counter()
    with TemporaryDirectory(dir=home) as folder, (Path(folder) / "report.csv").open("wb") as file:
        posts = write_csv(batch, EVERY_POST, report_columns(shipped_heads()), file)
        size = file.tell() / 2**20
    seconds = time.perf_counter() - start
    said = (
        f"{posts / seconds:,.0f} posts/s, {size:,.0f} MB; peak memory {before:,.0f} -> {_peak_mb():,.0f} MB"
    )
    return [Measured(name, seconds, None, said)]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


STEPS: tuple[tuple[Callable[[Path, str, str], list[Measured]], str], ...] = (
    *((open_page, name) for name in PAGES),
    *((set_filters, name) for name in PAGES),
    (choose_orders, "Posts"),
    (export, "CSV of all posts"),
)


def measure(home: Path, batch_id: str, only: str = "") -> None:
    """Do each step in a process of its own, and print its times as they come."""
    print(HEADER)
    for step, name in STEPS:
        if only in step.__name__:
            with _a_process() as process:
                for each in process.submit(step, home, batch_id, name).result():
                    print(each.line(), flush=True)


def _a_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def main() -> None:
    """Make the batch where it is missing, and measure."""
    parser = argparse.ArgumentParser(description="Measure pages on a large batch.")
    parser.add_argument("--home", type=Path, required=True, help="the workspace, as POSTLENS_HOME")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument(
        "--only", default="", help="only these steps: open_page, set_filters, choose_orders, export"
    )
    asked = parser.parse_args()
    batch_id = f"made-{asked.posts}"
    if not (asked.home / "batches" / batch_id).exists():
        with _a_process() as process:  # so that its memory does not count
            process.submit(made_batch, asked.home, asked.posts, batch_id).result()
    measure(asked.home, batch_id, asked.only)


if __name__ == "__main__":
    main()
