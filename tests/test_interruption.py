"""Scoring that is really cut off: killed, or its disk really full. Nothing that was finished is lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.model.bundle import Bundle
from analysis.settings import Settings

pytestmark = pytest.mark.slow

POSTS, PART = 1_500, Settings().part_posts
WORDS = ["good", "awful", "lovely", "match", "phone", "rain", "not", "day", "so"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_table(tmp_path, POSTS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Bundle) -> bytes:
    """The report of an uninterrupted run on all posts, without words."""
    folder = tmp_path_factory.mktemp("whole")
    finished(started(write_table(folder, POSTS), folder / "whole.csv", tiny_bundle, "--no-words"))
    return (folder / "whole.csv").read_bytes()


def write_table(folder: Path, posts: int) -> Path:
    path = folder / "posts.csv"
    texts = (" ".join(WORDS[(n * k + k) % len(WORDS)] for k in range(2 + n % 9)) for n in range(posts))
    path.write_text("post_id,text\n" + "".join(f"p{n},{text} {n}\n" for n, text in enumerate(texts)))
    return path


def started(table: Path, out: Path, bundle: Bundle, *more: str) -> subprocess.Popen[str]:
    code = "import sys; from analysis.cli import main; main(sys.argv[1:])"
    given = ["score", str(table), "--out", str(out), "--model", str(bundle.folder), "--engine", "torch"]
    return subprocess.Popen(
        [sys.executable, "-c", code, *given, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.parametrize("words", ["--no-words", pytest.param("--words", marks=pytest.mark.exhaustive)])
def test_a_killed_run_is_resumed_and_gives_an_identical_report(
    table: Path, tmp_path: Path, tiny_bundle: Bundle, whole: bytes, words: str
) -> None:
    cut = tmp_path / "cut.csv"
    if words == "--words":
        table = write_table(tmp_path, 600)
        finished(started(table, tmp_path / "whole.csv", tiny_bundle, words))
        whole = (tmp_path / "whole.csv").read_bytes()
    kind = "scores" if words == "--no-words" else "words"
    parts = tmp_path / ".cut.csv.work" / "home" / "batches" / "batch" / kind
    process = started(table, cut, tiny_bundle, words)
    while not list(parts.glob("part-*.parquet")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    killed(process)
    done = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*.parquet")}
    assert 0 < len(done) < -(-len(table.read_text().splitlines()) // PART)
    assert not cut.exists()
    lines = [
        json.loads(line)
        for line in finished(started(table, cut, tiny_bundle, words, "--resume", "--json")).splitlines()
    ]
    first = next(each for each in lines if each["phase"] == ("scoring" if kind == "scores" else "words"))
    assert first["done"] >= PART * len(done)
    assert lines[-1].pop("input") is None  # a resumed run does not read INPUT again
    assert lines[-1] == {"phase": "done", "posts": first["total"], "rejected": 0, "report": str(cut)}
    assert cut.read_bytes() == whole
    assert not (tmp_path / ".cut.csv.work").exists()


def test_a_run_killed_while_reading_posts_starts_again(
    table: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    out = tmp_path / "report.csv"
    process = started(table, out, tiny_bundle, "--no-words")
    while not (tmp_path / ".report.csv.work" / "input.json").exists():
        time.sleep(0.002)
    killed(process)
    finished(started(table, out, tiny_bundle, "--no-words", "--resume"))
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == POSTS + 1


def test_another_input_is_not_mixed_with_what_was_done(
    table: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    out = tmp_path / "report.csv"
    process = started(table, out, tiny_bundle, "--no-words")
    while not (tmp_path / ".report.csv.work" / "home" / "batches" / "batch").exists():
        time.sleep(0.002)
    killed(process)
    table.write_text("post_id,text\na,good\n")
    again = started(table, out, tiny_bundle, "--no-words", "--resume")
    _, err = again.communicate(timeout=120)
    assert again.returncode == 1
    assert "has changed since the interrupted run" in err
    assert "Run without --resume" in err
    _, err = (fresh := started(table, out, tiny_bundle, "--no-words")).communicate(timeout=120)
    assert fresh.returncode == 0
    assert "Discarded an interrupted run" in err
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a quarter of a MB, if we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=260k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_an_error_and_the_run_can_be_resumed(
    table: Path, small_disk: Path, tiny_bundle: Bundle, whole: bytes
) -> None:
    out = small_disk / "report.csv"
    process = started(table, out, tiny_bundle, "--no-words")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "cannot be written: No space left on device" in err
    assert "Traceback" not in err
    assert f"Free some space in {small_disk}, " in err  # the folder that is full
    assert "POSTLENS_HOME" not in err
    done = len(list((small_disk / ".report.csv.work").rglob("scores/part-*.parquet")))
    assert done > 0
    assert not list((small_disk / ".report.csv.work").rglob(".*.parquet-*"))  # nothing half written is left
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    finished(started(table, out, tiny_bundle, "--no-words", "--resume"))
    assert out.read_bytes() == whole


def test_two_processes_on_one_batch_do_not_disturb_each_other(
    table: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    out = tmp_path / "report.csv"
    scores = tmp_path / ".report.csv.work" / "home" / "batches" / "batch" / "scores"
    first = started(table, out, tiny_bundle, "--no-words")
    while not list(scores.glob("part-*.parquet")):
        assert first.poll() is None
        time.sleep(0.005)
    os.kill(first.pid, signal.SIGSTOP)  # so that it still holds the batch's lock
    second = started(table, out, tiny_bundle, "--no-words", "--resume")
    _, err = second.communicate(timeout=120)
    os.kill(first.pid, signal.SIGCONT)
    assert second.returncode == 1
    assert "Batch batch is being scored by another process" in err
    finished(first)
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == POSTS + 1
