"""Tables that are read in chunks, and their comparison with tables that are read whole."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from analysis.importers import ImportOptions
from analysis.intake import CheckedBatch, InputFile, Inputs, Table, check_batch
from analysis.intake.cells import StoredCells
from analysis.intake.streamed import read_large_table
from analysis.settings import Settings

LARGE = Settings(stream_from_bytes=1)
REDDIT = [
    {"id": "a1", "subreddit": "x", "created_utc": 1527811200, "body": "hello", "author": "ann", "score": 3},
    {"id": "a2", "subreddit": "x", "created_utc": 1527811201, "body": "[removed]", "author": "[deleted]", "score": 1},
    {"id": "a3", "subreddit": "x", "created_utc": 1527811202, "body": "rain &amp; wind", "author": "bob", "ups": 7},
]  # fmt: skip
REDDIT = [{**post, "id": f"{post['id']}{n}"} for n in range(5) for post in REDDIT]


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
