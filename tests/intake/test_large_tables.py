"""Large tables are read in chunks, with the result that reading them whole has. Chunks are tiny here."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from analysis.importers import ImportOptions, RefusedError
from analysis.intake import InputFile, parse_table
from analysis.intake.accounts import AUTHOR, add_companion_notes
from analysis.intake.companions import Companion
from analysis.intake.streamed import read_large_table
from analysis.settings import Settings
from tests.intake.drops import reasons
from tests.intake.large_tables import (
    DELIMITED,
    LARGE,
    NDJSON,
    assert_same,
    assert_same_posts,
    check,
    lines,
    read_large,
)

pytestmark = pytest.mark.usefixtures("tiny_chunks")

FIXTURES = Path(__file__).parents[1] / "importers" / "sources" / "fixtures"
EXPORTS = sorted(
    path.name for path in FIXTURES.glob("*.*") if path.suffix in (".csv", ".tsv", ".json", ".ndjson")
)


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


def test_small_tables_are_read_whole(tmp_path: Path) -> None:
    for file in (
        InputFile("a.csv", DELIMITED["plain"]),
        InputFile("a.csv.gz", gzip.compress(DELIMITED["plain"])),
    ):
        assert read_large_table(file, Settings(), ImportOptions(), tmp_path / "cells") is None


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
    ((described,), used) = add_companion_notes([table], [companion])
    assert described.rows[AUTHOR].tolist() == ["river", "river"]
    assert used == {"account.js"}
    assert check(described).posts["author"].tolist() == ["river", "river"]
