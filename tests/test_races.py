"""Batches that are deleted while they are read, and workspaces that cannot be written."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from analysis import query
from analysis.columns import report_columns
from analysis.errors import PostLensError, WorkspaceError
from analysis.exporters import CSV, report, write_csv
from analysis.exporters.heatmaps import export_heat_maps, list_heat_maps, zip_heat_maps
from analysis.model.bundle import Bundle
from analysis.query import Filters, summary_table
from analysis.scoring.copies import find_copies
from analysis.scoring.pipeline import score_batch
from analysis.search import make_example_target, rank_posts
from analysis.temporary import release_temporary_folder
from analysis.workspace import Batch, Workspace
from analysis.workspace.home import _opened
from pages.batch.drop import Drop
from tests.scored import HEADS, new_batch, score, without_digests

pytestmark = pytest.mark.slow

COLUMNS = report_columns(HEADS)
READS: dict[str, Callable[[Batch], object]] = {
    "report": lambda batch: write_csv(batch, Filters(), COLUMNS, io.BytesIO()),
    "report on disk": lambda batch: report.write_report(
        batch, Filters(), COLUMNS, lambda *_: None, lambda: False, CSV
    ),
    "read_post_chunks": lambda batch: list(query.read_post_chunks(batch, posts=3)),
    "read_page": lambda batch: query.read_page(batch, sort="likes"),
    "search": lambda batch: query.count_matching_posts(batch, Filters(search="rain")),
    "one": lambda batch: query.read_post(batch, "p3"),
    "words": lambda batch: query.aggregate_top_words(batch, Filters()),
    "columns": query.list_own_columns,
    "posts": lambda batch: batch.posts(),
    "rejected": lambda batch: batch.rejected(),
    "parts": lambda batch: [batch.part_of_posts(index) for index in range(batch.n_parts)],
    "scores": lambda batch: list(batch.read_parts("scores")),
    "meaning": lambda batch: rank_posts(batch, make_example_target([(batch, "p3")]), limit=2),
    "rename": lambda batch: batch.rename("Other"),
    "open": lambda batch: Workspace(batch.folder.parents[1]).open(batch.id),
}


@pytest.mark.parametrize("read", READS)
def test_a_deleted_batch_is_named(tmp_path: Path, read: str) -> None:
    batch = score(new_batch(tmp_path, part_posts=4))
    READS[read](batch)
    Workspace(tmp_path / "home").delete(batch.id)
    with pytest.raises(
        WorkspaceError, match=r"^Batch spring (was deleted|does not exist)\. Choose another batch"
    ):
        READS[read](batch)
    assert not batch.folder.exists()  # nothing made it again


@pytest.mark.parametrize("signed", [True, False])
def test_a_batch_deleted_while_it_is_read_is_complete_or_an_error(tmp_path: Path, signed: bool) -> None:
    seen: set[str] = set()
    whole = score(new_batch(tmp_path / "whole", part_posts=3))
    whole = whole if signed else without_digests(whole)
    for turn in range(60):
        shutil.copytree(whole.folder.parents[1], tmp_path / "home", dirs_exist_ok=True)
        batch = Workspace(tmp_path / "home", whole.settings).open(whole.id)
        name = list(READS)[turn % len(READS)]
        deletion = threading.Timer(0.0004 * (turn % 30), Workspace(tmp_path / "home").delete, [batch.id])
        deletion.start()
        try:
            for _ in range(50):
                READS[name](batch)
                seen.add("whole")
        except WorkspaceError as error:
            seen.add(f"{error.thing} {error.fact}")
        deletion.join()
        assert not batch.folder.exists()
    assert seen == {"whole", "Batch spring was deleted", "Batch spring does not exist"}


def test_a_batch_deleted_while_it_is_scored_is_named(tmp_path: Path, tiny_bundle: Bundle) -> None:
    for after in (0, 6, 12):
        batch = new_batch(tmp_path, part_posts=6)

        def delete(phase: str, done: int, total: int, batch: Batch = batch, after: int = after) -> None:
            if done >= after and batch.folder.exists():
                Workspace(tmp_path / "home").delete(batch.id)

        with pytest.raises(WorkspaceError, match="Batch spring was deleted"):
            score_batch(batch, tiny_bundle, progress=delete)
        assert not batch.folder.exists()


def test_heat_maps_of_a_deleted_batch_are_not_drawn(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(tmp_path)
    score_batch(batch, tiny_bundle)
    maps = list(list_heat_maps(batch, query.read_post_chunks(batch)))[:2]

    def delete(*_: object) -> None:
        if batch.folder.exists():
            Workspace(tmp_path / "home").delete(batch.id)

    with pytest.raises(WorkspaceError, match="Batch spring was deleted"):
        export_heat_maps(batch, lambda: tiny_bundle, maps, progress=delete)
    assert not batch.folder.exists()


def test_a_damaged_heat_map_is_drawn_again(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(tmp_path)
    score_batch(batch, tiny_bundle)
    maps = list(list_heat_maps(batch, query.read_post_chunks(batch)))[:2]
    assert export_heat_maps(batch, lambda: tiny_bundle, maps)
    whole = maps[0].path.read_bytes()
    maps[0].path.write_bytes(whole[:100] + bytes([whole[100] ^ 4]) + whole[101:])
    with pytest.raises(
        WorkspaceError,
        match=r"heat map of post 2 was damaged and has been deleted\. Draw the heat maps again",
    ):
        zip_heat_maps(maps, io.BytesIO())
    assert export_heat_maps(batch, lambda: tiny_bundle, maps)
    assert maps[0].path.read_bytes() == whole
    zip_heat_maps(maps, io.BytesIO())


def test_a_part_removed_while_it_is_read_is_named(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path, part_posts=6))
    chunks = query.read_post_chunks(batch, posts=6)
    next(chunks)
    batch.clear("scores")
    with pytest.raises(WorkspaceError, match="Batch spring changed while it was read"):
        next(chunks)
    assert query.compute_totals(batch).scored == 0


@pytest.mark.parametrize(
    "error", [duckdb.Error, duckdb.InternalException, duckdb.BinderException, UnicodeDecodeError]
)
def test_any_file_error_is_named_and_the_next_query_works(
    tmp_path: Path, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path))

    def fail(*_: object) -> None:
        raise error("utf-8", b"", 0, 1, "why") if error is UnicodeDecodeError else error("why\nand more")

    with monkeypatch.context() as patched:
        patched.setattr(summary_table, "_build", fail)
        with pytest.raises(WorkspaceError, match=r"cannot be read \(.*why.*Try again"):
            query.compute_totals(batch)
    assert query.compute_totals(batch).scored == 20


def test_two_reports_in_one_second_are_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = score(new_batch(tmp_path))
    names = [f"2026-01-02-030405{number}.csv" for number in ("", "_02", "_03", "_04")]

    class Clock:
        @staticmethod
        def now(_: object) -> object:
            return __import__("datetime").datetime(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr(report, "datetime", Clock)
    filters = [Filters(search=f"number {number}") for number in range(4)]

    def write(chosen: Filters) -> None:
        assert report.write_report(batch, chosen, COLUMNS, lambda *_: None, lambda: False, CSV)

    threads = [threading.Thread(target=write, args=[chosen]) for chosen in filters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.name for path in batch.report_paths()) == names
    assert batch.report_paths()[-1].name == names[0]
    sizes = {len(path.read_bytes().splitlines()) for path in batch.report_paths()}
    assert sizes == {1 + query.count_matching_posts(batch, chosen) for chosen in filters}


def test_reports_are_numbered_where_the_disk_has_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = score(new_batch(tmp_path))

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    while time.time() % 1 > 0.5:
        time.sleep(0.05)
    for _ in range(2):
        report.write_report(batch, Filters(), COLUMNS, lambda *_: None, lambda: False, CSV)
    contents = [path.read_bytes() for path in batch.report_paths()]
    assert len(contents) == 2
    assert contents[0] == contents[1] != b""


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Batch]:
    """A scored batch on a disk that cannot be written, if we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a disk cannot be mounted here")
    try:
        batch = score(new_batch(folder, part_posts=6))
        release_temporary_folder(batch.folder.parents[1])
        (batch.folder.parents[1] / ".temporary" / "0123456789abcdef").mkdir()
        (batch.folder.parents[1] / ".temporary" / "fedcba9876543210.lock").touch()
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        _opened.clear()
        yield batch
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_workspace_can_be_read_and_writing_is_an_error(
    read_only: Batch, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = read_only.folder.parents[1]
    workspace = Workspace(home)
    assert [(info.name, info.scored, info.problem) for info in workspace.batches()] == [("Spring", 20, None)]
    for name, read in READS.items():
        if name not in ("report on disk", "rename"):
            read(workspace.open("spring"))
    monkeypatch.setenv("POSTLENS_HOME", str(home))
    writes: list[Callable[[], object]] = [
        lambda: READS["report on disk"](read_only),
        lambda: READS["rename"](read_only),
        lambda: workspace.delete("spring"),
        lambda: read_only.clear("scores"),
        lambda: score_batch(read_only, tiny_bundle),
        Drop,
    ]
    for write in writes:
        with pytest.raises(PostLensError, match="cannot be written: Read-only file system"):
            write()
    assert query.compute_totals(read_only).scored == 20


def test_near_copies_need_every_part_of_the_encodings(tmp_path: Path, tiny_bundle: Bundle) -> None:
    batch = new_batch(tmp_path, part_posts=6)
    score_batch(batch, tiny_bundle)
    batch.part_path("encodings", 2).unlink()
    with pytest.raises(WorkspaceError, match="Batch spring changed while it was read"):
        find_copies(batch)
