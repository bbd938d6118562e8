"""Disk errors: full, read-only, or no folder where the workspace should be. Pages open and say what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.model import Bundle
from analysis.workspace import Batch, Workspace
from pages.review.explained import encoded_post
from pages.shared import places
from tests.pages.conftest import APP, Open, app_at
from tests.pages.test_pages import PAGES
from tests.pages.uploads import TABLE, drop, metrics, png, stored_files
from tests.scored import new_batch, score

pytestmark = pytest.mark.slow


@contextmanager
def disk(folder: Path, options: str) -> Iterator[Path]:
    """A small disk of its own, if we may mount one."""
    folder.mkdir(exist_ok=True)
    try:
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def read_only(folder: Path, at: Path) -> Iterator[Path]:
    """A folder seen at another place where nothing can be written, if we may mount it."""
    at.mkdir()
    try:
        subprocess.run(["mount", "--bind", str(folder), str(at)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a folder cannot be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(at)], check=True)
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def fill(path: Path) -> None:
    """Write zeros until the disk is full."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def open_app(page: str) -> AppTest:
    return app_at(page).run()


def errors(app: AppTest) -> str:
    return " ".join(error.value for error in app.error).replace("\\", "").replace("\u2060", "")


@pytest.fixture
def workspace_at(monkeypatch: pytest.MonkeyPatch, tiny_bundle: Bundle) -> Callable[[Path], None]:
    monkeypatch.setenv("POSTLENS_MODEL", str(tiny_bundle.folder))
    return lambda home: monkeypatch.setenv("POSTLENS_HOME", str(home))


def test_an_upload_to_a_full_disk_keeps_what_was_read_before(
    tmp_path: Path, workspace_at: Callable[[Path], None]
) -> None:
    with disk(tmp_path / "disk", "size=512k") as small:
        (small / "home" / "batches").mkdir(parents=True)
        workspace_at(small / "home")
        app = drop(open_app(places.UPLOAD), ("posts.csv", TABLE))
        assert metrics(app)["Posts ready to score"] == "2"
        before = stored_files(app)

        drop(app, ("large.csv", b"id,text\n" + b"1,good day\n" * 100_000))
        assert not app.exception
        assert "cannot be written: No space left on device" in errors(app)
        assert "free space" in errors(app)
        assert metrics(app)["Posts ready to score"] == "2"
        assert stored_files(app) == before  # nothing of the failed file takes up room

        drop(app, ("more.csv", b"id,text\n7,rain\n"))
        assert not app.error
        assert metrics(app)["Posts ready to score"] == "3"


