"""A backup has everything that people gave or made, is checked as a whole, and never replaces a workspace."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.custom_topics import CustomTopic
from analysis.errors import WorkspaceError
from analysis.workspace import Label, Workspace, backup, read_workspace_salt, restore_backup, write_backup


@pytest.fixture
def home(scored_home: Path, tmp_path: Path) -> Path:
    """A workspace with a batch, labels, a topic and a salt, and files that are not copied."""
    home = tmp_path / "home"
    shutil.copytree(scored_home, home)
    workspace = Workspace(home)
    workspace.reviews.save_labels("spring", "ann", [Label(3, "note", "late")])
    workspace.topics.add([CustomTopic("rain")])
    read_workspace_salt(home)
    for name in ("compiled/model.bin", ".temporary/abc/half", "batches/.gone-1/posts.parquet"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"x")
    return home


def list_files(home: Path) -> dict[str, bytes]:
    """The files of a workspace except the database, which a copy does not repeat byte for byte."""
    files = (path for path in home.rglob("*") if path.is_file() and "sqlite" not in path.name)
    named = {path.relative_to(home).as_posix(): path.read_bytes() for path in files}
    return {
        name: content
        for name, content in named.items()
        if not name.startswith("compiled/") and "/." not in f"/{name}"
    }


def test_a_restored_workspace_has_the_same_files_labels_and_topics(home: Path, tmp_path: Path) -> None:
    found = write_backup(home, tmp_path / "backup.zip")
    new = tmp_path / "elsewhere" / "new"
    assert restore_backup(tmp_path / "backup.zip", new) == found
    assert found.batches == 1
    assert list_files(new) == list_files(home)
    assert len(list_files(new)) == found.files - 1
    assert not (new / "compiled").exists()
    workspace = Workspace(new)
    assert workspace.open("spring").scored() == 20
    assert [each.after for each in workspace.reviews.read_changes("spring")] == ["late"]
    assert [each.name for each in workspace.topics.read().topics] == ["rain"]
    assert read_workspace_salt(new) == read_workspace_salt(home)
    assert [
        path.stat().st_mode & 0o077 for path in (new, tmp_path / "backup.zip", new / "reviews.sqlite")
    ] == [0, 0, 0]
    assert [path.name for path in new.parent.iterdir()] == ["new"]


def test_labels_that_are_only_in_the_log_of_the_database_are_copied(home: Path, tmp_path: Path) -> None:
    reader = sqlite3.connect(home / "reviews.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM labels").fetchone()  # the log cannot be emptied while it is read
    Workspace(home).reviews.save_labels("spring", "ann", [Label(4, "note", "new")])
    assert (home / "reviews.sqlite-wal").stat().st_size > 0
    write_backup(home, tmp_path / "backup.zip")
    reader.close()
    restore_backup(tmp_path / "backup.zip", tmp_path / "new")
    assert len(Workspace(tmp_path / "new").reviews.read_changes("spring")) == 2


def test_a_batch_that_is_deleted_meanwhile_is_left_out_and_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home / "batches" / "spring", home / "batches" / "autumn")
    copy = backup._copy

    def delete_then_copy(archive: zipfile.ZipFile, name: str, file: object) -> object:
        if name.endswith("autumn/posts.parquet"):
            shutil.rmtree(home / "batches" / "autumn")
        return copy(archive, name, file)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "_copy", delete_then_copy)
    found = write_backup(home, tmp_path / "backup.zip")
    assert found.left_out == ("autumn",)
    restore_backup(tmp_path / "backup.zip", tmp_path / "new")
    assert [each.id for each in Workspace(tmp_path / "new").batches()] == ["spring"]


def test_the_manifest_is_copied_after_the_other_files_of_its_batch(home: Path, tmp_path: Path) -> None:
    write_backup(home, tmp_path / "backup.zip")
    names = [
        each for each in zipfile.ZipFile(tmp_path / "backup.zip").namelist() if each.startswith("batches/")
    ]
    assert names[-1] == "batches/spring/manifest.json"


def change(path: Path, name: str, content: bytes | None) -> None:
    """Replace a file in a zip archive, or remove it."""
    with zipfile.ZipFile(path) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    files |= {name: content or b""}
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in files.items():
            if each != name or content is not None:
                archive.writestr(each, data)


def listing(path: Path, **changes: object) -> bytes:
    return json.dumps({**json.loads(zipfile.ZipFile(path).read("backup.json")), **changes}).encode()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "damaged or not complete"),
        (lambda path: path.write_bytes(b"no archive"), "no backup of PostLens"),
        (lambda path: change(path, "backup.json", None), "no backup of PostLens"),
        (lambda path: change(path, "backup.json", b"[1]"), "no backup of PostLens"),
        (lambda path: change(path, "batches/spring/posts.parquet", b"other"), "posts.parquet differs"),
        (lambda path: change(path, "batches/spring/posts.parquet", None), "damaged or not complete"),
        (lambda path: change(path, "backup.json", listing(path, version=2)), "later version"),
        (
            lambda path: change(
                path, "backup.json", listing(path, files={"../a": {"sha256": "", "bytes": 1}})
            ),
            "has a file with the path '../a'",
        ),
        (lambda path: path.unlink(), "does not exist"),
    ],
)
def test_what_is_wrong_with_a_backup_is_named_and_nothing_is_written(
    home: Path, tmp_path: Path, damage: object, message: str
) -> None:
    path = tmp_path / "backup.zip"
    write_backup(home, path)
    damage(path)  # type: ignore[operator]
    before = {each.name for each in tmp_path.iterdir()}
    with pytest.raises(WorkspaceError, match=message):
        restore_backup(path, tmp_path / "new")
    assert {each.name for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["/etc/x", "a/../b", "a\\b", "c:x", "a//b", "", "a\0b"])
def test_no_file_is_written_outside_the_folder(name: str) -> None:
    assert not backup._is_safe(name)


def test_a_workspace_is_never_replaced_and_a_backup_is_not_inside_it(home: Path, tmp_path: Path) -> None:
    write_backup(home, tmp_path / "backup.zip")
    before = list_files(home)
    with pytest.raises(WorkspaceError, match="is not empty"):
        restore_backup(tmp_path / "backup.zip", home)
    assert list_files(home) == before
    with pytest.raises(WorkspaceError, match="is inside the workspace"):
        write_backup(home, home / "backup.zip")
    with pytest.raises(WorkspaceError, match="has no batches"):
        write_backup(tmp_path / "nothing", tmp_path / "other.zip")
    assert not (tmp_path / "other.zip").exists()


def test_the_commands_say_what_was_copied(home: Path, tmp_path: Path) -> None:
    path, new = str(tmp_path / "backup.zip"), str(tmp_path / "new")
    made = CliRunner().invoke(main, ["backup", path, "--home", str(home)])
    assert made.exit_code == 0, made.output
    assert f"to {path}. Batches: 1." in made.output
    restored = CliRunner().invoke(main, ["restore", path, "--home", new])
    assert restored.exit_code == 0, restored.output
    assert f"to {new}. Batches: 1." in restored.output
    again = CliRunner().invoke(main, ["restore", path, "--home", new])
    assert again.exit_code == 1
    assert "is not empty" in again.output
