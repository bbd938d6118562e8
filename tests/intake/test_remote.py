"""Files from object storage, by the storages of fsspec that need no network."""

from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from analysis.errors import IntakeError
from analysis.intake.remote import download_images, hash_remote_files
from analysis.settings import Settings


@pytest.fixture(params=["memory", "file"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder with a table and an image in a folder of its own."""
    root = f"/{uuid4().hex}" if request.param == "memory" else str(tmp_path / "bucket")
    storage = fsspec.filesystem(request.param)
    storage.makedirs(f"{root}/images/may")
    storage.pipe_file(f"{root}/posts.csv", b"text\ngood\n")
    storage.pipe_file(f"{root}/images/may/1.png", b"image")
    return f"{request.param}://{root}"


def copied(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_file_is_copied_under_its_name(bucket: str, tmp_path: Path) -> None:
    copy = download_images(f"{bucket}/posts.csv", tmp_path / "here")
    assert copy == tmp_path / "here" / "posts.csv"
    assert copy.read_bytes() == b"text\ngood\n"


def test_a_folder_is_copied_with_the_folders_in_it(bucket: str, tmp_path: Path) -> None:
    copy = download_images(bucket, tmp_path / "here")
    assert copied(copy) == {"posts.csv": b"text\ngood\n", "images/may/1.png": b"image"}


def test_a_missing_file_is_an_error_that_names_it(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"gone\.csv .*Check the spelling"):
        download_images(f"{bucket}/gone.csv", tmp_path / "here")


def test_too_many_files_are_refused_before_they_are_copied(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="contains more than 1 files"):
        download_images(bucket, tmp_path / "here", Settings(max_archive_members=1))
    assert not (tmp_path / "here").exists()


def test_an_unknown_url_scheme_is_refused_with_a_message(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"^nowhere://a/b\.csv cannot be read: ValueError"):
        download_images("nowhere://a/b.csv", tmp_path)


def test_another_content_has_another_fingerprint(bucket: str) -> None:
    before = hash_remote_files(bucket)
    assert hash_remote_files(bucket) == before
    with fsspec.open(f"{bucket}/posts.csv", "wb") as file:
        file.write(b"text\nawful, awful\n")
    assert hash_remote_files(bucket) != before
