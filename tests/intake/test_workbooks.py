"""Sheets of workbooks: all with posts are read, and the others are listed with the reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from analysis.importers import ImportOptions, RefusedError
from analysis.intake import CheckedBatch, InputFile, check_batch, read_inputs
from analysis.intake.tables import parse_tables
from tests.intake.binary_workbook import xls
from tests.intake.drops import sheet_rows, workbook
from tests.intake.open_document import ods, ods_row

pytestmark = pytest.mark.slow

MAY = sheet_rows(
    ["Posts of May", None, None], [None], ["id", "text", "likes"], ["a", "hello", 1], ["b", "bye", 2]
)
JUNE = sheet_rows(["Nachricht", "Datum"], ["guten Tag", "2026-06-01"])
NOTES = sheet_rows(["About this export"], ["It was made by hand in June."], ["Ask the office for more."])


def check(content: bytes, folder: Path, options: ImportOptions | None = None) -> CheckedBatch:
    checked = check_batch(read_inputs([InputFile("posts.xlsx", content)], folder, options=options))
    for counts in checked.counts.values():
        assert counts.received + counts.rejected == counts.expected
    return checked


def test_every_sheet_with_posts_is_read_with_its_own_header_and_others_are_listed(tmp_path: Path) -> None:
    content = workbook(("Notes", NOTES), ("May", MAY), ("Empty", ""), ("June", JUNE))
    checked = check(content, tmp_path)
    assert checked.posts["text"].tolist() == ["hello", "bye", "guten Tag"]
    assert checked.posts["source"].unique().tolist() == ["posts.xlsx (sheet May)", "posts.xlsx (sheet June)"]
    (sheet,) = checked.rejected.itertuples()
    assert (sheet.kind, sheet.name) == ("sheet", "posts.xlsx")
    assert sheet.reason == "has a sheet 'Notes' that was not read: it does not look like posts"
    assert sheet.remedy
    assert checked.counts["sheet"].expected == 3
    assert checked.counts["file"].expected == checked.counts["file"].received == 1


def test_one_sheet_is_the_table_of_its_file(tmp_path: Path) -> None:
    checked = check(workbook(("S", MAY)), tmp_path)
    assert set(checked.posts["source"]) == {"posts.xlsx"}
    assert checked.counts["sheet"].expected == 0


def test_the_analyst_chooses_sheets_and_header(tmp_path: Path) -> None:
    content = workbook(("May", MAY), ("June", JUNE))
    checked = check(content, tmp_path, ImportOptions(sheets=("June",)))
    assert checked.posts["text"].tolist() == ["guten Tag"]
    assert [each.reason for each in checked.rejected.itertuples()] == [
        "has a sheet 'May' that was not chosen"
    ]
    chosen = parse_tables(InputFile("p.xlsx", content), options=ImportOptions(sheets=("May",), header_row=4))
    assert chosen.tables[0].columns[:2] == ("a", "hello")
    with pytest.raises(RefusedError, match="has no sheet 'July' with rows"):
        parse_tables(InputFile("p.xlsx", content), options=ImportOptions(sheets=("July",)))


def test_a_hidden_sheet_is_listed(tmp_path: Path) -> None:
    content = workbook(("May", MAY), ("June", JUNE))

    hidden = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(hidden, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b'name="June"', b'name="June" state="hidden"'))
    checked = check(hidden.getvalue(), tmp_path)
    assert len(checked.posts) == 2
    assert [each.reason for each in checked.rejected.itertuples()] == ["has a sheet 'June' that is hidden"]
    chosen = check(hidden.getvalue(), tmp_path, ImportOptions(sheets=("June",)))
    assert chosen.posts["text"].tolist() == ["guten Tag"]


def test_sheets_without_known_columns_are_listed_and_so_is_their_file(tmp_path: Path) -> None:
    rows = sheet_rows(["a", "b"], [1, 2], [3, 4])
    checked = check(workbook(("One", rows), ("Two", rows)), tmp_path)
    assert checked.posts.empty
    assert sorted(checked.rejected["kind"]) == ["file", "sheet", "sheet"]


def test_an_ods_workbook_is_read_with_its_repeated_blank_cells_left_out(tmp_path: Path) -> None:
    may = ods_row("id", "text", 16_382) + ods_row("a", "hello") + ods_row(16_384, repeated=1_048_000)
    june = ods_row("Nachricht", "Autor") + ods_row("guten Tag", "ann", repeated=2)
    checked = check(ods(("May", may), ("June", june)), tmp_path)
    assert checked.posts["text"].tolist() == ["hello", "guten Tag", "guten Tag"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ods_row("text") + ods_row(16_383, "x", repeated=1_000_000), "the limit is 10,000,000 cells"),
        (ods_row("text", "id") + ods_row("a" * 100_000, "1", repeated=100_000), "unpacks to more than"),
    ],
)
def test_repeated_cells_of_ods_are_measured_before_they_are_expanded(rows: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        parse_tables(InputFile("posts.ods", ods(("S", rows))))


def test_an_xls_workbook_is_read(tmp_path: Path) -> None:
    may = {(0, 0): "id", (0, 1): "text", (1, 0): 1.50011223344001e18, (1, 1): "héllo Ж"}
    checked = check(xls(("May", may), ("Notes", {(0, 0): "made by hand"})), tmp_path)
    assert checked.posts["post_id"].tolist() == ["1500112233440010000"]
    assert checked.posts["text"].tolist() == ["héllo Ж"]
    assert sorted(checked.rejected["kind"]) == ["column", "sheet"]


def test_an_old_word_document_is_no_workbook(tmp_path: Path) -> None:
    content = xls(("S", {}))[:8] + bytes(600)
    inputs = read_inputs([InputFile("a.doc", content), InputFile("a.xls", content)], tmp_path)
    assert [each.reason for each in inputs.rejected] == [
        "is not a table, an image or a zip",
        "cannot be read as an XLS workbook",
    ]
