"""An importer that is registered in one place works in every place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.importers import (
    find_importer,
    list_importers,
    register_importer,
    table_suffixes,
    unregister_importer,
)
from analysis.importers.registry import list_registered_importers, packed_suffixes, table_labels
from analysis.intake import (
    InputFile,
    Inputs,
    check_batch,
    list_files,
    parse_table,
    read_inputs,
    read_table_in_worker,
)

DUMMY = b"DUMMY\nhello\nworld\n"


@pytest.fixture
def dummy() -> Iterator[None]:
    """Register the importer of `tests.importers.dummy`."""
    register_importer("tests.importers.dummy")
    yield
    unregister_importer("tests.importers.dummy")


def texts(inputs: Inputs) -> list[str]:
    return check_batch(inputs).posts["text"].tolist()


def test_every_format_has_an_importer_with_its_own_name_and_suffixes() -> None:
    assert sorted(each.name for each in list_importers()) == [
        "delimited",
        "html",
        "json",
        "lines",
        "ods",
        "paragraphs",
        "parquet",
        "whatsapp",
        "xls",
        "xlsb",
        "xlsx",
    ]
    assert sum(len(each.suffixes) for each in list_importers()) == len(table_suffixes()) == 12
    assert packed_suffixes() == {".xlsx", ".xlsm", ".xlsb", ".ods", ".parquet"}


@pytest.mark.parametrize(
    ("suffix", "head", "name"),
    [
        (".csv", b"id,text", "delimited"),
        (".ndjson", b"{}", "json"),
        (".parquet", b"PAR1", "parquet"),
        (".xlsx", b"anything", "xlsx"),
        (".csv", b"PK\x03\x04...xl/workbook.xml", "xlsx"),
        (".txt", b"id,text\n1,a", "delimited"),
        (".csv", b'{"text": "a"}', "json"),
        ("", b"<table>", "html"),
    ],
)
def test_the_first_bytes_decide_before_the_suffix(suffix: str, head: bytes, name: str) -> None:
    importer = find_importer(suffix, head)
    assert importer is not None
    assert importer.name == name


@pytest.mark.parametrize("head", [b"", b"Dear all,", b"\x00\x01"])
def test_what_no_importer_recognises_has_none(head: bytes) -> None:
    assert find_importer(".txt", head) is None


def test_an_unknown_suffix_is_not_a_table(tmp_path: Path) -> None:
    inputs = read_inputs([InputFile("a.dummy", DUMMY)], tmp_path)
    assert [rejection.reason for rejection in inputs.rejected] == ["is not a table, an image or a zip"]


@pytest.mark.usefixtures("dummy")
def test_a_registered_importer_is_recognised_by_suffix_and_content() -> None:
    assert find_importer(".dummy", b"").name == "dummy"
    assert find_importer(".csv", DUMMY).name == "dummy"
    assert parse_table(InputFile("a.dummy", DUMMY)).rows["text"].tolist() == ["hello", "world"]


@pytest.mark.usefixtures("dummy")
def test_a_registered_importer_reads_in_the_worker_process() -> None:
    assert read_table_in_worker(InputFile("a.dummy", DUMMY)).notes == ("dummy",)


@pytest.mark.usefixtures("dummy")
def test_a_registered_importer_reads_from_folders_and_zips(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dummy").write_bytes(DUMMY)
    assert texts(read_inputs(list_files(tmp_path / "in"), tmp_path / "media")) == ["hello", "world"]

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("posts/a.dummy", DUMMY)
    inputs = read_inputs([InputFile("a.zip", packed.getvalue())], tmp_path / "media")
    assert texts(inputs) == ["hello", "world"]


def test_a_worker_forgets_an_importer_that_was_removed(tmp_path: Path) -> None:
    register_importer("tests.importers.dummy")
    read_table_in_worker(InputFile("a.dummy", DUMMY))
    unregister_importer("tests.importers.dummy")
    assert list_registered_importers() == []
    assert read_inputs([InputFile("a.dummy", DUMMY)], tmp_path).tables == ()


@pytest.mark.usefixtures("dummy")
def test_a_registered_importer_is_listed_on_the_command_line() -> None:
    listed = CliRunner().invoke(main, ["importers"])
    assert listed.exit_code == 0
    formats, found = listed.output.split("\n\n")
    assert [line.split()[0] for line in formats.splitlines()] == [each.name for each in list_importers()]
    assert formats.splitlines()[-1].split() == ["dummy", "Dummy", ".dummy"]
    assert ["telegram", "Telegram", "Desktop"] in [line.split() for line in found.splitlines()]


@pytest.mark.usefixtures("dummy")
def test_a_registered_importer_is_named_where_files_are_refused(tmp_path: Path) -> None:
    assert table_labels().endswith(" and Dummy")
    inputs = read_inputs([InputFile("a.numbers", b"table")], tmp_path)
    assert inputs.rejected[0].reason.endswith(table_labels())


def test_a_module_without_an_importer_is_not_registered() -> None:
    with pytest.raises(AttributeError):
        register_importer("tests.importers")
    assert list_registered_importers() == []
