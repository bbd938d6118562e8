"""Tables of any encoding, separator and layout, and workbooks, are read or refused with a reason."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from analysis.importers import RefusedError
from analysis.intake import InputFile, parse_table
from analysis.settings import Settings
from tests.intake.drops import sheet_rows, workbook
from tests.intake.tables import cells, refusal, table

# Encodings


@pytest.mark.parametrize(
    ("codec", "note"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with byte order mark"),
        ("utf-16", "UTF-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_usual_encodings_give_the_same_text_and_are_noted(codec: str, note: str) -> None:
    read = table("id,text\n1,Café “très” naïve – déjà €5\n".encode(codec))
    assert cells(read) == [["1", "Café “très” naïve – déjà €5"]]
    assert read.columns == ("id", "text")
    assert read.notes[0] == note


def test_utf_16_with_the_high_byte_first_is_read() -> None:
    assert cells(table("\ufeffid,text\n1,Ω\n".encode("utf-16-be"))) == [["1", "Ω"]]


def test_a_truncated_emoji_does_not_make_the_file_cp1252() -> None:
    good = "".join(f"{n},žluťoučký kůň 🐎\n" for n in range(20)).encode()
    read = table(b"id,text\n" + good + b"99,end \xf0\x9f\n")
    assert cells(read)[0] == ["0", "žluťoučký kůň 🐎"]
    assert cells(read)[-1] == ["99", "end \ufffd"]
    assert "damaged" in read.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 4,
        b"id,text\n1,caf\xe9\x00\x01\x02\n",
        b"id,text\n1,caf\xe9 \x81\n",
        "id,text\n1,hello\n".encode("utf-16-le"),
        b"\xff\xfe" + b"\x00\xd8" * 40,
    ],
)
def test_binary_data_is_refused_as_unknown_encoding(content: bytes) -> None:
    assert "unknown encoding" in refusal(content)


def test_nul_characters_are_removed_and_nothing_else_of_a_text() -> None:
    text = " \t=1+1 <b>bold</b>\u2028\x07 e\u0301 👩‍👩‍👧\u200d\x00 "
    written = io.StringIO()
    csv.writer(written).writerows([["text"], [text + "long enough for one odd character"]])
    assert cells(table(written.getvalue())) == [
        [text.replace("\x00", "") + "long enough for one odd character"]
    ]


# Separators and headers


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
)
def test_the_separator_is_found_even_where_texts_hold_the_others(delimiter: str, name: str) -> None:
    written = io.StringIO()
    rows = [["ref", "words"], ["1", "a, b; c | d"], ["2", 'said "x, y"'], ["3", "two\nlines; and, more"]]
    csv.writer(written, delimiter=delimiter).writerows(rows)
    read = table(written.getvalue())
    assert read.columns == ("ref", "words")
    assert cells(read) == rows[1:]
    assert f"separated by {name}" in read.notes


def test_known_column_names_decide_the_separator_if_every_row_has_commas() -> None:
    read = table("id;text\n1;one, two\n2;three, four\n")
    assert cells(read) == [["1", "one, two"], ["2", "three, four"]]


def test_a_single_column_keeps_its_commas() -> None:
    assert cells(table("text\nHello, world\nno commas\na, b, c\n")) == [
        ["Hello, world"],
        ["no commas"],
        ["a, b, c"],
    ]


def test_a_header_below_a_preamble_is_found_and_noted() -> None:
    read = table("Export of July\nAccount,PostLens\n\nid,text\n1,hello\n")
    assert read.columns == ("id", "text")
    assert cells(read) == [["1", "hello"]]
    assert "header in row 3" in read.notes


def test_a_row_that_names_groups_of_columns_is_above_the_header() -> None:
    read = table("Post,,,Engagement,\nID,Text,Date,Likes,Shares\n1,hello,2026-05-01,3,4\n")
    assert read.columns == ("ID", "Text", "Date", "Likes", "Shares")
    assert cells(read) == [["1", "hello", "2026-05-01", "3", "4"]]


def test_texts_below_the_header_that_are_names_of_columns_are_no_header() -> None:
    read = table("id,text\n1,likes\n2,comment\n")
    assert cells(read) == [["1", "likes"], ["2", "comment"]]


def test_joined_files_have_no_posts_of_their_headers_and_byte_order_marks() -> None:
    read = table("\ufeffid,text\n1,hello\n\ufeffid,text\n2,\ufeffbye\n")
    assert cells(read) == [["1", "hello"], ["2", "bye"]]
    (header,) = read.rejected
    assert header.reason == "row 2 repeats the header"


def test_a_row_of_data_that_holds_a_column_name_is_not_the_header() -> None:
    read = table("ident,kind,Kommentar\nabc,image,schön\ndef,text,gut\n")
    assert read.columns == ("ident", "kind", "Kommentar")
    assert len(read.rows) == 2


def test_duplicate_and_unnamed_columns_are_kept_separate() -> None:
    read = table("text,text,,text,likes\na,b,c,d,1\n")
    assert read.columns == ("text", "text (2)", "column 3", "text (3)", "likes")


def test_trailing_blank_columns_are_dropped() -> None:
    read = table("id,text,,\n1,a,,\n2,b\n")
    assert read.columns == ("id", "text")
    assert cells(read) == [["1", "a"], ["2", "b"]]


# Rows


def test_a_row_with_too_many_fields_is_rejected_with_its_cells_and_the_rest_proceeds() -> None:
    read = table("id,text\n1,fine\n2,Hello, world\n3,fine too\n")
    assert list(read.rows.index) == [1, 3]
    (row,) = read.rejected
    assert (row.kind, row.name) == ("row", "posts.csv")
    assert row.reason == "row 2 has 3 fields; the header has 2"
    assert json.loads(row.raw) == {"id": "2", "text": "Hello", "field 3": " world"}
    assert read.n_rows == 3


def test_a_short_row_is_filled_up() -> None:
    assert cells(table("id,text,author\n1,a\n")) == [["1", "a", ""]]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_an_unclosed_quote_is_rejected_and_the_rows_above_it_kept(end: str) -> None:
    read = table(f'id,text\n1,fine\n2,"open\n3,lost\n4,lost{end}')
    assert cells(read) == [["1", "fine"]]
    (row,) = read.rejected
    assert "never closed" in row.reason
    assert "3,lost" in json.loads(row.raw)["text"]


def test_a_text_longer_than_the_csv_module_takes_does_not_end_the_table() -> None:
    read = table(f"id,text\n1,{'x' * 200_000}\n2,fine\n")
    assert [len(row[1]) for row in cells(read)] == [200_000, 4]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_all_line_endings_are_read_and_empty_lines_skipped(line_end: str) -> None:
    read = table(line_end.join(["id,text", "", "1,a", "", "2,b", "", ""]))
    assert cells(read) == [["1", "a"], ["2", "b"]]
    assert list(read.rows.index) == [1, 2]


@pytest.mark.parametrize("content", ["", "\n\n", "id,text\n"])
def test_a_table_without_rows_is_refused(content: str) -> None:
    assert "no rows" in refusal(content)


def test_rare_fields_of_records_with_too_many_are_one_column_of_json() -> None:
    many = [{"id": str(n), "text": "a", f"rare {n}": "x"} for n in range(6)]
    read = parse_table(InputFile("posts.json", json.dumps(many).encode()), Settings(max_columns=5))
    assert read.columns[:2] == ("id", "text")
    assert len(read.columns) == 5
    assert {name for cell in read.rows["other fields"] if cell for name in json.loads(cell)} >= {
        "rare 4",
        "rare 5",
    }


def test_too_many_columns_are_refused() -> None:
    wide = ",".join(["text"] * 6) + "\n" + ",".join("123456")
    assert refusal(wide, max_columns=5) == "has 6 columns; the limit is 5"


def test_a_table_over_the_size_limit_is_not_read() -> None:
    assert "the limit is" in refusal("id,text\n1,a\n", max_table_bytes=5)


def test_a_table_on_disk_is_read_and_its_path_kept(tmp_path: Path) -> None:
    path = tmp_path / "anything"
    path.write_text("id,text\n1,a\n", encoding="utf-8")
    read = parse_table(InputFile("posts.csv", path))
    assert cells(read) == [["1", "a"]]
    assert read.raw == path


# Workbooks


def test_a_workbook_gives_the_cells_of_the_sheet_of_posts_as_text() -> None:
    posts = sheet_rows(
        ["id", "text", "likes"], [1234567890123, " hello ", 2.5], [None, None, None], ["007", "b", None]
    )
    content = workbook(("Cover", ""), ("Posts", posts), ("Notes", sheet_rows(["x"])))
    read = table(content, "posts.xlsx")
    assert read.columns == ("id", "text", "likes")
    assert cells(read) == [["1234567890123", " hello ", "2.5"], ["", "", ""], ["007", "b", ""]]
    assert read.notes == ("sheet 'Posts'",)
    assert read.sheets == ("Posts", "Notes")


def test_blank_rows_at_the_end_of_a_sheet_are_no_rows() -> None:
    rows = sheet_rows(["id", "text"], [1, "a"], [None, None], ["", None])
    assert cells(table(workbook(("S", rows)), "posts.xlsx")) == [["1", "a"]]


def test_a_preamble_in_a_sheet_is_passed_over() -> None:
    rows = sheet_rows(["Export", None], [None, None], ["id", "text"], [1, "a"])
    assert cells(table(workbook(("S", rows)), "posts.xlsx")) == [["1", "a"]]


def test_a_workbook_is_recognized_by_its_content() -> None:
    assert cells(table(workbook(("S", sheet_rows(["text"], ["a"]))), "posts.csv")) == [["a"]]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
        + "<c/>" * 16_000
        + "<c><v>1</v></c></row>",
    ],
)
def test_a_far_off_cell_is_refused_before_the_sheet_is_laid_out(rows: str) -> None:
    assert "the limit is 10,000,000 cells" in refusal(workbook(("S", rows)), "posts.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    content = workbook(("S", sheet_rows(*[["a" * 100]] * 10_000)))
    assert len(content) < 100_000
    assert "unpacks to more than" in refusal(content, "posts.xlsx", max_table_bytes=100_000)


@pytest.mark.slow
def test_a_workbook_packed_by_another_method_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as parts:
        parts.writestr("xl/workbook.xml", b" " * 100_000_000)
    tracemalloc.start()
    assert refusal(packed.getvalue(), "posts.xlsx") == "cannot be read as an XLSX workbook"
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("content", [b"PK\x03\x04 not a zip", b""])
def test_an_invalid_workbook_is_refused(content: bytes) -> None:
    assert refusal(content, "posts.xlsx") == "cannot be read as an XLSX workbook"


def test_a_workbook_with_damaged_bytes_is_refused_or_read_but_never_fails_otherwise() -> None:
    content = bytearray(workbook(("S", sheet_rows(["id", "text"], *[[n, f"text {n}"] for n in range(50)]))))
    for place in range(0, len(content), 7):
        damaged = bytes(content[:place]) + bytes([content[place] ^ 0x55]) + bytes(content[place + 1 :])
        try:
            read = table(damaged, "posts.xlsx")
        except RefusedError:
            continue
        assert len(read.rows)


def test_an_empty_workbook_is_refused() -> None:
    assert "no rows" in refusal(workbook(("S", "")), "posts.xlsx")
