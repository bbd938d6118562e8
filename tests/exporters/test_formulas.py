"""No text of a report runs as a formula, whichever cell separator the reader uses."""

from __future__ import annotations

import csv
import io
import re
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.exporters.csv_report import format_csv
from analysis.exporters.formulas import BREAKS, HIDDEN, SIGNS, SPACES, escape_formulas

OWN_NUMBER = re.compile(r"-?\d+(\.\d+)?\"?")
PIECES = st.sampled_from(
    [*"=+-@;|,\"\t\r\n a1.'", "\u200b", "\u2028", "\xa0", "＝", "＠", "\0", "\r\n", "-2"]
)
TEXTS = st.lists(PIECES | st.characters(codec="utf-8"), max_size=12).map("".join)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "=1+1",
            "+49 123",
            "-5",
            "@SUM(A1)",
            "\tx",
            "\rx",
            "\0=1",
            "  =1",
            "\u00a0+1",
            "\u200b=1",
            "\ufeff=1",
        ),
        *("＝1", "＋1", "－1", "＠x", "﹢1", "⩵1"),
    ],
)
def test_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert escape_formulas(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "1+1=2",
        "'=1",
        "a@b.c",
        "👍 =1",
        "#tag",
        "−5",
        "Thanks, @ann",
        "3, -5",
        "a;b|c",
        "a; b\nc",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert escape_formulas(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("hello;=1+1", "hello;'=1+1"),
        ("hello; \u200b=1+1", "hello; \u200b'=1+1"),
        ("a|@x\t+1", "a|'@x\t'+1"),
        ("a\r\n=1", "a\r\n'=1"),
        ("\n@x", "'\n'@x"),
        ('x";"=1', 'x";"\'=1'),
        ('","=1+1', '","\'=1+1'),
        ('"=1+1', "\"'=1+1"),
        ("a,=1", "a,'=1"),
        ("a;＝1", "a;'＝1"),
        ("=1;=2", "'=1;'=2"),
        ("a\u2028-1", "a\u2028'-1"),
    ],
)
def test_a_sign_that_another_reader_sees_first_in_a_cell_gets_an_apostrophe(text: str, written: str) -> None:
    assert escape_formulas(text) == written


def test_made_inert_twice_changes_nothing_more() -> None:
    for text in ("a;=1", '"=1', "a\n-1|=2", "x,=1"):
        assert escape_formulas(escape_formulas(text)) == escape_formulas(text)


@pytest.mark.slow
def test_the_signs_and_invisible_characters_are_those_of_unicode() -> None:
    kinds = {name: re.compile(f"[{known}]") for name, known in (("sign", SIGNS), ("hidden", HIDDEN))}
    white = re.compile(f"[{SPACES}{BREAKS.removeprefix(';|')}]")
    for number in (*range(0xD800), *range(0xE000, sys.maxunicode + 1)):
        sign = chr(number)
        assert bool(kinds["sign"].match(sign)) == (unicodedata.normalize("NFKC", sign)[:1] in "=+-@"), hex(
            number
        )
        assert bool(white.match(sign)) == sign.isspace(), hex(number)
        if unicodedata.category(sign) in ("Cc", "Cf") and not sign.isspace():
            assert kinds["hidden"].match(sign), hex(number)


def cells(content: str, delimiter: str, quoting: int) -> list[str]:
    """Yield every cell as seen by readers that keep quoted line breaks, and by readers that end a row at each."""
    settings_ = {"delimiter": delimiter, "quoting": quoting}
    whole = csv.reader(io.StringIO(content, newline=""), **settings_)  # type: ignore[call-overload]
    lines = [row for line in content.splitlines() for row in csv.reader([line], **settings_)]  # type: ignore[call-overload]
    return [cell for row in (*whole, *lines) for cell in row]


def is_formula(cell: str, delimiter: str) -> bool:
    skipped = f'[{HIDDEN}"]*' if delimiter == "," else f'[{SPACES}{BREAKS}{HIDDEN}"]*'
    found = re.match(f"{skipped}([{SIGNS}].*)", cell, re.DOTALL)
    return bool(found) and not OWN_NUMBER.fullmatch(found[1])


@pytest.mark.slow
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
@example(rows=[("hello;=1+1", "a"), ('x";=1+1', '","=1+1'), ('a\n"=1', "a|\t@x"), ('a\n",=1', "b")])
@settings(max_examples=200, deadline=None)
def test_no_reader_sees_a_formula(rows: list[tuple[str, str]]) -> None:
    numbered = [(first, "-0.25", second) for first, second in rows]
    content = format_csv(["a", "b", "=c"], numbered).decode("utf-8-sig")
    content = content.replace("'-0.25", "-0.25")  # as numbers are written in a report
    for delimiter in ",;\t|":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for cell in cells(content, delimiter, quoting):
                assert not is_formula(cell, delimiter), (content, delimiter, cell)
