from __future__ import annotations

import csv
import io
import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import IntakeError
from analysis.importers.refused import RefusedError
from analysis.intake.files import (
    InputFile,
    is_system_file,
    list_files,
    parse_pasted_text,
    split_pasted_posts,
)
from analysis.settings import Settings


def names(files: list[InputFile]) -> list[str]:
    return [file.name for file in files]


def posts_of(text: str) -> list[str]:
    content = parse_pasted_text(text).read().decode("utf-8")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0] == ["text"]
    return [row[0] for row in rows[1:]]


def write(path: Path, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_bytes_and_a_path_give_the_same_content(tmp_path: Path) -> None:
    for file in (InputFile("a", b"posts"), InputFile("a", write(tmp_path / "other name", "posts"))):
        with file.open() as opened:
            assert (file.read(), file.head(), file.size, opened.read()) == (b"posts", b"posts", 5, b"posts")


def test_a_file_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        InputFile("a", b"").name = "b"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["b.JPG", "a/b.JPG", r"C:\a\b.JPG", r"a/x\b.JPG"])
def test_base_name_and_extension_follow_slashes_and_backslashes(name: str) -> None:
    file = InputFile(name, b"")
    assert (file.base, file.suffix) == ("b.JPG", ".jpg")


def test_control_characters_are_removed_from_names_and_other_letters_kept() -> None:
    assert InputFile("a\x00\x1b[31m\n\x85b.jpg", b"").name == "a[31mb.jpg"
    assert InputFile("<b>\u202egpj.été🎉", b"").name == "<b>\u202egpj.été🎉"
    assert InputFile("\x00 \t", b"").name == "unnamed file"


@given(st.text(st.characters(), max_size=40))
def test_any_name_becomes_one_that_can_be_stored(name: str) -> None:
    label = InputFile(name, b"").name
    assert label.encode("utf-8")
    assert label
    assert InputFile(label, b"").name == label


@pytest.mark.parametrize("ask", [InputFile.read, InputFile.head, InputFile.open, lambda file: file.size])
def test_a_vanished_file_is_refused(ask: object, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be read"):
        ask(InputFile("a.csv", tmp_path / "gone"))  # type: ignore[operator]


def test_an_empty_file_is_refused_on_inspection() -> None:
    with pytest.raises(RefusedError, match="is empty"):
        InputFile("a.csv", b"").head()


def test_a_single_file_is_listed_under_its_name(tmp_path: Path) -> None:
    assert names(list_files(write(tmp_path / ".hidden" / "posts.csv"))) == ["posts.csv"]


def test_a_folder_is_listed_in_order_with_names_relative_to_it(tmp_path: Path) -> None:
    for name in ("posts.csv", "media/b.jpg", "media/a.jpg", "media/deep/c.jpg"):
        write(tmp_path / "drop" / name)
    found = list_files(tmp_path / "drop")
    assert sorted(names(found)) == ["media/a.jpg", "media/b.jpg", "media/deep/c.jpg", "posts.csv"]
    assert names(found) == names(list_files(tmp_path / "drop"))
    assert all(file.read() == b"x" for file in found)


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    for name in (".DS_Store", ".git/config", "a.csv"):
        write(tmp_path / name)
    assert names(list_files(tmp_path)) == ["a.csv"]


def problems(folder: Path) -> dict[str, str]:
    return {file.name: file.problem.reason if file.problem else "" for file in list_files(folder)}


def test_links_are_followed_inside_the_folder_and_others_listed_with_the_reason(tmp_path: Path) -> None:
    drop, secret = tmp_path / "drop", write(tmp_path / "secret" / "key.csv")
    write(drop / "a.jpg")
    write(drop / "photos" / "b.jpg")
    for link, target in {
        "out.csv": secret,
        "folder": secret.parent,
        "round": drop,
        "broken.csv": tmp_path / "nowhere",
        "same.jpg": drop / "a.jpg",
        "album": drop / "photos",
    }.items():
        (drop / link).symlink_to(target)
    found = problems(drop)
    assert [name for name, problem in found.items() if not problem] == [
        "a.jpg",
        "same.jpg",
        "album/b.jpg",
        "photos/b.jpg",
    ]
    assert "leads out of its folder" in found["out.csv"]
    assert "leads out of its folder" in found["folder"]
    assert "a folder that it is in" in found["round"]
    assert "does not exist" in found["broken.csv"]
    assert all(file.problem.remedy for file in list_files(drop) if file.problem)


def test_a_table_behind_two_links_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "posts" / "a.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "posts" / "a.csv")
    (tmp_path / "latest").symlink_to(tmp_path / "posts")
    (tmp_path / "newest").symlink_to(tmp_path / "posts")
    found = problems(tmp_path)
    assert [name for name, problem in found.items() if not problem] == ["posts/a.csv"]
    assert sorted(found) == ["b.csv", "latest/a.csv", "newest", "posts/a.csv"]


def test_links_between_folders_do_not_multiply_them(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(12)]
    for folder in folders:
        write(folder / "a.jpg")
        for other in folders:
            (folder / f"to {other.name}").symlink_to(other)
    assert len(list_files(tmp_path)) < 12 * 12 * 3


def test_pipes_are_listed_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    write(tmp_path / "a.csv")
    assert problems(tmp_path) == {"a.csv": "", "pipe.csv": "is neither a file nor a folder"}


def test_a_missing_path_names_itself_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"nowhere is not a file or folder.*Check the spelling"):
        list_files(tmp_path / "nowhere")


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="contains no files"):
        list_files(tmp_path)


