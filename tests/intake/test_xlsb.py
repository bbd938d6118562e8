"""XLSB workbooks: values, sheets, and the measurement of their records."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from analysis.importers import ImportOptions, RefusedError
from analysis.importers.xlsb import _PartSize
from analysis.intake import InputFile, Table, check_batch, parse_table, read_inputs
from analysis.intake.tables import parse_tables
from analysis.settings import Settings
from tests.intake.drops import sheet_rows, workbook
from tests.intake.xlsb_workbook import Cells, cell, record, row_header, sheet, xlsb

MAY: Cells = {
    (0, 0): "id",
    (0, 1): "text",
    (0, 2): "date",
    (0, 3): "likes",
    (1, 0): 1.50011223344001e18,
    (1, 1): "héllo Ж 😀",
    (1, 2): datetime(2026, 5, 31, 14, 30),
    (1, 3): 12,
    (2, 0): 7.5,
    (2, 1): "bye",
    (2, 3): True,
}
JUNE: Cells = {(0, 0): "Nachricht", (0, 1): "Autor", (1, 0): "guten Tag", (1, 1): "ann"}


def read(content: bytes, name: str = "posts.xlsb", **options: object) -> Table:
    return parse_table(InputFile(name, content), options=ImportOptions(**options))


def test_texts_numbers_and_times_are_exact() -> None:
    table = read(xlsb(("May", MAY)))
    assert table.columns == ("id", "text", "date", "likes")
    assert table.rows.to_numpy().tolist() == [
        ["1500112233440010000", "héllo Ж 😀", "2026-05-31T14:30:00", "12"],
        ["7.5", "bye", "", "true"],
    ]


@pytest.mark.slow
def test_all_sheets_with_posts_are_read_and_others_can_be_chosen(tmp_path: Path) -> None:
    content = xlsb(("Notes", {(0, 0): "made by hand"}), ("May", MAY), ("June", JUNE), hidden=["June"])
    inputs = read_inputs([InputFile("posts.xlsb", content)], tmp_path)
    assert [table.sheet for table in inputs.tables] == ["May"]
    assert inputs.tables[0].sheets == ("Notes", "May", "June")
    assert len(inputs.rejected) == 2
    assert check_batch(inputs).posts["likes"].tolist()[0] == 12
    assert read(content, sheets=("June",)).rows["Nachricht"].tolist() == ["guten Tag"]
    assert read(content, sheets=("May",), header_row=2).columns[1] == "héllo Ж 😀"


def test_a_workbook_is_recognised_by_its_content() -> None:
    assert len(read(xlsb(("May", MAY)), "posts.xlsx").rows) == 2
    assert len(read(xlsb(("May", MAY)), "posts").rows) == 2
    with pytest.raises(RefusedError, match="cannot be read as an XLSB workbook"):
        read(b"PK\x03\x04 and nothing else", "posts.xlsb")
    xlsx = workbook(("May", sheet_rows(["id", "text"], ["1", "hello"])))
    assert len(read(xlsx, "posts.xlsb").rows) == 1


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({(0, 0): "text", (1_048_575, 16_383): "x"}, "limit is 10,000,000 cells"),
        ({(0, 0): "text", **{(row, 0): "a" * 30_000 for row in range(1, 6_000)}}, "unpacks to more than"),
    ],
)
def test_cells_and_copies_of_strings_are_measured_before_they_are_expanded(cells: Cells, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        parse_tables(InputFile("posts.xlsb", xlsb(("S", cells))))


def test_a_workbook_of_too_many_parts_is_refused() -> None:
    written = io.BytesIO(xlsb(("May", MAY)))
    with zipfile.ZipFile(written, "a") as archive:
        for number in range(4):
            archive.writestr(f"xl/media/{number}", "")
    with pytest.raises(RefusedError, match="has 10 parts; the limit is 9"):
        parse_table(InputFile("a.xlsb", written.getvalue()), Settings(max_workbook_parts=9))


@pytest.mark.parametrize("size", [1, 2, 7, 18, 19, 1_000_000])
def test_records_are_counted_however_the_part_is_cut(size: int) -> None:
    strings = record(159, bytes(8)) + b"".join(record(19, bytes(length)) for length in (30, 4, 70_000, 9))
    rows = (
        row_header(3)
        + cell(1, 2.5)
        + cell(4, 1, shared=True)
        + record(1_000, bytes(300))
        + cell(2, 1, shared=True)
    )
    lengths: list[int] = []
    uses: Counter[int] = Counter()
    for part in (strings, sheet(rows)[:-6]):  # nothing behind the last cell
        measured = _PartSize(lengths, uses, Settings())
        for start in range(0, len(part), size):
            measured.feed(part[start : start + size])
        measured.end()
    assert lengths == [30, 4, 70_000, 9]
    assert uses == {1: 2}
    assert (measured._rows, measured._columns) == (4, 5)
