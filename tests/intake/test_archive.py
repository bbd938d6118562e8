from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.importers.refused import RefusedError
from analysis.intake.archive import unpack_zip
from analysis.intake.files import InputFile, is_system_file
from analysis.settings import MB, Settings
from tests.intake.zips import Members, packed, refusal, unpack


def linked(name: str, mode: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = mode << 16
    return member


def test_members_keep_their_names_and_content(tmp_path: Path) -> None:
    members: Members = [
        ("posts.csv", b"id\n1\n"),
        ("media/<b>é.jpg", b"\xff\xd8"),
        ("empty", b""),
        ("a/b/c..d", b"x"),
    ]
    files, rejected = unpack(packed(members), tmp_path)
    assert files == dict(members)
    assert rejected == []


def test_a_zip_on_disk_is_read_like_one_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(packed([("posts.csv", b"x")]))
    (tmp_path / "spool").mkdir()
    files, _ = unpack_zip(InputFile("drop.zip", path), tmp_path / "spool", Settings())
    assert [(file.name, file.read()) for file in files] == [("posts.csv", b"x")]


def test_folders_and_system_files_are_left_out(tmp_path: Path) -> None:
    members: Members = [
        ("media/", b""),
        ("__MACOSX/._a.jpg", b"x"),
        ("media/.DS_Store", b"x"),
        ("Thumbs.db", b"x"),
    ]
    assert unpack(packed([*members, ("a.csv", b"1")]), tmp_path) == ({"a.csv": b"1"}, [])


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "a/../../evil.csv",
        "/etc/evil.csv",
        "C:/evil.csv",
        "c:evil.csv",
        "..",
        "..\\evil",
    ],
)
def test_a_name_that_points_out_of_the_zip_is_refused(name: str, tmp_path: Path) -> None:
    rejection = refusal((name, b"x"), tmp_path)
    assert rejection.name == name.replace("\\", "/")
    assert rejection.reason == "has a path outside its zip"


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o644])
def test_links_and_devices_are_refused(mode: int, tmp_path: Path) -> None:
    assert "is a link or a device" in refusal((linked("a.jpg", mode), b"/etc/passwd"), tmp_path).reason


def test_a_regular_file_with_a_mode_is_accepted(tmp_path: Path) -> None:
    assert unpack(packed([(linked("a.csv", stat.S_IFREG | 0o644), b"x")]), tmp_path) == ({"a.csv": b"x"}, [])


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed([("a.csv", b"x"), ("secret.csv", b"y")]))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 8] |= 1
    files, (rejection,) = unpack(bytes(content), tmp_path)
    assert list(files) == ["a.csv"]
    assert (rejection.name, rejection.reason) == ("secret.csv", "is encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_unpacked_in_small_steps_are_refused(method: int, tmp_path: Path) -> None:
    member = zipfile.ZipInfo("a.csv")
    member.compress_type = method
    assert "compression method" in refusal((member, b"x" * 100), tmp_path).reason


def tar_of(name: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("inner.TAR", b"anything"),
        ("inner", tar_of("a.csv")),
        ("inner", b"7z\xbc\xaf\x27\x1c\x00\x04"),
        ("inner", b"Rar!\x1a\x07\x01\x00"),
    ],
)
def test_an_archive_in_the_zip_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    assert "is an archive within a zip" in refusal((name, content), tmp_path).reason


def test_a_workbook_is_a_table_and_no_archive(tmp_path: Path) -> None:
    workbook = packed([("xl/workbook.xml", b"<workbook/>")])
    assert unpack(packed([("posts.XLSX", workbook)]), tmp_path) == ({"posts.XLSX": workbook}, [])


def test_the_second_of_two_equal_names_is_listed(tmp_path: Path) -> None:
    files, (rejection,) = unpack(packed([("a.csv", b"first"), ("a.csv", b"second")]), tmp_path)
    assert files == {"a.csv": b"first"}
    assert (rejection.name, rejection.reason) == ("a.csv", "is in its zip twice; the first one was used")


