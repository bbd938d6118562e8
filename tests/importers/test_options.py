"""The analyst's options replace the guesses of encoding, separator and header."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from analysis.importers import ImportOptions, RefusedError
from analysis.intake import InputFile, Table, parse_table, read_inputs
from tests.intake.test_companions import A as IMAGE


def read(content: bytes, name: str = "posts.csv", **options: object) -> Table:
    return parse_table(InputFile(name, content), options=ImportOptions(**options))


def cells(table: Table) -> list[list[str]]:
    return table.rows.to_numpy().tolist()


def test_the_encoding_is_the_chosen_one_and_noted() -> None:
    table = read("id,text\n1,Привет\n".encode("koi8-r"), encoding="koi8-r")
    assert cells(table) == [["1", "Привет"]]
    assert table.notes[0] == "koi8-r, chosen"
    assert cells(read('[{"text": "Ж"}]'.encode("cp866"), "posts.json", encoding="cp866")) == [["Ж"]]


@pytest.mark.parametrize(
    ("name", "reason"), [("utf-8", "not in the"), ("nothing", "unknown"), ("hex", "unknown")]
)
def test_an_encoding_that_does_not_fit_or_exist_is_refused_by_its_name(name: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read(b"text\ncaf\xe9\n", encoding=name)


def test_the_separator_is_the_chosen_one() -> None:
    assert cells(read(b"id~text\n1~a, b\n", delimiter="~")) == [["1", "a, b"]]
    with pytest.raises(RefusedError, match="cannot be split"):
        read(b"text\na\n", delimiter="::")


def test_the_header_is_the_chosen_row_or_none() -> None:
    content = b"my id,my text\nid,text\n1,hello\n"
    assert read(content, header_row=1).columns == ("my id", "my text")
    assert read(content, header_row=2).columns == ("id", "text")
    assert len(read(content, header_row=0).rows) == 3
    with pytest.raises(RefusedError, match="has no row 9"):
        read(content, header_row=9)


def test_a_table_names_the_options_that_change_how_it_is_read() -> None:
    assert read(b"text\na\n").options == ("encoding", "delimiter", "header_row")
    assert read(b'[{"text": "a"}]', "a.json", delimiter=";").options == ("encoding", "list_path")


def test_a_text_file_is_read_in_the_chosen_format() -> None:
    content = "Guten Tag, Welt\r\nund mehr\r\n\r\n  Zweiter Post\u2028hier\n".encode("cp1252", "replace")
    with pytest.raises(RefusedError, match="is not a table, an image or a zip"):
        read(content, "posts.txt")
    lines = read(content, "posts.txt", format="lines", encoding="cp1252")
    assert lines.columns == ("text",)
    assert cells(lines) == [["Guten Tag, Welt"], ["und mehr"], ["Zweiter Post?hier"]]
    assert lines.notes == ("cp1252, chosen", "one post per line")
    paragraphs = read(content, "posts.txt", format="paragraphs")
    assert cells(paragraphs) == [["Guten Tag, Welt\nund mehr"], ["Zweiter Post?hier"]]
    assert read(content, "posts.txt", format="delimited", header_row=0).rows.shape == (3, 2)


def test_lines_are_split_at_line_breaks_only() -> None:
    content = "one\u2028line\x85here\rtwo\r\nthree\n".encode()
    assert cells(read(content, "posts.txt", format="lines")) == [
        ["one\u2028line\x85here"],
        ["two"],
        ["three"],
    ]


def test_a_chosen_format_reads_what_is_compressed() -> None:
    assert cells(read(gzip.compress(b"good day\n"), "posts.txt.gz", format="lines")) == [["good day"]]


@pytest.mark.slow
def test_a_format_for_all_files_does_not_make_tables_of_images(tmp_path: Path) -> None:
    files = [
        InputFile("a.png", IMAGE),
        InputFile("a.txt", b"a caption"),
        InputFile("b.txt", b"hello\nyou"),
    ]
    inputs = read_inputs(files, tmp_path, options=ImportOptions(format="lines"))
    assert list(inputs.images) == ["a.png"]
    assert [each.name for each in inputs.companions] == ["a.txt"]
    assert [cells(table) for table in inputs.tables] == [[["hello"], ["you"]]]
    own = read_inputs(files, tmp_path, options={"a.txt": ImportOptions(format="lines")})
    assert [table.name for table in own.tables] == ["a.txt"]


@pytest.mark.slow
def test_options_reach_the_worker_process_for_the_file_that_they_name(tmp_path: Path) -> None:
    content = "id,text\n1,Привет\n".encode("koi8-r")
    files = [InputFile("a.csv", content), InputFile("b.csv", b"text\nhello\n")]
    inputs = read_inputs(files, tmp_path, options={"a.csv": ImportOptions(encoding="koi8-r")})
    assert [cells(table) for table in inputs.tables] == [[["1", "Привет"]], [["hello"]]]
