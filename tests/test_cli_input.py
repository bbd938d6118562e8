"""The command line's options about INPUT, and its summary of what was read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analysis.cli import main
from analysis.intake.summary import InputSummary
from analysis.model.bundle import Bundle

pytestmark = pytest.mark.slow

TABLE = "Key,Inhalt der Sache,Wer,Wann\n1,good day to you all,ada,2026-07-01 14:30\n2,,bob,\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def score(source: Path, bundle: Bundle, *options: str) -> Result:
    out = source.parent / "made" / "report.csv"
    arguments = ["score", source, "--out", out, "--model", bundle.folder, "--no-words", *options]
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def report(source: Path) -> list[dict[str, str]]:
    with (source.parent / "made" / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_summary_names_guessed_columns_with_reasons_and_counts(table: Path, tiny_bundle: Bundle) -> None:
    done = score(table, tiny_bundle, "--map", "author=Wer, time=Wann,id=Key")
    assert done.exit_code == 0, done.output
    lines = done.stderr.splitlines()
    assert lines[0].startswith("posts.csv: Columns guessed (lowest confidence ")
    assert lines[0].endswith("1 post")
    assert "  Author: Wer, chosen by you" in lines
    assert any(line.startswith("  Text: Inhalt der Sache, guessed from its ") for line in lines)
    assert "  Not found: images, likes, shares, comments" in lines
    assert "Rows: 1 of 2, 1 rejected" in lines
    assert [(row["post_id"], row["author"]) for row in report(table)] == [("1", "ada")]


def test_a_known_source_and_files_that_were_not_read_are_named(tmp_path: Path, tiny_bundle: Bundle) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    data = {"desc": "Good day", "createTime": 1681615724, "author": {"uniqueId": "ada"}}
    line = json.dumps({"item_id": "1", "timestamp_collected": 1, "data": data})
    (drop / "tiktok.ndjson").write_text(line)
    (drop / "notes.exe").write_bytes(b"MZ")
    done = score(drop, tiny_bundle)
    assert done.exit_code == 0, done.output
    assert "tiktok.ndjson: Recognised: Zeeschuimer, TikTok, 1 post" in done.stderr
    assert "  Text: data.desc, from the format of the source" in done.stderr
    assert "Not read: notes.exe is not a table, an image or a zip" in done.stderr


def test_control_characters_of_names_are_replaced() -> None:
    summary = InputSummary((), {}, (("a\x1b[31m\u202eb.exe", "is\nno table", ""),))
    assert summary.lines() == ["Not read: a�[31mb.exe is no table"]


def test_json_holds_the_summary(table: Path, tiny_bundle: Bundle) -> None:
    done = score(table, tiny_bundle, "--json", "--map", "author=Wer")
    last = json.loads(done.stdout.splitlines()[-1])["input"]
    assert last["counts"]["row"] == {"expected": 2, "received": 1, "rejected": 1}
    assert last["tables"][0]["columns"]["author"] == {"columns": ["Wer"], "why": "chosen by you"}
    assert last["not_read"] == []


def test_a_column_that_no_table_has_is_an_error_with_the_known_ones(table: Path, tiny_bundle: Bundle) -> None:
    done = score(table, tiny_bundle, "--map", "text=Full Text, at length")
    assert done.exit_code == 1
    assert "--map text=Full Text, at length: no table has this column" in done.output
    assert "posts.csv has Key, Inhalt der Sache, Wer, Wann" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--map", "words=a"], "the fields are text, images, id, author, time"),
        (["--map", "text"], "is not of the form FIELD=COLUMN"),
        (["--map", "text=a,text=b"], "is a second column of this field"),
        (["--source", "nowhere"], "'nowhere' is not a known source"),
        (["--encoding", "latin-99"], "name one such as utf-8"),
        (["--timezone", "Europe/Nowhere"], "Name one such as Europe/Berlin"),
        (["--timezone", "../../etc/passwd"], "is not known"),
    ],
)
def test_wrong_options_are_plain_errors(
    table: Path, tiny_bundle: Bundle, options: list[str], message: str
) -> None:
    done = score(table, tiny_bundle, *options)
    assert done.exit_code == 2
    assert message in done.output


def test_encoding_and_time_zone_are_used(table: Path, tiny_bundle: Bundle) -> None:
    table.write_bytes("id,text,date\n1,Привет всем,2026-07-01 14:30\n".encode("cp1251"))
    done = score(table, tiny_bundle, "--encoding", "windows-1251", "--timezone", "Europe/Berlin")
    assert done.exit_code == 0, done.output
    (row,) = report(table)
    assert row["text"] == "Привет всем"
    assert row["created_at"].startswith("2026-07-01T12:30")


def test_a_source_can_be_named(tmp_path: Path, tiny_bundle: Bundle) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("data.desc,title\nThe text of it,Another text here\n")
    done = score(path, tiny_bundle, "--source", "zeeschuimer-tiktok")
    assert done.exit_code == 0, done.output
    assert [row["text"] for row in report(path)] == ["The text of it"]
    done = score(path, tiny_bundle, "--source", "x-analytics")
    assert done.exit_code == 2
    assert "has no column that is known to hold texts or images" in done.stderr


def test_explain_and_embed_take_the_options_too(table: Path, tiny_bundle: Bundle) -> None:
    common = [str(table), "--map", "id=Key,text=Wer", "--model", str(tiny_bundle.folder), "--out"]
    page, vectors = table.with_name("page.html"), table.with_name("vectors.parquet")
    done = CliRunner().invoke(main, ["explain", *common, str(page), "--post", "2"])
    assert done.exit_code == 0, done.output
    assert "bob" in page.read_text(encoding="utf-8")
    done = CliRunner().invoke(main, ["embed", *common, str(vectors)])
    assert done.exit_code == 0, done.output
    assert "2 posts embedded" in done.output


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("posts.txt", b"good day\nbad rain\n", ["--format", "lines"]),
        ("posts.csv", "id;text\n1;good day\n2;bad rain\n".encode("utf-16-le"), ["--encoding", "utf-16"]),
        ("posts.csv", b"id~text\n1~good day\n2~bad rain\n", ["--delimiter", "~"]),
        ("posts.csv", b"id\ttext\n1\tgood day\n2\tbad rain\n", ["--delimiter", "tab"]),
        ("posts.csv", b"1,good day\n2,bad rain\nid,text\n", ["--header-row", "0", "--map", "text=column 2"]),
        ("posts.json", b'["good day", "bad rain"]', ["--list", "top level"]),
    ],
)
def test_options_reach_files_that_are_not_read_without_them(
    tmp_path: Path, tiny_bundle: Bundle, name: str, content: bytes, options: list[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = score(path, tiny_bundle, *options)
    assert done.exit_code == 0, done.output
    assert [row["text"] for row in report(path)][:2] == ["good day", "bad rain"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--format", "pdf", "The formats are"),
        ("--delimiter", "::", "is not one character"),
        ("--header-row", "-1", "is not in the range"),
    ],
)
def test_an_impossible_option_is_named(
    table: Path, tiny_bundle: Bundle, option: str, value: str, message: str
) -> None:
    done = score(table, tiny_bundle, option, value)
    assert done.exit_code == 2
    assert message in done.output
