"""`postlens score` and its work folder: paths of any characters, and every state that a cut off run can leave."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from analysis.cli import main, work
from analysis.errors import WorkspaceError
from analysis.model.bundle import Bundle
from analysis.workspace import Workspace

pytestmark = pytest.mark.slow

ODD = ["[1]*?{a,b}", " 'q' %20 Üñ语", "valence=1", "**", "#o&p;q"]


def posts_in(folder: Path, table: str = "posts.csv", images: str = "images") -> Path:
    (folder / images).mkdir(parents=True)
    (folder / table).write_text("post_id,text,images\na,good day,one.jpg\nb,awful,\nc,,\n")
    Image.new("RGB", (60, 40), (200, 60, 20)).save(folder / images / "one.jpg")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("odd", ODD)
def test_a_run_works_with_any_characters_in_its_paths(tmp_path: Path, tiny_bundle: Bundle, odd: str) -> None:
    plain, out = tmp_path / "plain.csv", tmp_path / f"out {odd}" / odd / f"report{odd}.csv"
    source = posts_in(tmp_path / f"in {odd}" / odd, f"table{odd}.csv", f"images{odd}")
    shutil.copytree(source / f"images{odd}", tmp_path / "images")
    table = shutil.copy(source / f"table{odd}.csv", tmp_path)  # its name is in the report
    common = ("--model", tiny_bundle.folder)
    done = run("score", table, "--media", tmp_path / "images", "--out", plain, *common)
    assert done.exit_code == 0, done.output
    media = source / f"images{odd}"
    done = run("score", source / f"table{odd}.csv", "--media", media, "--out", out, *common)
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == plain.read_bytes()
    assert sorted(path.name for path in out.parent.iterdir()) == [
        out.name,
        out.with_suffix(".rejected.csv").name,
    ]
    done = run("score", source, "--out", out, *common, "--pixels", out.parent / f"maps{odd}")
    assert done.exit_code == 0, done.output
    assert (out.parent / f"maps{odd}" / "000001-1.png").exists()


@pytest.fixture
def cut_off(tmp_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Stop a run before its report, as if it was killed, and return the command that resumes it."""
    posts_in(tmp_path / "drop")
    command = ("score", tmp_path / "drop", "--model", tiny_bundle.folder, "--out")
    assert run(*command, tmp_path / "whole.csv").exit_code == 0
    with monkeypatch.context() as patched:
        patched.setattr(work, "_remove", lambda folder, keep: None)
        patched.setattr(Path, "rmdir", lambda path: None)
        assert run(*command, tmp_path / "report.csv").exit_code == 0
    (tmp_path / "report.csv").unlink()
    (tmp_path / ".report.csv.work" / "input.json").stat()
    return lambda *more: run(*command, tmp_path / "report.csv", *more)


