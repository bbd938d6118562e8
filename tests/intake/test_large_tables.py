"""Large tables are read in chunks, with the result that reading them whole has. Chunks are tiny here."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import zstandard

from analysis.importers import ImportOptions, RefusedError, byte_source, delimited_chunks, text_stream
from analysis.intake import (
    CheckedBatch,
    InputFile,
    Inputs,
    Table,
    check_batch,
    parse_table,
    read_inputs,
    streamed,
)
from analysis.intake.accounts import AUTHOR, describe_tables
from analysis.intake.cells import StoredCells
from analysis.intake.companions import Companion
from analysis.intake.streamed import read_large_table
from analysis.posts import POST_COLUMNS
from analysis.settings import MB, Settings
from analysis.workspace import Workspace
from tests.intake.drops import reasons

FIXTURES = Path(__file__).parents[1] / "importers" / "sources" / "fixtures"
EXPORTS = sorted(
    path.name for path in FIXTURES.glob("*.*") if path.suffix in (".csv", ".tsv", ".json", ".ndjson")
)
LARGE = Settings(stream_from_bytes=1)
REDDIT = [
    {"id": "a1", "subreddit": "x", "created_utc": 1527811200, "body": "hello", "author": "ann", "score": 3},
    {"id": "a2", "subreddit": "x", "created_utc": 1527811201, "body": "[removed]", "author": "[deleted]", "score": 1},
    {"id": "a3", "subreddit": "x", "created_utc": 1527811202, "body": "rain &amp; wind", "author": "bob", "ups": 7},
]  # fmt: skip
REDDIT = [{**post, "id": f"{post['id']}{n}"} for n in range(5) for post in REDDIT]
MANY_COLUMNS = [{"text": f"post {n}", "place": {f"key {n} {m}": m for m in range(30)}} for n in range(60)]


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


NDJSON = {
    "flat": lines(*[{"id": n, "text": f"hello {n}", "likes": n} for n in range(50)]),
    "later columns": lines({"text": "a"}, {"text": "b"}, *[{"text": "c", "late": n} for n in range(30)]),
    "escapes": b'{"text": "a\\u0000b \\ud83d\\ude00 \\ud800", "n": 1.50}\n{"text": "\\u00e9", "n": 1e400}\n' * 9,
    "nested": lines(*[{"text": "a", "user": {"name": "ann", "tags": ["x", {"y": 1}]}, "on": True}] * 20),
    "broken lines": b'{"text": "a"}\nnot json\n\n  {"text": "b"}  \n[1]\n{"text": "c"} x\n' * 5,
    "no end of line": lines({"text": "a"}, {"text": "b"}) + b'{"text": "c"}',
    "windows": b'{"text": "a"}\r\n{"text": "b"}\r\n' * 10,
    "utf-16": '{"text": "é 😀"}\n{"text": "b"}\n'.encode("utf-16") * 1,
    "byte order mark": b"\xef\xbb\xbf" + lines({"text": "a"}, {"text": "b"}),
    "damaged": (b'{"text": "' + b"\xc3\xa9" * 10 + b'\xc3"}\n') * 3,
    "pages": lines(*[{"data": [{"id": f"{n}{m}", "text": f"post {m}"} for m in range(4)]} for n in range(9)]),
    "reddit": lines(*REDDIT),
}  # fmt: skip
DELIMITED = {
    "plain": b"id,text,likes\n" + b"".join(b"%d,hello %d,%d\n" % (n, n, n) for n in range(80)),
    "quoted": b'id,text\n1,"two\nlines, ""quoted"""\n2,b\n3,"c\r\nd"\n' * 9,
    "wide and short rows": b"id,text\n1,a,too wide\n2\n3,b,,\n\n4,d\n" * 9,
    "unclosed": b"id,text\n" + b"1,a\n2,b\n" * 20 + b'3,"never closed\n4,d\n5,e\n',
    "preamble": b"Export of May\nby ann\nid;text\n1;a\n2;b\n" + b"3;c\n" * 30,
    "separator line": b"sep=;\nid;text\n" + b"3;c\n" * 30,
    "no header": b"1,2026-05-31,a\n2,2026-06-01,b\n" * 20,
    "old mac": b"id,text\r1,a\r2,b\r" * 9,
    "windows": b"id,text\r\n1,a\r\n2,b\r\n" * 9,
    "tabs": b'id\ttext\n1\ta "b\n2\tc\n' * 9,
    "cp1252": b"id,text\n" + "1,naïve café à côté\n2,déjà vu à l’école\n".encode("cp1252") * 20,
    "cp1251": b"id,text\n" + "1,сегодня очень хорошая погода\n2,опять опоздал поезд\n".encode("cp1251") * 20,
    "utf-16": ("id,text\n" + "1,é 😀\n2,b\n" * 20).encode("utf-16"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _tiny_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read blocks of 37 bytes, pieces of 100 characters and chunks of 7 rows."""
    for module in (byte_source, streamed):
        monkeypatch.setattr(module, "BLOCK_BYTES", 37)
    monkeypatch.setattr(text_stream, "PIECE_CHARS", 100)
    monkeypatch.setattr(delimited_chunks, "_ROWS", 7)


def read_large(
    file: InputFile, tmp_path: Path, settings: Settings = LARGE, options: ImportOptions | None = None
) -> Table:
    table = read_large_table(file, settings, options or ImportOptions(), tmp_path / "cells")
    assert table is not None
    assert isinstance(table.cells, StoredCells)
    return table


def assert_same(large: Table, whole: Table) -> None:
    pd.testing.assert_frame_equal(large.rows, whole.rows, check_dtype=False)
    for name in ("name", "columns", "rejected", "notes", "source", "mapping", "options", "n_rows"):
        assert getattr(large, name) == getattr(whole, name), name
    assert large.sample() == whole.sample()
    assert large.cells.count_filled() == whole.cells.count_filled()
    assert large.cells.count_values(large.columns, 5) == whole.cells.count_values(whole.columns, 5)


def check(*tables: Table, settings: Settings | None = None) -> CheckedBatch:
    return check_batch(Inputs(tables, {}, (), len(tables)), settings=settings)


def assert_same_posts(one: CheckedBatch, two: CheckedBatch) -> None:
    pd.testing.assert_frame_equal(one.posts, two.posts)
    pd.testing.assert_frame_equal(one.rejected, two.rejected)
    assert one.counts == two.counts


@pytest.mark.parametrize("name", NDJSON)
def test_ndjson_in_chunks_gives_the_table_and_posts_of_the_whole_file(name: str, tmp_path: Path) -> None:
    file = InputFile("posts.ndjson", NDJSON[name])
    large, whole = read_large(file, tmp_path), parse_table(file)
    assert_same(large, whole)
    assert_same_posts(check(large), check(whole))


@pytest.mark.parametrize("name", DELIMITED)
def test_delimited_text_in_chunks_gives_the_table_and_posts_of_the_whole_file(
    name: str, tmp_path: Path
) -> None:
    file = InputFile("posts.csv", DELIMITED[name])
    large, whole = read_large(file, tmp_path), parse_table(file)
    assert_same(large, whole)
    assert_same_posts(check(large), check(whole))


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_each_source_are_mapped_as_whole_files_are(name: str, tmp_path: Path) -> None:
    file = InputFile(name, FIXTURES / name)
    large = read_large_table(file, LARGE, ImportOptions(), tmp_path / "cells")
    if large is None:
        assert (FIXTURES / name).suffix in (".json", ".ndjson", ".jsonl")  # of a form that is read whole
    else:
        assert_same(large, parse_table(file))


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress), (".zst", zstandard.compress)],
)
def test_compressed_tables_are_decompressed_step_by_step(
    suffix: str, compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    file = InputFile(f"posts.ndjson{suffix}", compress(NDJSON["flat"]) + compress(NDJSON["flat"]))
    assert_same(read_large(file, tmp_path), parse_table(file))
    cut = InputFile(f"posts.ndjson{suffix}", compress(NDJSON["flat"])[:-9])
    with pytest.raises(RefusedError, match="is damaged, or not"):
        read_large_table(cut, LARGE, ImportOptions(), tmp_path / "cut")


@pytest.mark.parametrize(
    "options",
    [
        ImportOptions(encoding="latin-1"),
        ImportOptions(delimiter=";"),
        ImportOptions(header_row=2),
        ImportOptions(header_row=0),
    ],
)
def test_the_options_of_the_analyst_apply(options: ImportOptions, tmp_path: Path) -> None:
    file = InputFile("posts.csv", "id,text\n1,é;x\n".encode() * 20)
    assert_same(read_large(file, tmp_path, options=options), parse_table(file, options=options))


@pytest.mark.parametrize("encoding", ["ascii", "no such encoding", "hex", "utf-16"])
def test_a_chosen_encoding_that_does_not_fit_is_refused_as_for_whole_files(
    encoding: str, tmp_path: Path
) -> None:
    file = InputFile("posts.csv", b"id,text\n" + b"1,ok\n" * 20 + b"2,\xff\xfe.")
    options = ImportOptions(encoding=encoding)
    with pytest.raises(RefusedError) as whole:
        parse_table(file, options=options)
    with pytest.raises(RefusedError) as large:
        read_large(file, tmp_path, options=options)
    assert large.value.reason == whole.value.reason


def test_binary_data_is_refused_as_for_whole_files(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="unknown encoding"):
        read_large(InputFile("a.csv", bytes(range(256)) * 50), tmp_path)


@pytest.mark.parametrize(
    "content",
    [b'[{"text": "a"},\n{"text": "b"}]', b'{"text": "a"}', b'{"posts": [\n{"text": "a"}]}', b"{}x\n{}"],
)
def test_json_of_other_forms_is_read_whole(content: bytes, tmp_path: Path) -> None:
    file = InputFile("posts.json", content)
    assert read_large_table(file, LARGE, ImportOptions(), tmp_path / "cells") is None


def test_the_limit_of_memory_is_the_same_for_all_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int] = []
    monkeypatch.setattr("analysis.intake.memory_limit._listener", limits.append)
    for times in (1, 50):
        file = InputFile("posts.csv", DELIMITED["plain"] * times)
        read_large_table(file, LARGE, ImportOptions(), tmp_path / f"cells-{times}")
    assert limits == [LARGE.reader_stream_memory] * 2


def test_small_tables_are_read_whole(tmp_path: Path) -> None:
    for file in (
        InputFile("a.csv", DELIMITED["plain"]),
        InputFile("a.csv.gz", gzip.compress(DELIMITED["plain"])),
    ):
        assert read_large_table(file, Settings(), ImportOptions(), tmp_path / "cells") is None


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


def test_times_and_ids_of_a_column_are_read_alike_in_all_chunks(tmp_path: Path) -> None:
    rows = [f"1500112233440{n:02}0000,hello {n},0{n % 9 + 1}/06/2026" for n in range(60)] + [
        "7,late,25/06/2026"
    ]
    file = InputFile("posts.csv", ("id,text,date\n" + "\n".join(rows)).encode())
    large, whole = check(read_large(file, tmp_path)), check(parse_table(file))
    assert_same_posts(large, whole)
    assert large.posts["created_at"].dt.month.tolist() == [6] * 61
    assert "ids in 'id' that a spreadsheet has rounded" in reasons(large, "column")[0]


def test_the_owner_of_an_account_is_added_to_a_table_on_disk(tmp_path: Path) -> None:
    table = read_large(InputFile("outbox.json", lines({"text": "a"}, {"text": "b"})), tmp_path)
    companion = Companion("account.js", "account", {"author": "river"})
    ((described,), used) = describe_tables([table], [companion])
    assert described.rows[AUTHOR].tolist() == ["river", "river"]
    assert used == {"account.js"}
    assert check(described).posts["author"].tolist() == ["river", "river"]


def test_many_posts_are_stored_on_disk_and_read_in_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = InputFile("posts.csv", DELIMITED["plain"])
    whole = check(parse_table(file))
    monkeypatch.setattr("analysis.intake.stored_posts._IN_MEMORY", 100)
    monkeypatch.setattr("analysis.intake.admission._BUFFER_POSTS", 7)
    large = check(read_large(file, tmp_path))
    assert (large.n_posts, large.posts_per_source) == (80, {"posts.csv": 80})
    assert [len(chunk) for chunk in large.chunks()] == [7] * 11 + [3]
    assert large.head(3)["post_id"].tolist() == ["0", "1", "2"]
    assert tuple(large.head(3).columns) == POST_COLUMNS
    assert_same_posts(large, whole)


@pytest.mark.slow
def test_a_large_table_is_read_in_the_worker_and_its_bytes_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    line = lines({"id": 1, "text": "hello " * 20, "author": "ann"})
    path.write_bytes(line * (40 * MB // len(line)))
    inputs = read_inputs([InputFile("posts.ndjson", path)], tmp_path / "media")
    (table,) = inputs.tables
    assert isinstance(table.cells, StoredCells)
    assert len(table.cells) == 40 * MB // len(line)
    assert not list((tmp_path / "media").glob("**/*.cells*"))
    checked = check_batch(inputs)
    assert checked.n_posts == 1
    assert checked.counts["row"].rejected == len(table.cells) - 1


@pytest.mark.slow
def test_a_large_table_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    path.write_bytes(NDJSON["flat"] + b'{"text": "' + b"a" * 40 * MB)
    little = Settings(reader_stream_memory=8 * MB)
    (rejected,) = read_inputs([InputFile("posts.ndjson", path)], tmp_path / "media", little).rejected
    assert "memory" in rejected.reason


def test_posts_on_disk_are_stored_in_a_batch_as_those_in_memory_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = InputFile("posts.csv", DELIMITED["plain"])
    settings = Settings(part_posts=30)
    whole = check(parse_table(file))
    kept = Workspace(tmp_path / "a", settings).create(whole, tmp_path, "Kept")
    monkeypatch.setattr("analysis.intake.stored_posts._IN_MEMORY", 100)
    monkeypatch.setattr("analysis.intake.admission._BUFFER_POSTS", 7)
    large = check(read_large(file, tmp_path))
    path = tmp_path / "posts.csv"
    path.write_bytes(DELIMITED["plain"])
    stored = Workspace(tmp_path / "b", settings).create(
        large, tmp_path, "Stored", sources=[("posts.csv", path)]
    )
    pd.testing.assert_frame_equal(stored.posts(), kept.posts())
    assert [stored.part_size(index) for index in range(stored.n_parts)] == [30, 30, 20]
    groups = pq.ParquetFile(stored.posts_path).metadata
    assert [groups.row_group(number).num_rows for number in range(groups.num_row_groups)] == [30, 30, 20]
    (source,) = stored.manifest.sources
    assert source["sha256"] == sha256(DELIMITED["plain"]).hexdigest()
    assert (stored.folder / "source" / source["file"]).read_bytes() == DELIMITED["plain"]


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
