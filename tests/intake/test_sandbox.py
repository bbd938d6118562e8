"""Reading in worker processes: a file whose parser hangs, dies or takes too much memory costs that file alone."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from analysis.importers import RefusedError, register_importer, unregister_importer
from analysis.intake import InputFile, check_batch, read_image_in_worker, read_inputs, read_table_in_worker
from analysis.intake.sandbox import read_in_worker, unpack_in_worker
from analysis.intake.worker_process import _idle, borrow_worker, start_workers
from analysis.settings import MB, Settings
from tests.intake.drops import sheet_rows, workbook

pytestmark = pytest.mark.slow

TABLE = b"id,text\n1,hello\n2,rain\n"


def noise(side: int) -> bytes:
    """A PNG that takes some time to decode."""
    pixels = np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


def heavy_workbook() -> bytes:
    """A workbook of 400,000 cells, which take far more than 8 MB when they are laid out."""
    return workbook(("Posts", sheet_rows(["text", "other"], *[[1, 2]] * 200_000)))


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


@pytest.fixture(autouse=True)
def _fresh_workers() -> Iterator[None]:
    yield
    while _idle:
        _idle.pop().end()


def test_a_table_is_the_same_as_when_it_is_parsed_here(spool: Path) -> None:
    content = 'id,text,"a ""name"", with commas",row\n1,"two\nlines 😀",x,\n2,too,many,fields,here\n3,,,\n'
    table = read_table_in_worker(InputFile("posts.csv", content.encode()))
    assert table.columns == ("id", "text", 'a "name", with commas', "row")
    assert table.rows.index.tolist() == [1, 3]
    assert table.rows["text"].tolist() == ["two\nlines 😀", ""]
    assert table.rows["row"].tolist() == ["", ""]
    assert [row.reason for row in table.rejected] == ["row 2 has 5 fields; the header has 4"]
    assert table.notes == ("UTF-8", "separated by commas")
    assert table.raw == content.encode()


def test_a_file_that_takes_too_long_is_refused_and_the_next_is_read(tmp_path: Path, spool: Path) -> None:
    read_in_worker(InputFile("warm.csv", TABLE), tmp_path / "media", Settings(), spool)
    slow = Settings(reader_seconds=0.001, reader_seconds_per_mb=0)
    with pytest.raises(RefusedError, match="takes too long to read"):
        read_in_worker(InputFile("slow.png", noise(2_000)), tmp_path / "media", slow, spool)
    assert (
        read_in_worker(InputFile("posts.csv", TABLE), tmp_path / "media", Settings(), spool).tables[0].name
        == "posts.csv"
    )


@pytest.mark.parametrize("name", ["slow.png", "large.xlsx"])
def test_a_file_that_takes_too_much_memory_is_refused(name: str, tmp_path: Path, spool: Path) -> None:
    content = noise(3_500) if name == "slow.png" else heavy_workbook()
    little = Settings(reader_memory=8 * MB, reader_table_memory=8 * MB, reader_memory_factor=0)
    with pytest.raises(RefusedError, match="memory"):
        read_in_worker(InputFile(name, content), tmp_path / "media", little, spool)
    assert (
        read_in_worker(InputFile("posts.csv", TABLE), tmp_path / "media", Settings(), spool).tables[0].name
        == "posts.csv"
    )


def test_a_crashed_worker_loses_only_its_file(tmp_path: Path, spool: Path) -> None:
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            for child in psutil.Process().children():
                if child.cpu_times().user > 0.05 and "analysis.intake.worker" in child.cmdline():
                    child.kill()
                    killed.append(child.pid)
                    break  # the other worker may be as busy

    killer = threading.Thread(target=kill)
    files = [InputFile("a.csv", TABLE), InputFile("b.csv", TABLE.replace(b"1", b"3").replace(b"2", b"4"))]
    killer.start()
    inputs = read_inputs([InputFile("big.png", noise(3_000)), *files], tmp_path / "media")
    killer.join()
    again = read_inputs(files, tmp_path / "media")
    assert len(inputs.tables) + len(inputs.images) + len(inputs.rejected) == 3
    assert len(inputs.rejected) <= 1
    assert all("crashed the reader" in each.reason for each in inputs.rejected)
    assert len(again.tables) == 2


def test_an_unexpected_error_in_a_worker_is_logged_without_its_message(
    tmp_path: Path, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    register_importer("tests.intake.defective")
    try:
        with pytest.raises(RefusedError, match="crashed the reader"):
            read_in_worker(InputFile("posts.defective", TABLE), tmp_path / "media", Settings(), spool)
    finally:
        unregister_importer("tests.intake.defective")
    assert "builtins.ZeroDivisionError" in caplog.text
    assert "in read_defective" in caplog.text
    assert "hello" not in caplog.text
    assert not _idle  # the worker's state is unknown


def test_an_idle_worker_that_was_killed_is_replaced(tmp_path: Path, spool: Path) -> None:
    read_in_worker(InputFile("a.csv", TABLE), tmp_path, Settings(), spool)
    (child,) = (each for each in psutil.Process().children() if "analysis.intake.worker" in each.cmdline())
    child.kill()
    child.wait()
    assert read_in_worker(InputFile("a.csv", TABLE), tmp_path, Settings(), spool).tables[0].name == "a.csv"


def test_an_image_is_read_as_it_would_be_stored() -> None:
    image = read_image_in_worker(InputFile("a.png", noise(1_500)))
    assert (image.mode, image.size) == ("RGB", (1_024, 1_024))
    with pytest.raises(RefusedError, match="is not an image"):
        read_image_in_worker(InputFile("a.csv", TABLE))


def test_a_zip_reports_progress(tmp_path: Path, spool: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3_000):
            archive.writestr(f"{number}.csv", TABLE)
    (tmp_path / "members").mkdir()
    reported: list[tuple[int, int]] = []
    members, refused = unpack_in_worker(
        InputFile("posts.zip", packed.getvalue()),
        tmp_path / "members",
        Settings(),
        spool,
        lambda done, total: reported.append((done, total)),
    )
    assert (len(members), refused) == (3_000, [])
    assert all(0 <= done <= 3_000 == total for done, total in reported)


def test_progress_counts_every_file(tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []
    files = [InputFile(f"{number}.csv", TABLE) for number in range(5)]
    read_inputs(files, tmp_path / "media", progress=lambda *counts: reported.append(counts))
    assert reported == [(number, 5) for number in range(1, 6)]


def test_tables_beyond_the_limit_are_refused_one_by_one(tmp_path: Path) -> None:
    files = [InputFile(f"{number}.csv", TABLE) for number in range(4)]
    inputs = read_inputs(files, tmp_path / "media", Settings(max_tables=2))
    assert [table.name for table in inputs.tables] == ["0.csv", "1.csv"]
    assert [each.reason for each in inputs.rejected] == ["comes after the first 2 tables"] * 2


def test_a_table_that_brings_too_many_rows_is_refused(tmp_path: Path) -> None:
    files = [InputFile("one.csv", b"text\na\nb\n"), InputFile("two.csv", b"text\nc\nd\n")]
    inputs = read_inputs(files, tmp_path / "media", Settings(max_table_rows=3))
    assert [table.name for table in inputs.tables] == ["one.csv"]
    assert inputs.rejected[0].reason == "brings the batch to 4 rows; the limit is 3"


def test_a_table_of_malformed_rows_is_refused(tmp_path: Path) -> None:
    content = b"id,text\n" + b"1,2,3\n" * 5
    inputs = read_inputs([InputFile("posts.csv", content)], tmp_path / "media", Settings(max_rejected_rows=3))
    assert "has more than 3 rows that cannot be read" in inputs.rejected[0].reason
    halves = [InputFile(f"{number}.csv", b"id,text\n" + b"1,2,3\n" * 2) for number in range(2)]
    inputs = read_inputs(halves, tmp_path / "media", Settings(max_rejected_rows=3))
    assert "brings the batch to more than 3 rows" in inputs.rejected[0].reason


def test_a_time_that_cannot_be_read_is_listed_and_its_post_kept(tmp_path: Path) -> None:
    content = b"id,text,date,likes\n1,a,2026-05-31,4\n2,b,some day,many\n3,c,,\n"
    checked = check_batch(read_inputs([InputFile("posts.csv", content)], tmp_path / "media"))
    assert len(checked.posts) == 3
    assert checked.posts["created_at"].isna().tolist() == [False, True, True]
    listed = checked.rejected
    assert listed["kind"].tolist() == ["column", "column"]
    assert "has 1 of 3 values in 'date'" in listed["reason"][0]
    assert "such as 'some day' in row 2" in listed["reason"][0]
    assert checked.counts["column"].rejected == 2


def test_workers_that_were_started_in_advance_read_the_next_files() -> None:
    start_workers(2)
    started = list(_idle)
    start_workers(100)
    assert len(started) == 2
    assert _idle == started
    with borrow_worker() as worker:
        assert worker is started[-1]
    assert read_table_in_worker(InputFile("a.csv", TABLE)).n_rows == 2
    assert _idle == started


def test_workers_that_cannot_be_started_in_advance_are_started_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("too many processes")

    while _idle:
        _idle.pop().end()
    with monkeypatch.context() as patch:
        patch.setattr("subprocess.Popen", refuse)
        start_workers(1)
    assert not _idle
    assert read_table_in_worker(InputFile("a.csv", TABLE)).n_rows == 2
