"""The limits of tables that are read in chunks: lines, rows, columns, rejected rows, memory and size."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.importers import ImportOptions, RefusedError
from analysis.intake import InputFile, read_inputs
from analysis.intake.streamed import read_large_table
from analysis.settings import MB, Settings
from tests.intake.drops import reasons
from tests.intake.large_tables import DELIMITED, LARGE, NDJSON, REDDIT, check, lines, read_large

pytestmark = pytest.mark.usefixtures("tiny_chunks")


MANY_COLUMNS = [{"text": f"post {n}", "place": {f"key {n} {m}": m for m in range(30)}} for n in range(60)]


def test_the_limit_of_memory_is_the_same_for_all_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int] = []
    monkeypatch.setattr("analysis.intake.memory_limit._listener", limits.append)
    for times in (1, 50):
        file = InputFile("posts.csv", DELIMITED["plain"] * times)
        read_large_table(file, LARGE, ImportOptions(), tmp_path / f"cells-{times}")
    assert limits == [LARGE.reader_stream_memory] * 2


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    little = replace(LARGE, max_line_chars=1_000)
    content = NDJSON["flat"] + b'{"text": "' + b"a" * 3_000
    with pytest.raises(RefusedError, match="has a line 51 of more than 1,000 characters"):
        read_large(InputFile("posts.ndjson", content), tmp_path, little)


@pytest.mark.parametrize("row", [b'81,"' + b"never closed\n" * 300, b"81," + b"x" * 3_000])
def test_a_row_without_end_is_listed_and_the_rows_above_it_are_kept(row: bytes, tmp_path: Path) -> None:
    little = replace(LARGE, max_line_chars=1_000)
    table = read_large(InputFile("posts.csv", DELIMITED["plain"] + row), tmp_path, little)
    assert len(table.cells) == 80
    assert [each.reason for each in table.rejected] == [
        "row 81 has more than 1,000 characters, so it and all lines below it were not read"
    ]


@pytest.mark.parametrize("limit", [12, 20])
def test_rows_beyond_the_limits_are_one_rejection_and_all_counts_add_up(limit: int, tmp_path: Path) -> None:
    settings = replace(LARGE, max_rows=10, max_table_rows=limit)
    for name, content, rows in (("a.csv", DELIMITED["plain"], 80), ("a.ndjson", NDJSON["flat"], 50)):
        (folder := tmp_path / name.removesuffix(".")).mkdir()
        table = read_large(InputFile(name, content), folder, settings)
        assert table.n_rows == rows
        checked = check(table, settings=settings)
        assert reasons(checked, "row") == [
            f"has {rows - 10} rows beyond the 10 posts of one batch, from row 11 on"
        ]
        counts = checked.counts["row"]
        assert (counts.expected, counts.received, counts.rejected) == (rows, 10, rows - 10)
        assert checked.rejected["remedy"][0].startswith("Split the table before row 11,")


def test_a_table_of_short_lines_that_is_small_is_cut_too(tmp_path: Path) -> None:
    settings = Settings(max_rows=10, max_table_rows=20)
    assert read_large(InputFile("a.csv", DELIMITED["plain"]), tmp_path, settings).surplus == 60


def test_many_columns_are_folded_and_no_cell_is_lost(tmp_path: Path) -> None:
    settings = replace(LARGE, max_columns=40)
    table = read_large(InputFile("a.ndjson", lines(*MANY_COLUMNS)), tmp_path, settings)
    assert len(table.columns) <= 40
    for (_, row), value in zip(table.rows.iterrows(), MANY_COLUMNS, strict=True):
        cells = {name: cell for name, cell in row.items() if cell}
        cells |= json.loads(cells.pop("other fields", "{}"))
        assert cells == {"text": value["text"]} | {
            f"place.{key}": str(cell) for key, cell in value["place"].items()
        }


def test_records_that_are_no_posts_are_listed_together_where_there_are_many(tmp_path: Path) -> None:
    settings = replace(LARGE, max_rejected_rows=4)
    table = read_large(InputFile("a.ndjson", lines(*REDDIT)), tmp_path, settings)
    assert table.n_rows == 15
    assert [row.count for row in table.rejected] == [1, 1, 3]
    assert table.rejected[-1].reason.startswith("has 3 more rows, from row 8 on, each of which was deleted")
    assert check(table).counts["row"].rejected == 5


def test_the_content_of_many_rejected_rows_is_cut(tmp_path: Path) -> None:
    content = b'{"text": "a"}\n' + b"not json " * 40 + b"\n" + b"not json " * 40 + b"\n"
    table = read_large(InputFile("a.ndjson", content), tmp_path, replace(LARGE, max_rejected_chars=500))
    assert [len(row.raw) for row in table.rejected] == [
        len(json.dumps({"line": ("not json " * 40).strip()})),
        201,
    ]


@pytest.mark.slow
def test_a_large_table_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    path.write_bytes(NDJSON["flat"] + b'{"text": "' + b"a" * 40 * MB)
    little = Settings(reader_stream_memory=8 * MB)
    (rejected,) = read_inputs([InputFile("posts.ndjson", path)], tmp_path / "media", little).rejected
    assert "memory" in rejected.reason


def test_larger_tables_than_the_limit_are_refused_also_unpacked(tmp_path: Path) -> None:
    little = replace(LARGE, max_streamed_bytes=MB // 2)
    content = DELIMITED["plain"] * 2_000
    with pytest.raises(RefusedError, match="is 2 MB; the limit is 0 MB"):
        read_large(InputFile("posts.csv", content), tmp_path, little)
    with pytest.raises(RefusedError, match="unpacks to more than"):
        read_large(InputFile("posts.csv.gz", gzip.compress(content)), tmp_path, little)


def test_what_unpacks_to_far_more_than_its_size_is_refused(tmp_path: Path) -> None:
    little = replace(LARGE, min_unpacked_bytes=MB)
    with pytest.raises(RefusedError, match="unpacks to more than 2 MB, the limit for a file of its size"):
        read_large(InputFile("posts.csv.gz", gzip.compress(b"id,text\n" + b"1,a\n" * MB)), tmp_path, little)
