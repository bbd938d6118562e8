"""CSV and TSV bombs."""

from __future__ import annotations

from tests.intake.bombs.bomb import bomb

MB = 1024 * 1024
_WIDE = ("text," + ",".join(f"c{number}" for number in range(999)) + "\n").encode()


@bomb("delimited", "csv")
def blank_columns_1_000_of_200_000_rows() -> bytes:
    return _WIDE + b"hi\n" * 200_000


@bomb("delimited", "csv")
def blank_columns_100_of_2_million_rows() -> bytes:
    header = ",".join(["text", *(f"c{number}" for number in range(99))]).encode()
    return header + b"\n" + b"hi\n" * 2_000_000


@bomb("delimited", "csv")
def row_of_10_million_semicolons() -> bytes:
    return b"text\nhello\n" + b";" * (10 * MB)


@bomb("delimited", "csv")
def row_of_10_million_semicolons_and_a_letter() -> bytes:
    return b"text;id\nhello;1\n" + b";" * (10 * MB) + b"x\n"


@bomb("delimited", "csv")
def row_of_5_million_fields() -> bytes:
    return b"text;id\nhello;1\n" + b"a;" * (5 * MB) + b"a\n"


@bomb("delimited", "csv")
def semicolons_10_million() -> bytes:
    return b";" * (10 * MB)


@bomb("delimited", "csv")
def header_of_10_million_semicolons() -> bytes:
    return b"text" + b";" * (10 * MB) + b"\nhello\n"


@bomb("delimited", "csv")
def header_of_10_million_semicolons_and_a_letter() -> bytes:
    return b"text" + b";" * (10 * MB) + b"x\nhello\n"


@bomb("delimited", "csv")
def rows_of_10_000_semicolons() -> bytes:
    return b"text\nhello\n" + (b";" * 9_999 + b"\n") * 1_000


@bomb("delimited", "csv")
def quotes_10_million() -> bytes:
    return b"text\n" + b'"' * (10 * MB)


@bomb("delimited", "csv")
def fields_of_quotes() -> bytes:
    return b"text\n" + b'"","",' * 1_700_000


@bomb("delimited", "csv")
def quote_that_is_never_closed() -> bytes:
    return b'id,text\n1,"hello\n' + b"2,hello\n" * 1_200_000


@bomb("delimited", "csv")
def lines_5_million() -> bytes:
    return b"text\n" + b"a\n" * 5_000_000


@bomb("delimited", "csv")
def lines_of_nothing_12_million() -> bytes:
    return b"text\nhello\n" + b"\n" * (12 * MB)


@bomb("delimited", "csv")
def lines_of_one_blank_6_million() -> bytes:
    return b"text\nhello\n" + b" \n" * 6_000_000


@bomb("delimited", "csv")
def header_of_1_million_names() -> bytes:
    return b"text," + b",".join(b"c%d" % number for number in range(1_000_000)) + b"\nhello\n"


@bomb("delimited", "csv")
def separators_in_turn() -> bytes:
    return b"text\n" + b",;\t|" * (2 * MB)


@bomb("delimited", "csv")
def separators_in_turn_on_many_lines() -> bytes:
    return b"text,id;likes\tdate|image\n" + b"a,b;c\td|e\n" * 1_000_000


@bomb("delimited", "csv")
def blank_columns_in_utf_16() -> bytes:
    return (_WIDE.decode() + "hi\n" * 200_000).encode("utf-16")


@bomb("delimited", "csv")
def nul_characters_10_million() -> bytes:
    return b"text\nhello\n" + b"\x00" * (10 * MB)


@bomb("delimited", "csv")
def nul_characters_between_letters() -> bytes:
    return b"text\n" + (b"\x00" + b"a" * 15) * 600_000 + b"\n"


@bomb("delimited", "csv")
def lines_ended_by_cr_only() -> bytes:
    return b"text\r" + b"a\r" * 5_000_000


@bomb("delimited", "csv")
def field_of_10_mb() -> bytes:
    return b"id,text\n1," + b"a" * (10 * MB) + b"\n2,hello\n"


@bomb("delimited", "csv")
def rows_of_another_width() -> bytes:
    """Each of 2 million rows is rejected, with its cells."""
    return b"id,text\n" + b"1,b,c\n" * 2_000_000


@bomb("delimited", "csv")
def rows_far_too_wide() -> bytes:
    return b"id,text\n" + (b"a," * 999 + b"b\n") * 5_000


@bomb("delimited", "csv")
def one_id_3_million_times() -> bytes:
    return b"id,text\n" + b"1,a\n" * 3_000_000


@bomb("delimited", "csv")
def references_to_2_million_images() -> bytes:
    return b"text,image\n" + b"".join(b'a%d,"%s"\n' % (n, b"x.jpg;" * 200) for n in range(10_000))


@bomb("delimited", "tsv")
def rows_of_tabs() -> bytes:
    return b"text\tid\n" + (b"\t" * 999 + b"b\n") * 10_000


@bomb("delimited", "csv")
def column_name_of_1_mb() -> bytes:
    """Posts keep the values of columns that mean nothing to us, each with its column's name."""
    return b"text," + b"n" * 1_000_000 + b"\n" + b"".join(b"hello %d,x\n" % n for n in range(10_000))


@bomb("delimited", "csv")
def column_names_of_1_kb_with_values() -> bytes:
    names = b",".join(b"%d" % n + b"n" * 1_000 for n in range(900))
    return b"text," + names + b"\n" + b"".join(b"a%d" % n + b",x" * 900 + b"\n" for n in range(4_000))


@bomb("delimited", "csv")
def references_6_million_in_one_cell() -> bytes:
    return b"text,image\nhello," + b";".join(b"%x" % n for n in range(6_000_000)) + b"\n"
