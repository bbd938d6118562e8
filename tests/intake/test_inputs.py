from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from analysis.errors import IntakeError
from analysis.importers.refused import RefusedError
from analysis.intake.files import InputFile, parse_pasted_text
from analysis.intake.inputs import Inputs, read_inputs
from analysis.intake.media import stored_image_path
from analysis.intake.rejections import REJECTED_COLUMNS, reject_file, rejected_frame
from analysis.settings import MB, Settings

TABLE = b"id,text,image\n1,hello,a.png\n2,rain,\n"


def png(colour: str = "teal", side: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, "PNG")
    return file.getvalue()


def zipped(members: Sequence[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def read(files: Sequence[tuple[str, bytes | Path]], folder: Path, **limits: int) -> Inputs:
    """Read files; check that each has one outcome, and which are left behind: images, and unpacked tables.

    A refused file that may be a table is left too.
    """
    media = folder / "media"
    inputs = read_inputs([InputFile(name, content) for name, content in files], media, Settings(**limits))
    outcomes = (inputs.tables, inputs.images, inputs.companions, inputs.rejected)
    assert sum(map(len, outcomes)) == inputs.expected_files
    assert all(name == image.name for name, image in inputs.images.items())
    stored = {stored_image_path(media, image.media_id) for image in inputs.images.values()}
    files = [*[table.raw for table in inputs.tables], *[file.content for file in inputs.refused]]
    stored |= {path for path in files if isinstance(path, Path) and media in path.parents}
    assert {path for path in media.rglob("*") if path.is_file()} == stored
    assert [path for path in media.iterdir() if path.name.startswith(".")] == []
    return inputs


def reasons(inputs: Inputs) -> dict[str, str]:
    return {rejection.name: rejection.reason for rejection in inputs.rejected}


@pytest.mark.slow
def test_tables_images_and_other_files_are_distinguished(tmp_path: Path) -> None:
    inputs = read(
        [("posts.csv", TABLE), ("a.png", png()), ("notes.txt", b"hello"), ("fake.jpg", b"hello")], tmp_path
    )
    assert [table.name for table in inputs.tables] == ["posts.csv"]
    assert list(inputs.images) == ["a.png"]
    assert reasons(inputs) == {
        "notes.txt": "is not a table, an image or a zip",
        "fake.jpg": "is not an image, despite its name",
    }
    assert inputs.expected_files == 4


def test_a_zip_counts_as_its_members(tmp_path: Path) -> None:
    members = [
        ("drop/posts.csv", TABLE),
        ("drop/a.png", png()),
        ("drop/README.md", b"#"),
        ("../b.png", png()),
    ]
    inputs = read([("drop.zip", zipped(members)), ("b.png", png("red"))], tmp_path)
    assert [table.name for table in inputs.tables] == ["drop/posts.csv"]
    assert list(inputs.images) == ["drop/a.png", "b.png"]
    assert list(reasons(inputs)) == ["drop/README.md", "../b.png"]
    assert inputs.expected_files == 5


def test_a_table_from_a_zip_outlives_the_unpacked_zip(tmp_path: Path) -> None:
    (table,) = read([("drop.zip", zipped([("posts.csv", TABLE)]))], tmp_path).tables
    assert isinstance(table.raw, Path)
    assert table.raw.read_bytes() == TABLE


def test_a_table_on_disk_is_kept_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "spooled"
    path.write_bytes(TABLE)
    (table,) = read([("posts.csv", path)], tmp_path).tables
    assert table.raw == path


def test_a_zip_that_cannot_be_opened_is_one_rejection(tmp_path: Path) -> None:
    inputs = read([("drop.zip", b"no zip"), ("empty.ZIP", zipped([])), ("posts.csv", TABLE)], tmp_path)
    assert reasons(inputs) == {
        "drop.zip": "is not a zip or is damaged",
        "empty.ZIP": "is a zip without files",
    }
    assert (len(inputs.tables), inputs.expected_files) == (1, 3)


def test_system_files_are_neither_counted_nor_listed(tmp_path: Path) -> None:
    inputs = read([("media/Thumbs.db", b"x"), (".DS_Store", b"x"), ("a.png", png())], tmp_path)
    assert (inputs.rejected, inputs.expected_files) == ((), 1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("posts.csv", b"", "is empty"),
        ("a.png", b"", "is empty"),
        ("posts.rar", b"Rar!\x1a\x07\x01\x00", "in the RAR format"),
        ("posts.csv.gz", b"\x1f\x8b\x08\x00", "is damaged, or not gzip"),
        ("posts.tar", b"x", "in the tar format"),
        ("posts.csv", b"7z\xbc\xaf\x27\x1c\x00\x04", "in the 7z format"),
        ("report.docx", zipped([("word/document.xml", b"x")]), "does not end in .zip"),
        ("posts.xls", b"\xd0\xcf\x11\xe0", "cannot be read as an XLS workbook"),
        ("posts.ods", zipped([("content.xml", b"x")]), "cannot be read as an ODS workbook"),
        ("posts.xlsx", zipped([("a.csv", b"x")]), "cannot be read as an XLSX workbook"),
        ("clip.mp4", b"x", "is a video (MP4)"),
        ("LICENSE", b"free", "is not a table"),
        ("a\x00b\u202e<b>.exe", b"MZ", "is not a table"),
    ],
)
def test_each_refusal_has_its_reason_and_remedy(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    inputs = read([(name, content), ("a good.png", png())], tmp_path)
    (rejection,) = inputs.rejected
    assert rejection.kind == "file"
    assert rejection.name == InputFile(name, b"").name
    assert reason in rejection.reason
    assert rejection.remedy.endswith(".")
    assert list(inputs.images) == ["a good.png"]


def test_a_file_that_vanished_is_rejected_and_the_rest_read(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    inputs = read(
        [("a.png", gone), ("b.csv", gone), ("c.zip", gone), ("d.png", gone), ("d.png", png())], tmp_path
    )
    assert list(inputs.images) == ["d.png"]
    assert all("cannot be read" in rejection.reason for rejection in inputs.rejected)
    assert inputs.expected_files == 5


def test_equal_names_with_other_content_get_numbers(tmp_path: Path) -> None:
    files = [
        ("m/a.png", png("red")),
        ("m/a (2).png", png("lime")),
        ("m/a.png", png("blue")),
        ("m/a.png", png("teal")),
    ]
    inputs = read(files, tmp_path)
    assert list(inputs.images) == ["m/a.png", "m/a (2).png", "m/a (3).png", "m/a (4).png"]
    assert len({image.media_id for image in inputs.images.values()}) == 4


def test_equal_names_with_equal_content_are_stored_once(tmp_path: Path) -> None:
    content = zipped([("a.png", png()), ("posts.csv", TABLE)])
    inputs = read([("a.png", png()), ("one.zip", content), ("two.zip", content)], tmp_path)
    assert list(inputs.images) == ["a.png"]
    assert len(inputs.tables) == 1
    assert [rejection.name for rejection in inputs.rejected] == ["a.png", "a.png", "posts.csv"]
    assert {rejection.reason for rejection in inputs.rejected} == {
        "is the same as the other file of this name"
    }


def test_a_file_with_too_long_a_name_is_refused(tmp_path: Path) -> None:
    deep = "a/" * 2_000 + "more.csv"
    inputs = read(
        [("posts.zip", zipped([(deep, TABLE), ("posts.csv", TABLE)])), (f"{'1' * 600}.png", png())], tmp_path
    )
    assert [table.name for table in inputs.tables] == ["posts.csv"]
    assert [(len(file.name), file.reason) for file in inputs.rejected] == [
        (501, "has a name of 4,008 characters with its folders; the limit is 500"),
        (501, "has a name of 604 characters with its folders; the limit is 500"),
    ]


def test_a_long_name_of_a_column_may_not_be_repeated_with_millions_of_values(tmp_path: Path) -> None:
    wide = f"text,{'n' * 100_000}\n" + "".join(f"hello {number},x\n" for number in range(5_000))
    few = f"text,{'n' * 100_000}\n" + "".join(f"hi {number},\n" for number in range(5_000)) + "bye,x\n"
    inputs = read([("wide.csv", wide.encode()), ("few.csv", few.encode()), ("posts.csv", TABLE)], tmp_path)
    assert [table.name for table in inputs.tables] == ["few.csv", "posts.csv"]
    assert reasons(inputs) == {
        "wide.csv": "has column names that take more than 256 MB when stored with each value"
    }


def test_tables_of_one_name_from_two_zips_are_kept_apart(tmp_path: Path) -> None:
    other = TABLE.replace(b"rain", b"sun")
    inputs = read(
        [("1.zip", zipped([("posts.csv", TABLE)])), ("2.zip", zipped([("posts.csv", other)]))], tmp_path
    )
    assert [(table.name, Path(str(table.raw)).read_bytes()) for table in inputs.tables] == [
        ("posts.csv", TABLE),
        ("posts (2).csv", other),
    ]


def test_one_image_under_two_names_is_stored_once(tmp_path: Path) -> None:
    inputs = read([("a.png", png()), ("b.png", png())], tmp_path)
    assert list(inputs.images) == ["a.png", "b.png"]
    assert len({image.media_id for image in inputs.images.values()}) == 1


def test_many_images_keep_their_order(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(60)]
    contents = [png(f"rgb({number * 4},0,0)", side=300 if number % 7 == 0 else 20) for number in range(60)]
    assert list(read(list(zip(names, contents, strict=True)), tmp_path).images) == names


def test_pasted_text_is_a_table(tmp_path: Path) -> None:
    file = parse_pasted_text("first; post, with marks\n\nsecond\nof two lines", blank_lines=True)
    (table,) = read([(file.name, file.read())], tmp_path).tables
    assert list(table.rows["text"]) == ["first; post, with marks", "second\nof two lines"]


def test_no_files_are_no_inputs(tmp_path: Path) -> None:
    assert read([], tmp_path) == Inputs((), {}, (), 0)


def test_limits_apply_to_every_file(tmp_path: Path) -> None:
    files = [
        ("posts.csv", b"text\n" + b"x" * MB),
        ("a.png", png(side=50)),
        ("b.zip", zipped([("1", b""), ("2", b"")])),
    ]
    inputs = read(files, tmp_path, max_table_bytes=MB, max_image_pixels=400, max_archive_members=1)
    assert set(reasons(inputs)) == {"posts.csv", "a.png", "1", "2"}
    assert "after the first 1 files" in reasons(inputs)["2"]


def test_a_disk_error_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"a file where the folder should be")
    with pytest.raises(IntakeError, match=r"The batch cannot be stored: .*POSTLENS_HOME"):
        read_inputs([InputFile("a.png", png())], tmp_path / "media")


def test_a_disk_error_at_an_image_leaves_nothing_unpacked(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    blocked = {f"{number:02x}" for number in range(256)}
    for name in blocked:
        (tmp_path / "media" / name).write_bytes(b"a file where a folder of images should be")
    with pytest.raises(IntakeError, match=r"The batch cannot be stored"):
        read_inputs([InputFile("a.zip", zipped([("a.png", png())]))], tmp_path / "media")
    assert {path.name for path in (tmp_path / "media").iterdir()} == blocked


def test_rejections_become_a_table_of_text(tmp_path: Path) -> None:
    rejection = reject_file("=a.csv", RefusedError("is empty", "Leave it out."))
    frame = rejected_frame([rejection])
    assert tuple(frame.columns) == REJECTED_COLUMNS
    assert frame.iloc[0].to_dict() | {"post_id": None} == {
        "kind": "file", "name": "=a.csv", "reason": "is empty", "remedy": "Leave it out.", "post_id": None, "raw": ""
    }  # fmt: skip
    assert frame["post_id"].isna().all()
    assert list(rejected_frame([]).columns) == list(frame.columns)
    assert list(rejected_frame([]).dtypes) == list(frame.dtypes)


NAMES = st.sampled_from(["a.png", "a.csv", "a.zip", "b/a.png", "a.xlsx", "a.json", "a", ".DS_Store", "a.txt"])
CONTENTS = st.one_of(
    st.binary(max_size=30),
    st.sampled_from([TABLE, png(), png("red"), b'{"text": "x"}', b"[]"]),
    st.lists(
        st.tuples(NAMES, st.sampled_from([TABLE, png(), b""])), max_size=4, unique_by=lambda m: m[0]
    ).map(zipped),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(files=st.lists(st.tuples(NAMES, CONTENTS), max_size=6))
def test_every_file_is_either_accepted_or_rejected_once(
    files: list[tuple[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    inputs = read(files, tmp_path_factory.mktemp("drop"))
    taken = [table.name for table in inputs.tables] + list(inputs.images)
    assert len(set(taken)) == len(taken)