def removals(folder: Path) -> dict[str, list[Path]]:
    """What a removal that was cut off can have removed: each file alone, each folder, all but each file."""
    paths = [path for path in sorted(folder.rglob("*")) if path.name != ".lock"]
    files = [path for path in paths if path.is_file()]
    return {
        **{f"without {path.relative_to(folder)}": [path] for path in paths},
        **{f"only {path.relative_to(folder)}": [each for each in files if each != path] for path in files},
        "empty": [path for path in paths if path.parent == folder],
    }


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.exhaustive)])
def test_a_partly_removed_work_folder_is_resumed_or_started_again(
    tmp_path: Path, cut_off: Callable[..., Result], every: int
) -> None:
    folder, kept = tmp_path / ".report.csv.work", tmp_path / "kept"
    expected = (tmp_path / "whole.csv").read_bytes()
    folder.rename(kept)
    states = removals(kept)
    assert len(states) > 30
    for state, removed in list(states.items())[::every]:
        shutil.copytree(kept, folder)
        for path in removed:
            there = folder / path.relative_to(kept)
            if there.is_dir():
                shutil.rmtree(there)
            else:
                there.unlink(missing_ok=True)
        done = cut_off("--resume", "--words")
        assert done.exit_code == 0, (state, done.output)
        assert (tmp_path / "report.csv").read_bytes() == expected, state
        assert not folder.exists(), state


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_an_unreadable_input_list_starts_the_run_again(
    tmp_path: Path, cut_off: Callable[..., Result], content: bytes
) -> None:
    (tmp_path / ".report.csv.work" / "input.json").write_bytes(content)
    done = cut_off("--resume")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "report.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_input_list_is_the_first_thing_that_is_removed(
    tmp_path: Path, cut_off: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".report.csv.work"

    def killed(path: Path, **_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(work.shutil, "rmtree", killed)
        assert cut_off().exit_code != 0
    assert not (folder / "input.json").exists()
    assert (folder / "home").exists()
    assert cut_off("--resume").exit_code == 0


def test_files_are_recorded_for_a_manifest_only(
    tmp_path: Path, cut_off: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "manifest.json"
    with monkeypatch.context() as patched:
        patched.setattr("analysis.intake.record._record_file", None)
        assert cut_off().exit_code == 0
    assert cut_off("--manifest", manifest).exit_code == 0
    assert manifest.is_file()


def test_a_run_that_recorded_no_files_is_not_resumed_with_a_manifest(
    tmp_path: Path, cut_off: Callable[..., Result]
) -> None:
    manifest = tmp_path / "manifest.json"
    done = cut_off("--resume", "--manifest", manifest)
    assert done.exit_code == 1
    assert "had no --manifest, so it did not record the files" in done.output
    assert "Run without --resume to start again" in done.output
    assert not manifest.exists()
    assert cut_off("--resume").exit_code == 0


def test_a_resumed_run_keeps_what_the_first_recorded(
    tmp_path: Path, cut_off: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "manifest.json"
    shutil.rmtree(tmp_path / ".report.csv.work")
    with monkeypatch.context() as patched:
        patched.setattr(work, "_remove", lambda folder, keep: None)
        patched.setattr(Path, "rmdir", lambda path: None)
        assert cut_off("--manifest", manifest).exit_code == 0
    first = json.loads(manifest.read_bytes())
    manifest.unlink()
    done = cut_off("--resume", "--manifest", manifest)
    assert done.exit_code == 0, done.output
    assert json.loads(manifest.read_bytes())["input"] == first["input"]


def test_another_input_is_refused(tmp_path: Path, cut_off: Callable[..., Result]) -> None:
    (tmp_path / ".report.csv.work" / "input.json").write_text(json.dumps({"sha256": "of another"}))
    done = cut_off("--resume")
    assert done.exit_code == 1
    assert "has changed since the interrupted run" in done.output


def test_damaged_files_of_the_work_folder_are_made_again(
    tmp_path: Path, cut_off: Callable[..., Result]
) -> None:
    folder, kept = tmp_path / ".report.csv.work", tmp_path / "kept"
    folder.rename(kept)
    expected = (tmp_path / "whole.csv").read_bytes()
    for path in sorted(kept.rglob("*")):
        if not path.is_file() or path.name == "input.json" or not path.stat().st_size:
            continue
        shutil.copytree(kept, folder)
        damaged = folder / path.relative_to(kept)
        content = bytearray(damaged.read_bytes())
        content[len(content) // 2] ^= 1
        damaged.write_bytes(content)
        done = cut_off("--resume")
        assert done.exit_code == 0, (path, done.output)
        assert (tmp_path / "report.csv").read_bytes() == expected, path


def test_a_run_does_not_remove_the_work_of_another(tmp_path: Path, cut_off: Callable[..., Result]) -> None:
    with work.resumable_command_batch(tmp_path / "report.csv", tmp_path / "drop", None, resume=True) as (
        batch,
        _,
        _,
    ):
        for more in ((), ("--resume",)):
            done = cut_off(*more)
            assert done.exit_code == 1
            assert "Batch batch is being scored by another process" in done.output
        assert batch is not None
        assert batch.scored() == 2


def test_the_work_folder_is_private_and_the_report_is_not(
    tmp_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []

    def look(folder: Path, keep: set[str]) -> None:
        seen.extend((str(path), path.stat().st_mode) for path in (folder, *folder.rglob("*")))

    monkeypatch.setattr(work, "_remove", look)
    before = os.umask(0o022)
    try:
        out = tmp_path / "report.csv"
        done = run("score", posts_in(tmp_path / "drop"), "--model", tiny_bundle.folder, "--out", out)
    finally:
        os.umask(before)
    assert done.exit_code == 0, done.output
    assert len(seen) > 20
    assert [name for name, mode in seen if mode & 0o077] == []
    assert out.stat().st_mode & 0o777 == 0o644
    assert out.with_suffix(".rejected.csv").stat().st_mode & 0o777 == 0o644


def test_a_work_folder_in_a_read_only_place_is_named(tmp_path: Path, tiny_bundle: Bundle) -> None:
    (tmp_path / ".report.csv.work").write_text("a file, not a folder")
    done = run(
        "score", posts_in(tmp_path / "drop"), "--model", tiny_bundle.folder, "--out", tmp_path / "report.csv"
    )
    assert done.exit_code == 1
    assert "cannot be written" in done.output
    assert not isinstance(done.exception, WorkspaceError)
    assert Workspace(tmp_path / ".report.csv.work" / "home").batches() == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_report_whose_path_is_not_utf_8_is_refused_with_a_reason(
    tmp_path: Path, tiny_bundle: Bundle
) -> None:
    (tmp_path / "posts.csv").write_text("id,text\na,good day\n", encoding="utf-8")
    out = tmp_path / os.fsdecode(b"\xff") / "report.csv"
    done = run("score", tmp_path / "posts.csv", "--out", out, "--model", tiny_bundle.folder)
    assert done.exit_code == 1
    assert "The report's path is not valid UTF-8" in done.output
    assert not out.parent.exists()
