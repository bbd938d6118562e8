"""Two CSV reports are compared row by row."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from analysis.errors import PostLensError
from analysis.reproduction import compare_csv_files


def compare(tmp_path: Path, before: str, now: str) -> list[str]:
    original, again = tmp_path / "original.csv", tmp_path / "again.csv"
    original.write_text(before, encoding="utf-8-sig", newline="")
    again.write_text(now, encoding="utf-8-sig", newline="")
    return [str(each) for each in compare_csv_files(original, again)]


def test_the_first_row_the_columns_and_the_largest_distance_are_named(tmp_path: Path) -> None:
    before = "post_id,valence,text\na,0.5,x\nb,0.250001,y\nc,0.1,z\n"
    now = "post_id,valence,text\na,0.5,x\nb,0.250003,y\nc,0.100001,w\n"
    first, all_rows = compare(tmp_path, before, now)
    assert first.startswith("report: the first row that differs is row 2 (post_id b), in valence: ")
    assert first.endswith(": valence is '0.250003' here, '0.250001' in the original")
    assert all_rows == (
        "report: 2 posts differ, in the columns valence (2 posts, by at most 2e-06), text (1 post)"
    )


def test_a_missing_row_and_a_further_row_are_named(tmp_path: Path) -> None:
    two, three = "post_id\na\nb\n", "post_id\na\nb\nc\n"
    assert compare(tmp_path, three, two) == ["report: row 3 (post_id c) is missing"]
    assert compare(tmp_path, two, three) == ["report: row 3 (post_id c) is not in the original"]


def test_other_columns_are_named(tmp_path: Path) -> None:
    assert compare(tmp_path, "a,b\n1,2\n", "a,c\n1,2\n") == [
        "report: columns that are missing: b",
        "report: columns that are not in the original: c",
    ]
    assert compare(tmp_path, "a,b\n1,2\n", "b,a\n2,1\n") == ["report: the columns are in another order"]


def test_equal_cells_in_other_bytes_are_said_to_be_equal(tmp_path: Path) -> None:
    assert compare(tmp_path, "a\n1\n", "a\r\n1\r\n") == [
        "report: all cells are equal, but the files differ in line ends, quotes or encoding"
    ]


def test_a_file_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PostLensError, match="cannot be read as a CSV report"):
        compare_csv_files(tmp_path / "x.csv", tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("before", "now", "size"),
    [
        ("0.5", "0.500000001", "1 post, by at most 1e-09"),
        ("1", "3", "1 post, by at most 2"),
        ("0.5", "nan", "1 post"),
        ("inf", "Infinity", "1 post"),
    ],
)
def test_one_post_and_any_distance_are_described(tmp_path: Path, before: str, now: str, size: str) -> None:
    _, described = compare(tmp_path, f"post_id,valence\na,{before}\n", f"post_id,valence\na,{now}\n")
    assert described == f"report: 1 post differs, in the column valence ({size})"


def test_long_fields_are_compared_and_the_limit_of_the_process_stays(tmp_path: Path) -> None:
    limit, long = csv.field_size_limit(), "x" * 200_000
    first, _ = compare(tmp_path, f"text\n{long}\n", f"text\n{long}y\n")
    assert "in text" in first
    assert csv.field_size_limit() == limit
    (tmp_path / "original.csv").write_bytes(b"text\n\xff\n")
    with pytest.raises(PostLensError):
        compare_csv_files(tmp_path / "original.csv", tmp_path / "again.csv")
    assert csv.field_size_limit() == limit


def test_the_original_is_not_blamed_for_the_other_report(tmp_path: Path) -> None:
    (tmp_path / "original.csv").write_text("text\nx\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        compare_csv_files(tmp_path / "original.csv", tmp_path / "absent.csv")
