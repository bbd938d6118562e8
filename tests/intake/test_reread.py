"""Refused files that may be tables are kept, and read again in the way that the analyst chose."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from pathlib import Path

import pytest

from analysis.errors import IntakeError
from analysis.importers import ImportOptions
from analysis.intake import InputFile, Inputs, check_batch, read_inputs
from analysis.intake.refused_files import RefusedFile
from analysis.intake.reread import reread_refused, reread_table
from analysis.settings import Settings
from tests.intake.bombs.png import png
from tests.intake.drops import sheet_rows, workbook

pytestmark = pytest.mark.slow

TABLE = b"id,text\n1,good day\n"
UTF_16 = "id;text\n2;Привет всем\n".encode("utf-16-le")  # no byte order mark: not recognised


def read(folder: Path, *files: tuple[str, bytes], settings: Settings | None = None) -> Inputs:
    return read_inputs([InputFile(name, content) for name, content in files], folder, settings)


def texts(inputs: Inputs) -> list[str]:
    """The texts of the posts; the counts add up."""
    checked = check_batch(inputs)
    for counts in checked.counts.values():
        assert counts.received + counts.rejected == counts.expected
    return checked.posts["text"].tolist()


def test_a_file_in_a_wrong_encoding_is_read_in_the_chosen_one(tmp_path: Path) -> None:
    before = read(tmp_path, ("posts.csv", UTF_16), ("more.csv", TABLE))
    assert [(each.name, each.format) for each in before.refused] == [("posts.csv", "delimited")]
    assert texts(before) == ["good day"]
    after = reread_refused(before, before.refused[0], ImportOptions(encoding="utf-16"), tmp_path)
    assert texts(after) == ["good day", "Привет всем"]
    assert not after.refused
    assert not after.rejected


def test_a_file_that_is_refused_again_has_the_new_reason_and_its_choices(tmp_path: Path) -> None:
    before = read(tmp_path, ("posts.txt", b'["good day", "bad rain"]'))
    assert before.refused == (RefusedFile("posts.txt", b'["good day", "bad rain"]'),)
    after = reread_refused(before, before.refused[0], ImportOptions(format="json"), tmp_path)
    assert [each.reason for each in after.rejected] == ["contains no JSON objects"]
    assert after.refused[0].choices == ("top level",)
    chosen = ImportOptions(format="json", list_path="top level")
    assert texts(reread_refused(after, after.refused[0], chosen, tmp_path)) == ["good day", "bad rain"]


def test_a_refused_file_of_a_zip_outlives_the_unpacked_zip(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("drop/posts.txt", "good day\nbad rain\n")
        archive.writestr("drop/more.csv", TABLE)
    before = read(tmp_path, ("drop.zip", packed.getvalue()))
    (file,) = before.refused
    after = reread_refused(before, file, ImportOptions(format="lines"), tmp_path)
    assert texts(after) == ["good day", "good day", "bad rain"]
    assert after.tables[1].raw == file.content


@pytest.mark.parametrize("form", ["lines", "json"])
def test_a_copy_of_a_refused_file_stays_rejected(tmp_path: Path, form: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("posts.txt", "good day\nbad rain\n")
    before = read(tmp_path, ("a.zip", packed.getvalue()), ("b.zip", packed.getvalue()))
    assert [each.name for each in before.refused] == ["posts.txt"]
    after = reread_refused(before, before.refused[0], ImportOptions(format=form), tmp_path)
    assert texts(after) == (["good day", "bad rain"] if form == "lines" else [])
    assert after.rejected[-1].reason == "is the same as the other file of this name"
    assert len(after.rejected) == len(after.refused) + 1


def test_a_workbook_without_a_readable_sheet_has_its_sheets_as_choices(tmp_path: Path) -> None:
    hidden = io.BytesIO()
    shown = workbook(("May", sheet_rows(["id", "text"], ["1", "good day"])))
    with zipfile.ZipFile(io.BytesIO(shown)) as old, zipfile.ZipFile(hidden, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'name="May"', b'name="May" state="hidden"'))
    before = read(tmp_path, ("posts.xlsx", hidden.getvalue()))
    assert [each.reason for each in before.rejected] == ["has a sheet 'May' that is hidden"]
    assert before.refused[0].choices == ("May",)
    after = reread_refused(before, before.refused[0], ImportOptions(sheets=("May",)), tmp_path)
    assert texts(after) == ["good day"]


def test_a_header_below_the_data_is_corrected(tmp_path: Path) -> None:
    before = read(tmp_path, ("posts.csv", b"1,good day\nid,text\n"))
    assert [each.reason for each in before.rejected] == ["contains no rows below the header (id, text)"]
    after = reread_refused(before, before.refused[0], ImportOptions(header_row=0), tmp_path)
    assert len(after.tables[0].rows) == 2


def test_files_that_no_choice_makes_a_table_are_not_kept(tmp_path: Path) -> None:
    binary = bytes(range(1, 9)) * 100
    inputs = read(
        tmp_path,
        ("empty.csv", b""),
        ("fake.jpg", b"hello"),
        ("program.exe", binary),
        ("drop.7z", b"7z\xbc\xaf\x27\x1c" + bytes(30)),
        ("posts.parquet", b"PAR1 and nothing else"),
        ("broken.png", png(2, 2)[:40]),
    )
    assert len(inputs.rejected) == 6
    assert inputs.refused == ()


def test_only_so_many_refused_files_are_kept(tmp_path: Path) -> None:
    files = [(f"{name}.txt", b"some words here") for name in "abc"]
    inputs = read(tmp_path, *files, settings=Settings(max_refused_kept=2))
    assert [each.name for each in inputs.refused] == ["a.txt", "b.txt"]


@pytest.mark.parametrize("refused", [True, False])
def test_a_limit_of_the_upload_holds_for_a_file_that_is_read_again(tmp_path: Path, refused: bool) -> None:
    settings = Settings(max_table_rows=3)
    before = read(
        tmp_path, ("a.csv", b"id,text\n1,a\n2,b\n"), ("b.txt", b"c\nd\n"), ("c.csv", b"text\na b\n")
    )
    again = (
        partial(reread_refused, before, before.refused[0], ImportOptions(format="lines"))
        if refused
        else partial(reread_table, before, before.tables[1], ImportOptions(header_row=0))
    )
    with pytest.raises(IntakeError, match="the limit is 3"):
        again(tmp_path, settings)
