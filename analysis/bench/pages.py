"""`postlens bench pages`: measures the server-side time of the dashboard's pages on a large batch.

The app runs in Streamlit's AppTest. Measured are each page as the first request for the batch in a new process (with
its modules loaded), and again; filters, sort orders and the last page on a warm server; searches; and the CSV export,
with the peak memory of its process. `browser` measures the time that users see.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.bench.machine import (
    HEADER,
    Measurement,
    load_benchmark_module,
    measure_peak_memory,
    run_in_new_process,
)
from analysis.bench.searches import time_similarity_searches, time_word_searches
from analysis.bench.synthetic_batch import read_shipped_heads, write_synthetic_scored_batch
from analysis.columns import report_columns
from analysis.exporters import write_csv
from analysis.query import EVERY_POST
from analysis.workspace import Workspace

PAGES = {
    "Overview": "pages/review/overview.py",
    "Trends": "pages/review/trends.py",
    "Breakdown": "pages/review/breakdown.py",
    "Compare": "pages/review/compare.py",
    "Posts": "pages/review/posts.py",
    "Report": "pages/report/export.py",
}
"""Files of the pages, relative to the folder of app.py."""
PAGE_S, CHANGE_S = 1.5, 1.0  # targets for opening a page, and for changing a filter or the order
TIMEOUT_S = 300
REPEATS = 5
FILTERS = {
    "sentiment": ("pills", "sentiments", (["positive"], ["negative"], ["neutral", "positive"])),
    "topic": ("multiselect", "topics", (["daily_life"], ["sports_gaming"], ["unclear"])),
    "text search": ("text_input", "search", ("train", "BONITA", "e")),  # nearly all posts contain "e"
    "confidence": ("slider", "confidence", ((0.8, 1.0), (0.35, 0.5), (0.5, 0.9))),
}
MENUS = ("sentiments", "topics", "since", "more")
ORDERS = (("valence", False), ("topic_daily_life", True), ("created_at", True), ("uncertainty", False))


def run_timed_app(app: Any) -> float:
    """Run the app and return the seconds it took.

    Raises:
        RuntimeError: The page shows an error.
    """
    start = time.perf_counter()
    app.run()
    seconds = time.perf_counter() - start
    for failure in (*app.exception, *app.error):
        raise RuntimeError(failure.value)
    return seconds


def start_timed_app(home: Path, batch_id: str, app_file: Path) -> Any:
    """Start the app and load its modules, without a request for the batch."""
    testing = load_benchmark_module("streamlit.testing.v1")
    app = testing.AppTest.from_file(str(app_file), default_timeout=TIMEOUT_S)
    with TemporaryDirectory() as empty:
        Workspace(Path(empty)).folder.mkdir(exist_ok=True)
        os.environ["POSTLENS_HOME"] = empty
        run_timed_app(app)
        for page in PAGES.values():
            run_timed_app(app.switch_page(page))
    os.environ["POSTLENS_HOME"] = str(home)
    app.query_params["batch"] = batch_id
    app.session_state["deferred_parts_are_ready"] = (
        True  # `components.deferred`: there is no browser to say so
    )
    for name in MENUS:  # `shared.filter_bar`: a closed menu has no filters
        app.session_state[f"filters_{name}"] = True
    return app


def time_open_page(home: Path, batch_id: str, name: str, app_file: Path) -> list[Measurement]:
    """Open a page for the first time in this process, and again."""
    app = start_timed_app(home, batch_id, app_file).switch_page(PAGES[name])
    first = run_timed_app(app)
    again = statistics.median(run_timed_app(app) for _ in range(REPEATS))
    return [Measurement(f"{name}, first", first, PAGE_S), Measurement(f"{name}, again", again, PAGE_S)]


def time_filters(home: Path, batch_id: str, name: str, app_file: Path) -> list[Measurement]:
    """Set each filter to several values on an open page."""
    app, found = start_timed_app(home, batch_id, app_file).switch_page(PAGES[name]), []
    run_timed_app(app)
    for label, (kind, filter_, values) in FILTERS.items():
        seconds = []
        for value in values:
            getattr(app, kind)(key=f"filter_{filter_}").set_value(value)
            seconds.append(run_timed_app(app))
        app.query_params = {"batch": batch_id}
        run_timed_app(app)
        found.append(
            Measurement(
                f"{name}, {label}", statistics.median(seconds), CHANGE_S, f"slowest {max(seconds):.2f} s"
            )
        )
    return found


def time_sort_orders(home: Path, batch_id: str, name: str, app_file: Path) -> list[Measurement]:
    """Choose sort orders on Posts, and go to the last page."""
    app, found = start_timed_app(home, batch_id, app_file).switch_page(PAGES[name]), []
    run_timed_app(app)
    for order in ORDERS:
        app.selectbox(key="order").set_value(order)
        found.append(Measurement(f"{name}, by {order[0]}", run_timed_app(app), CHANGE_S))
    for order in (ORDERS[0], ("row", False)):
        app.selectbox(key="order").set_value(order)
        run_timed_app(app)
        app.pagination[0].set_value(app.pagination[0].num_pages)
        found.append(Measurement(f"{name}, last page by {order[0]}", run_timed_app(app), CHANGE_S))
    return found


def time_csv_export(home: Path, batch_id: str, name: str, app_file: Path) -> list[Measurement]:
    """Write the complete CSV to a file."""
    batch, before, start = Workspace(home).open(batch_id), measure_peak_memory(), time.perf_counter()
    with TemporaryDirectory(dir=home) as folder, (Path(folder) / "report.csv").open("wb") as file:
        posts = write_csv(batch, EVERY_POST, report_columns(read_shipped_heads()), file)
        size = file.tell() / 2**20
    seconds = time.perf_counter() - start
    peak = f"peak memory {before:,.0f} -> {measure_peak_memory():,.0f} MB"
    note = f"{posts / seconds:,.0f} posts/s, {size:,.0f} MB; {peak}"
    return [Measurement(name, seconds, None, note)]


STEPS: tuple[tuple[Callable[[Path, str, str, Path], list[Measurement]], str], ...] = (
    *((time_open_page, name) for name in PAGES),
    *((time_filters, name) for name in PAGES),
    (time_sort_orders, "Posts"),
    (time_word_searches, "Search by words"),
    (time_similarity_searches, "Search by similarity"),
    (time_csv_export, "CSV of all posts"),
)


def time_pages(home: Path, posts: int, images: Path, app: Path, only: str = "") -> Iterator[str]:
    """Run each step in a separate process, and yield lines of a table.

    Args:
        home: The workspace; the batch is created if it does not exist.
        posts: Number of posts in the batch.
        images: Folder of JPEG images for the batch.
        app: The dashboard's app.py.
        only: Run only the steps whose name contains this.
    """
    batch_id = f"synthetic-{posts}"
    if not Workspace(home).has(batch_id):
        run_in_new_process(
            write_synthetic_scored_batch, home, posts, images, batch_id
        )  # so that its memory is not counted
    yield HEADER
    for step, name in STEPS:
        if only in step.__name__:
            for each in run_in_new_process(step, home, batch_id, name, app):
                yield each.line()
