"""Reports as Excel workbooks and Parquet: typed values, and text that is text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from python_calamine import load_workbook

from analysis import query
from analysis.columns import ORIGINAL, TOP_WORDS, Column, report_columns
from analysis.errors import PostLensError
from analysis.exporters import ReportExporter, excel_report, list_exporters, write_report_table
from analysis.query import EVERY_POST
from analysis.workspace import Batch
from tests.scored import HEADS, new_batch, score, some_posts

FORMULA = '=HYPERLINK("http://x", "y")'
EXPORTERS = {exporter.name: exporter for exporter in list_exporters(ReportExporter)}


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    posts = some_posts(12)
    posts.loc[0, "text"] = FORMULA
    posts.loc[1, "text"] = "http://example.org 007 \x01"
    return score(new_batch(tmp_path, posts))


def columns_of(batch: Batch) -> tuple[Column, ...]:
    return report_columns(HEADS, query.list_own_columns(batch), batch.settings)


def write(batch: Batch, name: str) -> bytes:
    target = io.BytesIO()
    assert write_report_table(batch, EVERY_POST, columns_of(batch), target, EXPORTERS[name]) == 12
    assert not target.closed
    return target.getvalue()


def test_a_workbook_has_typed_posts(batch: Batch) -> None:
    workbook = load_workbook(io.BytesIO(write(batch, "xlsx")))
    header, *rows = workbook.get_sheet_by_name("Posts").to_python()
    assert header == [column.name for column in columns_of(batch)]
    assert len(rows) == 12
    first = dict(zip(header, rows[1], strict=True))
    assert first["created_at"] == datetime(2026, 3, 3, 9, 30)
    assert isinstance(first["uncertain"], bool)
    assert isinstance(first["p_negative"], float)
    assert first["n_images"] == 1
    assert first["top_words"] == "@rain +0.42; sun -0.10"
    assert first[f"{ORIGINAL}campaign"] == "=spring"
    assert dict(zip(header, rows[0], strict=True))["text"] == FORMULA


def test_text_in_a_workbook_is_neither_a_formula_nor_a_link(batch: Batch) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(write(batch, "xlsx"))) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert "=HYPERLINK(" in sheet


def test_a_workbook_explains_its_columns(batch: Batch) -> None:
    _, *rows = load_workbook(io.BytesIO(write(batch, "xlsx"))).get_sheet_by_name("Columns").to_python()
    assert [row[0] for row in rows] == [column.name for column in columns_of(batch)]
    assert all(row[2] for row in rows if not row[0].startswith(ORIGINAL))


def test_a_workbook_has_a_limit(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_report, "MAX_POSTS", 11)
    with pytest.raises(PostLensError, match=r"more than 11 posts, which Excel cannot open\. Use filters"):
        write(batch, "xlsx")


def test_long_texts_and_early_times_fit_into_cells() -> None:
    columns = [column for column in report_columns(HEADS) if column.name in ("text", "created_at")]
    early = datetime(1850, 1, 2, tzinfo=UTC)
    chunk = pd.DataFrame({"text": ["😀" * 20_000], "created_at": pd.Series([early], dtype=object)})
    target = io.BytesIO()
    assert EXPORTERS["xlsx"].write([chunk], columns, target) == 1
    rows = load_workbook(io.BytesIO(target.getvalue())).get_sheet_by_name("Posts").to_python()
    assert rows[1] == ["😀" * 16_383 + "…", "1850-01-02T00:00:00Z"]


def test_parquet_has_the_types_of_the_columns(batch: Batch) -> None:
    table = pq.read_table(io.BytesIO(write(batch, "parquet")))
    for column in columns_of(batch):
        if column.name != "images" and not column.name.startswith(ORIGINAL):
            assert table.schema.field(column.name).type == column.type, column.name
    rows = table.to_pylist()
    assert rows[0]["text"] == FORMULA
    assert rows[1]["images"] == ["photo 1.jpg"]
    assert rows[1]["top_words"] == [{"word": "@rain", "value": 0.42}, {"word": "sun", "value": -0.1}]
    assert table.schema.field("top_words").type == TOP_WORDS
    assert rows[0][f"{ORIGINAL}reach"] == "12"
    assert rows[1][f"{ORIGINAL}reach"] is None
    expected = query.read_page(batch)["p_negative"].tolist()
    assert [row["p_negative"] for row in rows] == expected


def test_own_columns_with_equal_names_stay_apart(tmp_path: Path) -> None:
    extra = json.dumps({"a\ud800": 1, "a?": 2})
    batch = score(new_batch(tmp_path, some_posts(12).assign(extra=extra)))
    rows = pq.read_table(io.BytesIO(write(batch, "parquet"))).to_pylist()
    assert [rows[0][f"{ORIGINAL}a?"], rows[0][f"{ORIGINAL}a? (2)"]] == ["1", "2"]


def test_a_workbook_is_not_written_after_an_error() -> None:
    def chunks() -> Iterator[pd.DataFrame]:
        yield pd.DataFrame({"text": ["a"]})
        raise RuntimeError("cancelled")

    columns = [column for column in report_columns(HEADS) if column.name == "text"]
    target = io.BytesIO()
    with pytest.raises(RuntimeError, match="cancelled"):
        EXPORTERS["xlsx"].write(chunks(), columns, target)
    assert not target.getvalue()
