"""Compiled encoders in the workspace's folder: kept privately, checked when they are read, and few."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analysis.settings import Settings
from analysis.temporary import release_temporary_folder
from analysis.workspace import CompiledEncoders, open_compiled_encoders

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def compiled(tmp_path: Path) -> CompiledEncoders:
    return CompiledEncoders(tmp_path / "home", 10_000)


def entries(compiled: CompiledEncoders) -> list[Path]:
    return sorted(compiled.folder.iterdir())


def test_content_is_found_again_by_its_key_only(compiled: CompiledEncoders) -> None:
    assert compiled.load(KEY) is None
    compiled.store(KEY, b"network")
    assert compiled.load(KEY) == b"network"
    assert compiled.load(OTHER) is None


def test_entries_are_private_and_nothing_else_is_left(compiled: CompiledEncoders) -> None:
    before = os.umask(0)
    compiled.store(KEY, b"network")
    os.umask(before)
    release_temporary_folder(compiled.home)
    files = [path for path in compiled.home.rglob("*") if path.is_file()]
    assert files == entries(compiled)
    assert len(files) == 1
    assert all(path.stat().st_mode & 0o077 == 0 for path in [compiled.home, *compiled.home.rglob("*")])


@pytest.mark.parametrize(
    "damage", ["cut", "flipped", "emptied", "of another key", "link", "writable by others"]
)
def test_an_entry_that_cannot_be_trusted_is_ignored_and_replaced(
    compiled: CompiledEncoders, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    compiled.store(KEY, b"network")
    (path,) = entries(compiled)
    content, key = bytearray(path.read_bytes()), KEY
    if damage == "link":
        path.rename(compiled.home / "elsewhere")
        path.symlink_to(compiled.home / "elsewhere")
    elif damage == "writable by others":
        path.chmod(0o666)
    elif damage == "of another key":
        path.rename(path.with_stem(OTHER))
        key = OTHER
    else:
        content[-1] ^= damage == "flipped"
        path.write_bytes(content[: {"cut": -1, "emptied": 0}.get(damage, len(content))])
    with caplog.at_level(logging.WARNING):
        assert compiled.load(key) is None
    assert "is ignored and compiled again" in caplog.text
    compiled.store(key, b"network again")
    assert compiled.load(key) == b"network again"


def test_entries_that_were_not_used_for_long_are_deleted(compiled: CompiledEncoders) -> None:
    for number in range(3):
        compiled.store(str(number), bytes(3_000))
        os.utime(compiled.folder / f"{number}.bin", (number, number))
    assert compiled.load("0") is not None
    compiled.store("new", bytes(3_000))
    assert [path.stem for path in entries(compiled)] == ["0", "2", "new"]


def test_an_entry_larger_than_the_limit_is_not_stored(compiled: CompiledEncoders) -> None:
    compiled.store(KEY, bytes(10_001))
    assert compiled.load(KEY) is None
    assert not compiled.home.exists()


@pytest.mark.parametrize("blocked", ["home", "home/compiled"])
def test_a_folder_that_cannot_be_written_means_no_cache(
    tmp_path: Path, compiled: CompiledEncoders, blocked: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / blocked).parent.mkdir(exist_ok=True)
    (tmp_path / blocked).write_text("a file")
    compiled.store(KEY, b"network")
    assert compiled.load(KEY) is None
    assert "cannot be stored" in caplog.text


def test_a_full_disk_leaves_the_entry_that_was_there(
    compiled: CompiledEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    compiled.store(KEY, b"network")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        compiled.store(KEY, b"new network")
    assert compiled.load(KEY) == b"network"


def test_several_may_write_and_read_at_once(compiled: CompiledEncoders) -> None:
    contents = [bytes([number]) * 2_000 for number in range(8)]

    def use(number: int) -> bytes | None:
        compiled.store(KEY, contents[number % 8])
        return compiled.load(KEY)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(use, range(80)))
    assert set(found) <= set(contents)
    assert len(entries(compiled)) == 1


def test_the_settings_decide_whether_there_is_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTLENS_HOME", str(tmp_path / "home"))
    found = open_compiled_encoders(Settings())
    assert found is not None
    assert found.home == tmp_path / "home"
    assert open_compiled_encoders(Settings(max_compiled_bytes=0)) is None
    monkeypatch.setenv("POSTLENS_HOME", os.fsdecode(b"/x\xff"))
    assert open_compiled_encoders(Settings()) is None