def test_members_beyond_the_limit_are_listed_each(tmp_path: Path) -> None:
    members: Members = [(f"{number}.csv", b"x") for number in range(5)]
    files, rejected = unpack(packed(members), tmp_path, max_archive_members=3)
    assert list(files) == ["0.csv", "1.csv", "2.csv"]
    assert [(rejection.name, rejection.reason) for rejection in rejected] == [
        ("3.csv", "comes after the first 3 files of its zip"),
        ("4.csv", "comes after the first 3 files of its zip"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("n_members", [1_000, 70_000])  # the latter are listed in the records of Zip64
def test_a_directory_far_beyond_the_limit_is_not_loaded(n_members: int, tmp_path: Path) -> None:
    content = packed([(f"{number:05}.csv", b"") for number in range(n_members)], zipfile.ZIP_STORED)
    assert (b"PK\x06\x06" in content) is (n_members > 65_535)
    with pytest.raises(RefusedError, match=f"contains too many files; the limit is {n_members // 10:,}"):
        unpack(content, tmp_path, max_archive_members=n_members // 10)


def test_a_member_over_the_size_of_one_file_is_refused(tmp_path: Path) -> None:
    limits = {"max_table_bytes": MB, "max_image_bytes": MB // 2}
    assert "more than 1 MB" in refusal(("large.csv", b"ab" * MB), tmp_path, **limits).reason


def test_a_zip_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    assert "200 times its packed size" in refusal(("bomb.csv", bytes(3 * MB)), tmp_path).reason


def test_a_small_file_may_have_any_compression_ratio(tmp_path: Path) -> None:
    assert unpack(packed([("small.csv", bytes(MB))]), tmp_path) == ({"small.csv": bytes(MB)}, [])


def test_members_beyond_the_total_size_limit_are_refused(tmp_path: Path) -> None:
    half = b"0123456789abcdef" * (MB // 32)
    members: Members = [("1.csv", half), ("2.csv", half), ("3.csv", half), ("4.csv", b"x")]
    files, rejected = unpack(packed(members), tmp_path, max_archive_bytes=MB)
    assert list(files) == ["1.csv", "2.csv"]
    assert [rejection.name for rejection in rejected] == ["3.csv", "4.csv"]
    assert all("beyond the first 1 MB" in rejection.reason for rejection in rejected)


def test_refused_bombs_count_towards_the_total_size_limit(tmp_path: Path) -> None:
    members: Members = [(f"{number}.csv", bytes(2 * MB)) for number in range(4)]
    files, rejected = unpack(packed([*members, ("late.csv", b"x")]), tmp_path, max_archive_bytes=3 * MB)
    assert files == {}
    assert [("beyond" in rejection.reason) for rejection in rejected] == [False, False, True, True, True]


@pytest.mark.parametrize(("claimed", "taken"), [(1, False), (9_999, False), (2**31, True)])
def test_sizes_in_the_header_are_not_trusted(claimed: int, taken: bool, tmp_path: Path) -> None:
    body = b"0123456789" * 1_000
    honest = packed([("a.csv", b"1"), ("liar.csv", body)])
    size = struct.pack("<I", len(body))
    assert honest.count(size) == 2
    files, rejected = unpack(honest.replace(size, struct.pack("<I", claimed)), tmp_path)
    assert files == {"a.csv": b"1"} | ({"liar.csv": body} if taken else {})
    assert len(files) + len(rejected) == 2


def test_a_member_with_a_wrong_checksum_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    content = packed([("a.csv", b"GOOD"), ("b.csv", b"EVIL"), ("c.csv", b"GOOD")], zipfile.ZIP_STORED)
    files, (rejection,) = unpack(content.replace(b"EVIL", b"LIVE"), tmp_path)
    assert list(files) == ["a.csv", "c.csv"]
    assert (rejection.name, rejection.reason) == ("b.csv", "is damaged inside its zip")


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", packed([("a.csv", b"x" * 99)])[:-30], b"PK\x05\x06" + bytes(10)],
    ids=["empty", "text", "cut short", "signature only"],
)
def test_a_truncated_or_invalid_zip_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is not a zip or is damaged"):
        unpack(content, tmp_path)


@pytest.mark.parametrize("members", [[], [("media/", b"")], [(".DS_Store", b"x")]])
def test_a_zip_without_files_is_refused(members: Members, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="is a zip without files"):
        unpack(packed(members), tmp_path)


def test_utf8_names_without_the_utf8_flag_are_read(tmp_path: Path) -> None:
    content = packed([("caf??.jpg", b"x"), ("pl?n.csv", b"y")])
    content = content.replace(b"caf??", "café".encode()).replace(b"pl?n", "plän".encode("cp437"))
    files, _ = unpack(content, tmp_path)
    assert list(files) == ["café.jpg", "plän.csv"]


def test_control_characters_leave_the_label(tmp_path: Path) -> None:
    files, _ = unpack(packed([("a\x1b[2J\nb.csv", b"x")]), tmp_path)
    assert list(files) == ["a[2Jb.csv"]


PARTS = st.sampled_from(
    ["..", ".", "", "a", "b.csv", "C:", "\\", "~", "\x01", "é", "<i>", "__MACOSX", ".DS_Store"]
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    members=st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=5), st.sampled_from("/\\")), max_size=8)
)
def test_no_name_writes_outside_the_spool_and_every_member_is_listed(
    members: list[tuple[list[str], str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = [joint.join(parts) or "?" for parts, joint in members]
    labels = [InputFile(name, b"").name.replace("\\", "/") for name in names]
    counted = [label for label in labels if not is_system_file(label)]
    root = tmp_path_factory.mktemp("root")
    (root / "spool").mkdir()
    content = packed([(name, b"x") for name in names])
    try:
        files, rejected = unpack_zip(InputFile("drop.zip", content), root / "spool", Settings())
    except RefusedError:
        assert counted == []
        return
    assert len(files) + len(rejected) == len(counted)
    assert list(root.iterdir()) == [root / "spool"]
    assert sorted(file.content for file in files) == sorted((root / "spool").iterdir())


@settings(max_examples=150, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=6))
def test_a_damaged_zip_is_read_or_refused(
    flips: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(packed([("a.csv", b"id,text\n" * 20), ("media/b.jpg", bytes(range(200)))]))
    for place, change in flips:
        content[place % len(content)] ^= change
    spool = tmp_path_factory.mktemp("spool")
    try:
        files, _ = unpack_zip(InputFile("drop.zip", bytes(content)), spool, Settings())
    except RefusedError:
        return
    assert sorted(file.content for file in files) == sorted(spool.iterdir())
