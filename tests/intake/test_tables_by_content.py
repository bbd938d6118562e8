"""Whether a file is a table follows from its content, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.importers import RefusedError
from analysis.intake import InputFile, Table, check_batch, read_inputs
from analysis.intake.reader import read_file
from analysis.settings import Settings
from tests.intake.drops import sheet_rows, workbook

TABLES = {
    "tabs": "id\ttext\n1\thello there\n",
    "semicolons": "id;text\n1;hello there\n",
    "commas": "id,text\n1,hello there\n",
    "json": '[{"id": 1, "text": "hello there"}]',
    "lines": '{"id": 1, "text": "hello there"}\n',
    "javascript": 'window.YTD.tweets.part0 = [ {"id": 1, "text": "hello there"} ];\n',
    "html": "<html><table><tr><td>id<td>text</tr><tr><td>1</td><td>hello<script>no</script> there</td></tr></table>",
}
NAMES = [
    "posts",
    "posts.txt",
    "posts.csv.txt",
    "posts.CSV",
    "posts.xls",
    "posts.xlsx",
    "posts.js",
    "posts.log",
]


def read(content: str | bytes, name: str, folder: Path = Path("media"), **limits: int) -> Table:
    data = content.encode() if isinstance(content, str) else content
    (table,) = read_file(InputFile(name, data), folder, Settings(**limits)).tables
    return table


def refusal(content: str | bytes, name: str) -> str:
    with pytest.raises(RefusedError) as refused:
        read(content, name)
    assert refused.value.remedy
    return refused.value.reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_read_whatever_its_name(kind: str, name: str) -> None:
    assert read(TABLES[kind], name).rows.to_numpy().tolist() == [["1", "hello there"]]


def test_a_workbook_is_read_whatever_its_name() -> None:
    content = workbook(("S", sheet_rows(["id", "text"], [1, "hello there"])))
    assert read(content, "posts").rows.to_numpy().tolist() == [["1", "hello there"]]


@pytest.mark.parametrize(
    "content",
    [
        "# PostLens\n\nScores posts, texts and images.\nIt runs offline; nothing leaves.\n\n- one, two\n- three\n",
        "Hello, everyone\nThanks, all\n",
        "First, do this.\nThen, do that.\nLast, rest now.\nNow, all is done.\n",
        "One, two, three\nWell, yes, sure\nSo, then, go\nHm, no, stop\n",
        "Dear all,\nplease find the text of the post attached.\n",
        "just a caption of one picture",
        "# Credits\n\nBy hand.\n\n| image | text |\n|---|---|\n| a.jpg | hi |\n| b.jpg | ho |\n",
        "image | author\n--- | :---:\na.jpg | ann\n",
        "<html><body><p>A page without a table</p></body></html>",
        "export const a = 1;\nexport const b = 2;\nconsole.log(a, b);\n",
        "2026-05-31 14:30 INFO started\n2026-05-31 14:31 INFO ready, waiting\n",
    ],
)
@pytest.mark.parametrize("name", ["README.md", "notes.txt", "notes"])
def test_prose_is_no_table_of_posts(content: str, name: str) -> None:
    assert refusal(content, name) == "is not a table, an image or a zip"


def test_a_page_without_posts_is_refused_as_html() -> None:
    page = "<table><tr><td>Home</td><td>About us</td></tr></table>"
    assert refusal(page, "posts.xls") == "is an HTML page without a table of posts"


def test_a_cell_of_html_that_spans_columns_keeps_the_others_in_place() -> None:
    page = (
        "<table><tr><th colspan=3>Posts of May</th></tr><tr><th>id<th>text<th>likes</tr>"
        "<tr><td>1<td>a &amp; b<br>c<td>3</tr><tr><td colspan='99999999'>2</td><td>x</td></tr></table>"
    )
    table = read(page, "posts.html")
    assert table.rows.to_numpy().tolist() == [["1", "a & b\nc", "3"], ["2", "x", ""]]


def test_a_table_of_html_with_too_many_columns_is_refused() -> None:
    cells = "".join(f"<td>text {n}</td>" for n in range(1_000))
    assert "the limit is 1,000" in refusal(
        f"<table><tr><th>text</th>{cells}</tr>{'<tr><td>a' * 3}</table>", "a.xls"
    )


def test_binary_data_is_no_table() -> None:
    assert refusal(bytes(range(256)) * 9, "notes.txt") == "is not a table, an image or a zip"


@pytest.mark.slow
def test_tables_by_content_count_toward_the_limit_of_tables(tmp_path: Path) -> None:
    files = [InputFile(f"{n}.txt", f"id\ttext\n{n}\thello\n".encode()) for n in range(3)]
    inputs = read_inputs(files, tmp_path, Settings(max_tables=2))
    checked = check_batch(inputs)
    assert len(checked.posts) == 2
    assert [each.reason for each in inputs.rejected] == ["comes after the first 2 tables"]


def test_all_tables_of_a_page_with_posts_are_read_and_the_others_rejected() -> None:
    posts = "<table><tr><td>id</td><td>text</td></tr><tr><td>1</td><td>a b</td></tr></table>"
    prices = "<table><tr><td>sku</td><td>price</td></tr><tr><td>7</td><td>2.50</td></tr></table>"
    found = read_file(InputFile("posts.html", (posts + prices + posts).encode()), Path("media"), Settings())
    assert [table.name for table in found.tables] == ["posts.html (table 1)", "posts.html (table 3)"]
    (rejected,) = found.rejected
    assert rejected.kind == "sheet"
    assert rejected.reason.startswith(
        "has a table '2' that has no column that is known to hold texts or images"
    )


def test_a_web_page_without_a_table_is_refused_with_what_to_ask_for() -> None:
    with pytest.raises(RefusedError) as refused:
        read("<html><body><div>hello</div></body></html>", "messages.html")
    assert "request it as JSON" in refused.value.remedy
