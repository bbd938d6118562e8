"""Zips in zips, and the names of members in any encoding."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from analysis.intake.archive import unpack_zip
from analysis.intake.files import InputFile
from analysis.settings import MB, Settings
from tests.intake.zips import Members, packed, refusal, unpack


def test_a_zip_in_a_zip_is_unpacked_as_a_folder(tmp_path: Path) -> None:
    inner = packed([("a.jpg", b"1"), ("b/c.jpg", b"2")])
    files, rejected = unpack(packed([("posts.csv", b"x"), ("media/part1.zip", inner)]), tmp_path)
    assert files == {"posts.csv": b"x", "media/part1/a.jpg": b"1", "media/part1/b/c.jpg": b"2"}
    assert rejected == []


def test_a_third_level_of_zips_is_listed(tmp_path: Path) -> None:
    inner = packed([("deep.zip", packed([("a.jpg", b"1")])), ("b.jpg", b"2")])
    files, (rejection,) = unpack(packed([("inner.zip", inner)]), tmp_path)
    assert files == {"inner/b.jpg": b"2"}
    assert (rejection.name, rejection.reason) == ("inner/deep.zip", "is an archive within a zip")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"anything", "is not a zip"), (packed([]), "is a zip without files")]
)
def test_a_zip_in_a_zip_that_cannot_be_opened_is_listed(content: bytes, reason: str, tmp_path: Path) -> None:
    assert reason in refusal(("inner.zip", content), tmp_path).reason


def test_zips_in_a_zip_share_its_limits(tmp_path: Path) -> None:
    inner = packed([(f"{number}.csv", b"x") for number in range(5)])
    files, rejected = unpack(packed([("a.zip", inner), ("b.zip", inner)]), tmp_path, max_archive_members=6)
    assert (len(files), len(rejected)) == (4, 6)


def test_a_bomb_packed_twice_is_measured_by_its_size_on_disk(tmp_path: Path) -> None:
    bomb = packed([(f"{number}.csv", bytes(2 * MB)) for number in range(20)], zipfile.ZIP_STORED)
    inner = packed([("bomb.csv", bomb)])
    rejection = refusal(("inner.zip", inner), tmp_path)
    assert "times its packed size" in rejection.reason


def with_names(names: list[str], encoding: str, table: str = "") -> bytes:
    """A zip whose names are in an encoding, without the mark of UTF-8."""
    places = ["?" * len(name.encode(encoding)) for name in names]
    members: Members = [(f"{number}{place}.jpg", b"x") for number, place in enumerate(places)]
    content = packed([*members, *([("posts.csv", table.encode())] if table else [])])
    for number, name in enumerate(names):
        content = content.replace(
            f"{number}{places[number]}".encode(), str(number).encode() + name.encode(encoding)
        )
    return content


@pytest.mark.parametrize(
    "encoding", ["gbk", "big5", "cp932", "cp866", "cp1251", "cp850", "cp1252", "mac_roman"]
)
def test_names_are_read_in_the_encoding_in_which_the_table_gives_them(encoding: str, tmp_path: Path) -> None:
    name = {"gbk": "早晨", "big5": "晚上", "cp932": "おはよう", "cp866": "вечер", "cp1251": "утро"}.get(
        encoding, "früh"
    )
    table = f"text,image\nhello,0{name}.jpg\n"
    files, _ = unpack(with_names([name], encoding, table), tmp_path)
    assert list(files) == [f"0{name}.jpg", "posts.csv"]


def test_a_table_beside_the_zip_settles_its_names_too(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    table = tmp_path / "posts.csv"
    table.write_text("text,image\nhello,0图片.jpg\n")
    file = InputFile("a.zip", with_names(["图片"], "gbk"))
    files, _ = unpack_zip(file, tmp_path / "spool", Settings(), tables=[table])
    assert [file.name for file in files] == ["0图片.jpg"]


def test_without_a_table_the_likeliest_encoding_is_taken_for_all_names(tmp_path: Path) -> None:
    names = ["прекрасный вечер в городе", "утренний туман над рекой", "погода"]
    files, _ = unpack(with_names(names, "cp1251"), tmp_path)
    assert list(files) == [f"{number}{name}.jpg" for number, name in enumerate(names)]


def test_backslashes_part_folders(tmp_path: Path) -> None:
    files, _ = unpack(packed([("a\\b\\c.jpg", b"x")]), tmp_path)
    assert list(files) == ["a/b/c.jpg"]
