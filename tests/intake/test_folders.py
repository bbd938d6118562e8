"""Images beside a table, and folders of images."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from analysis.api.posts import read_files
from analysis.intake import CheckedBatch, check_batch
from analysis.intake.folders import list_images, list_nearby_files
from analysis.settings import Settings


def png(path: Path, colour: str = "teal") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(file, "PNG")
    path.write_bytes(file.getvalue())
    return path


def scored(source: Path, tmp_path: Path, media: Path | None = None) -> CheckedBatch:
    checked = check_batch(read_files(source, media, tmp_path / "stored"))
    assert all(each.received + each.rejected == each.expected for each in checked.counts.values())
    return checked


def table_in(folder: Path, *cells: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "posts.csv"
    table.write_text("text,image\n" + "".join(f'hello {n},"{cell}"\n' for n, cell in enumerate(cells)))
    return table


def test_a_table_alone_gets_the_images_that_it_names_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    for name in ("images/a.png", "b.png", "images/unnamed.png"):
        png(folder / name)
    checked = scored(table_in(folder, "images/a.png", "./b.png", "images\\a.png|b.png"), tmp_path)
    assert checked.posts["images"].map(len).tolist() == [1, 1, 2]
    assert len(checked.rejected) == 0


def test_nothing_outside_the_folder_of_the_table_is_read(tmp_path: Path) -> None:
    folder, secret = tmp_path / "drop", png(tmp_path / "secret.png")
    table = table_in(folder, "../secret.png", "link.png", str(secret), "away/secret.png", ".hidden/a.png")
    png(folder / ".hidden" / "a.png")
    (folder / "link.png").symlink_to(secret)
    (folder / "away").symlink_to(tmp_path)
    checked = scored(table, tmp_path)
    assert checked.posts["images"].map(len).sum() == 0
    files = checked.rejected[checked.rejected["kind"] == "file"]
    assert sorted(files["name"]) == ["../secret.png", "away/secret.png", "link.png"]
    assert files["reason"].str.contains("leads out of its folder").all()


def test_a_named_file_that_is_no_image_is_listed_and_never_a_table(tmp_path: Path) -> None:
    table = table_in(tmp_path / "drop", "other.jpg")
    (tmp_path / "drop" / "other.jpg").write_text("text\nsecret\n")
    checked = scored(table, tmp_path)
    assert checked.posts["text"].tolist() == ["hello 0"]
    assert "is not an image" in checked.rejected["reason"][0]


def test_names_match_whether_a_letter_is_one_character_or_two(tmp_path: Path) -> None:
    png(tmp_path / "Ko\u0308ln.png")
    (file,) = list_nearby_files(
        tmp_path, ["K\u00f6ln.png", "K\u00f6ln.png", "x\0.png", "missing.png"], Settings()
    )
    assert file.problem is None


def test_other_files_in_a_folder_of_images_are_listed(tmp_path: Path) -> None:
    png(tmp_path / "media" / "a.png")
    (tmp_path / "media" / "notes.csv").write_text("text\nno post\n")
    assert [bool(file.problem) for file in list_images(tmp_path / "media")] == [False, True]
    checked = scored(table_in(tmp_path / "drop", "a.png"), tmp_path, tmp_path / "media")
    assert checked.posts["images"].map(len).tolist() == [1]
    assert checked.rejected["name"].tolist() == ["notes.csv"]


def test_an_image_behind_a_link_out_of_the_folder_is_not_just_missing(tmp_path: Path) -> None:
    png(tmp_path / "disk" / "a.png")
    table = table_in(tmp_path / "drop", "media/a.png")
    (tmp_path / "drop" / "media").symlink_to(tmp_path / "disk")
    checked = scored(table.parent, tmp_path)
    reasons = dict(zip(checked.rejected["kind"], checked.rejected["reason"], strict=True))
    assert "symbolic link" in reasons["file"]
    assert "is in media, which was rejected" in reasons["reference"]
