"""The analyst's options replace the guesses of encoding, separator and header."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.importers import ImportOptions, RefusedError
from analysis.intake import InputFile, Table, parse_table, read_inputs


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
    assert read(b'[{"text": "a"}]', "a.json", delimiter=";").options == ("encoding",)


@pytest.mark.slow
def test_options_reach_the_worker_process_for_the_file_that_they_name(tmp_path: Path) -> None:
    content = "id,text\n1,Привет\n".encode("koi8-r")
    files = [InputFile("a.csv", content), InputFile("b.csv", b"text\nhello\n")]
    inputs = read_inputs(files, tmp_path, options={"a.csv": ImportOptions(encoding="koi8-r")})
    assert [cells(table) for table in inputs.tables] == [[["1", "Привет"]], [["hello"]]]