def test_scoring_on_a_full_disk_keeps_what_was_read(
    tmp_path: Path, workspace_at: Callable[[Path], None]
) -> None:
    with disk(tmp_path / "disk", "size=256k") as small:
        (small / "home" / "batches").mkdir(parents=True)
        workspace_at(small / "home")
        app = drop(open_app(places.UPLOAD), ("posts.csv", TABLE), ("a.png", png()))
        filler = small / "filler"
        fill(filler)
        app.button(key="score").click().run()
        assert not app.exception
        assert "No space left on device" in errors(app)
        assert Workspace(small / "home").batches() == []
        filler.unlink()
        app.run()
        assert metrics(app)["Posts ready to score"] == "2"


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_a_home_that_is_not_utf_8(
    tmp_path: Path, workspace_at: Callable[[Path], None], page: str
) -> None:
    workspace_at(Path(os.fsdecode(os.fsencode(tmp_path) + b"/x\xff")))
    app = open_app(page)
    assert not app.exception
    assert "has a path that is not valid UTF-8. Set POSTLENS_HOME to a folder whose path is." in errors(app)
    assert "error number" not in errors(app)


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_on_a_read_only_workspace(
    tmp_path: Path, workspace_at: Callable[[Path], None], page: str
) -> None:
    batch = score(new_batch(tmp_path))
    with read_only(tmp_path / "home", tmp_path / "disk") as home:
        workspace_at(home)
        app = open_app(page)
        assert not app.exception
        assert app.title
        if page == places.UPLOAD:
            assert "cannot be written" in errors(app)
            app.text_input(key=f"name_{batch.id}").set_value("Autumn")
            app.button(key=f"rename_{batch.id}").click().run()
            assert not app.exception
            assert "Read-only file system" in errors(app)
            drop(app, ("posts.csv", TABLE))
            assert not app.exception
            assert "Read-only file system" in errors(app)
        else:
            assert not app.error


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_where_no_workspace_can_be_made(
    tmp_path: Path, workspace_at: Callable[[Path], None], page: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    workspace_at(tmp_path / "file" / "home")
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert "cannot be written" in errors(app)
    assert app.title
    app.switch_page(page).run()
    assert not app.exception
    assert app.title
    assert "Sample posts" not in errors(app)  # shown once
    assert ("cannot be written" in errors(app)) == (page == places.UPLOAD)


@pytest.mark.parametrize(
    "change",
    [
        {"name": 7},
        {"name": {"a": "b"}},
        {"name": None},
        {"name": "\ud800"},
        {"bundle": ["x"]},
        {"n_posts": "20"},
        {"n_posts": 20.0},
        {"part_posts": True},
        {"part_posts": "256"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"created_at": 3},
        {"sources": 3},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_batch_with_a_corrupt_manifest_is_listed_with_the_others(
    open_page: Open, batch: Batch, change: dict[str, Any]
) -> None:
    bad = batch.folder.with_name("bad")
    shutil.copytree(batch.folder, bad)
    content = json.loads((bad / "manifest.json").read_bytes())
    (bad / "manifest.json").write_text(json.dumps({**content, "id": "bad", **change}))
    app = open_page(places.UPLOAD)
    assert not app.exception
    assert [text.value for text in app.text if text.value in ("Spring", "bad")].count("bad") == 1
    assert any(text.value == "Spring" for text in app.text)
    app.button(key="delete_bad").click().run()
    app.button(key="delete_for_good").click().run()
    assert not bad.exists()
    assert not app.exception


@pytest.mark.parametrize("content", [b"", b"[1]", b"7", b"[" * 100_000, b"\xff\xfe", b'{"id": "bad"}'])
def test_a_batch_with_an_invalid_manifest_is_listed_with_the_others(
    open_page: Open, batch: Batch, content: bytes
) -> None:
    bad = batch.folder.with_name("bad")
    shutil.copytree(batch.folder, bad)
    (bad / "manifest.json").write_bytes(content)
    app = open_page(places.UPLOAD)
    assert not app.exception
    assert {"Spring", "bad"} <= {text.value for text in app.text}


PAGES_WITH_IMAGES = [
    (places.POSTS, {}),
    (places.REASONS, {}),
    (places.EXPLAIN, {"post": "p2"}),
    (places.EXPLAIN, {"post": "p3"}),
]


@pytest.mark.parametrize("damage", [None, b"", b"no image", b"<svg onload=alert(1)>"])
@pytest.mark.parametrize(("page", "address"), PAGES_WITH_IMAGES)
def test_an_image_missing_or_damaged_on_disk_has_a_placeholder(
    open_page: Open, batch: Batch, page: str, address: dict[str, str], damage: bytes | None
) -> None:
    for path in batch.folder.joinpath("media").rglob("*.jpg"):
        path.unlink()
        if damage is not None:
            path.write_bytes(damage)
    st.cache_data.clear()  # of what other tests have read from a batch of this id
    encoded_post.clear()
    app = open_page(page, batch=batch.id, **address)
    if page == places.POSTS:
        app.segmented_control(key="view").set_value("gallery").run()
    assert not app.exception
    shown = " ".join(caption.value for caption in app.caption)
    assert "missing or damaged on disk" in shown
    if page == places.EXPLAIN and address["post"] == "p3":
        assert any("Post number 3" in text.value for text in app.text)
        assert "Image" in errors(app)