def test_a_folder_with_too_many_files_is_an_error(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / name)
    with pytest.raises(IntakeError, match="more than 2 files"):
        list_files(tmp_path, Settings(max_archive_members=2))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_an_error_and_not_a_gap(tmp_path: Path) -> None:
    locked = write(tmp_path / "locked" / "a.csv").parent
    write(tmp_path / "b.csv")
    locked.chmod(0)
    try:
        with pytest.raises(IntakeError, match="locked cannot be read"):
            list_files(tmp_path)
    finally:
        locked.chmod(0o700)


@pytest.mark.parametrize(
    ("text", "posts"),
    [
        ("one\ntwo\r\nthree\n", ["one", "two", "three"]),
        ("\n\none\nmore of it\n \t\n\r\n\rtwo\n\nthree\n", ["one\nmore of it", "two", "three"]),
        ("one\ntwo\n\nthree", ["one", "two", "three"]),
        ("1\n2\n\n3\n4\n5\n\n6\n7\n", ["1", "2", "3", "4", "5", "6", "7"]),
        ("1\n1\n\n2\n2\n\n3\n3\n", ["1\n1", "2\n2", "3\n3"]),
        ("  only  \n\n\n", ["only"]),
        ("one\n   \ntwo", ["one", "two"]),
        ('say "hi", she said; ok\n=1+1', ['say "hi", she said; ok', "=1+1"]),
        ("line\u2028separator\n\x0btab", ["line\u2028separator", "tab"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_pasted_text_is_one_post_a_block_or_a_line(text: str, posts: list[str]) -> None:
    assert posts_of(text) == posts


def test_the_separator_of_pasted_posts_can_be_chosen() -> None:
    text = "one\nmore of it\n\ntwo"
    assert split_pasted_posts(text, blank_lines=True) == ["one\nmore of it", "two"]
    assert split_pasted_posts(text, blank_lines=False) == ["one", "more of it", "two"]


def test_pasted_text_has_a_name_and_may_hold_lone_surrogates() -> None:
    assert parse_pasted_text("a").name == "pasted text.csv"
    assert posts_of("a \ud800 b") == ["a ? b"]


@pytest.mark.slow
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1), min_size=1))
def test_pasted_lines_are_unchanged(lines: list[str]) -> None:
    assert posts_of("\n".join(lines)) == lines


@pytest.mark.parametrize(
    "name",
    ["__MACOSX/._a.jpg", "a/__MACOSX/b", ".DS_Store", "a/.DS_Store", "Thumbs.db", "a/desktop.ini", "._a.jpg"],
)
def test_system_files_are_known(name: str) -> None:
    assert is_system_file(name)


@pytest.mark.parametrize(
    "name", ["a.jpg", "thumbs.jpg", "my__MACOSX/a.jpg", "desktop.ini/a.jpg", "README.md"]
)
def test_an_analysts_files_are_no_system_files(name: str) -> None:
    assert not is_system_file(name)
