"""What killed processes leave behind is removed at the next start, and what running ones use is not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.intake import InputFile
from analysis.temporary import (
    TEMPORARY,
    new_temporary_path,
    release_temporary_folder,
    remove_leftover_temporaries,
    temporary_directory,
    temporary_folder,
)
from analysis.workspace import Workspace, home
from pages.batch.drop import Drop
from tests.scored import new_batch, score

pytestmark = pytest.mark.slow

AT_WORK = """
import sys, time
from pathlib import Path
from analysis.intake import InputFile
from analysis.workspace.files import open_atomically
from analysis.temporary import new_temporary_path, temporary_directory
from pages.batch.drop import Drop
home = Path(sys.argv[1])
drop = Drop()
drop.add([InputFile("posts.csv", b"post_id,text\\na,with a secret place\\n")])
new_temporary_path(home).mkdir()
with open_atomically(home / "batches" / "report.csv", home) as file, temporary_directory() as folder:
    file.write(b"half")
    file.flush()
    (folder / "image.jpg").write_bytes(b"image")
    print("ready", flush=True)
    time.sleep(600 if sys.argv[2] == "wait" else 0)
"""


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home, and a place for temporary files of its own."""
    (tmp_path / "system").mkdir()
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "system"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(home, "_opened", set())
    (tmp_path / "home" / "batches").mkdir(parents=True)
    yield tmp_path / "home"
    for root in (tmp_path / "home", *(tmp_path / "system").glob("*")):
        release_temporary_folder(root)


def at_work(folder: Path, how: str = "wait") -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, str(folder), how], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def open_and_explain(folder: Path) -> None:
    """Do what the next start does: of the dashboard, and of a command."""
    home._opened.clear()
    Workspace(folder)
    with temporary_directory():
        pass


def test_leftovers_of_a_killed_process_are_removed_and_files_of_a_running_one_are_not(homes: Path) -> None:
    process = at_work(homes)
    try:
        system = homes.parent / "system"
        before = files(homes) + [path for path in files(system) if path.suffix == ".jpg"]
        assert len(before) == 4  # lock, table, half a report, image
        open_and_explain(homes)
        assert all(path.exists() for path in before)
    finally:
        process.kill()
        process.communicate()
    assert any(b"secret place" in path.read_bytes() for path in files(homes))
    open_and_explain(homes)
    assert files(homes) == []
    assert not [path for path in files(system) if path.suffix == ".jpg"]


def test_a_process_that_ends_by_itself_leaves_nothing(homes: Path) -> None:
    process = at_work(homes, "end")
    process.communicate()
    assert process.returncode == 0
    assert [path.name for path in files(homes)] == ["report.csv"]
    assert files(homes.parent / "system") == []


def test_an_upload_is_removed_when_its_session_ends(homes: Path) -> None:
    drop = Drop()
    drop.add([InputFile("posts.csv", b"post_id,text\na,good day\n")])
    folder = drop.folder
    assert files(folder)
    del drop
    assert not folder.exists()


def test_leftovers_of_earlier_versions_are_removed_when_they_are_old(homes: Path) -> None:
    batch = score(new_batch(homes.parent))
    old = [
        homes / "batches" / ".new-0123" / "posts.parquet",
        homes / "incoming" / "tmpabc" / "000000",
        batch.folder / "reports" / ".2026-01-02-030405.csv-1234abcd",
    ]
    young = homes / "incoming" / "tmpxyz" / "000000"
    gone = homes / "batches" / ".gone-0123" / "posts.parquet"
    report = batch.folder / "reports" / "2026-01-02-030405.csv"
    for path in (*old, young, gone, report):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    long_ago = time.time() - 2 * 86_400
    for path in (*old, report, *(path.parent for path in old)):
        os.utime(path, (long_ago, long_ago))
    home._opened.clear()
    Workspace(homes)
    assert not any(path.exists() for path in (*old, gone))
    assert young.exists()
    assert report.exists()
    assert len(batch.posts()) == 20


def test_a_folder_without_its_lock_has_no_owner(homes: Path) -> None:
    lost = homes / TEMPORARY / "0123456789abcdef"
    lost.mkdir(parents=True)
    own = new_temporary_path(homes)
    own.write_bytes(b"mine")
    remove_leftover_temporaries(homes)
    assert not lost.exists()
    assert own.exists()


def test_one_process_has_one_folder_and_makes_it_again_where_it_was_removed(homes: Path) -> None:
    first = temporary_folder(homes)
    assert temporary_folder(homes) == first
    release_temporary_folder(homes)
    assert files(homes) == []
    assert temporary_folder(homes).is_dir()


def test_a_batch_can_be_deleted_where_no_temporary_folder_can_be_made(
    homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = new_batch(homes.parent)

    def full(_: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("analysis.workspace.files.new_temporary_path", full)
    Workspace(homes).delete(batch.id)
    assert [path.name for path in (homes / "batches").iterdir()] == []
