"""The CSV report: the same content as the preview, and no formulas."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import query
from analysis.columns import report_columns
from analysis.exporters import (
    CSV,
    PLAIN_CSV,
    export_rejected_csv,
    preview_report,
    write_csv,
    write_report,
    write_report_table,
)
from analysis.exporters.formulas import escape_formulas
from analysis.posts import post_frame
from analysis.query import EVERY_POST, Filters
from analysis.workspace import Batch
from analysis.workspace.layout import REPORTS
from tests.scored import HEADS, new_batch, score

COLUMNS = report_columns(HEADS)
TEXT = {column.name for column in COLUMNS if column.kind == "text"}


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return score(new_batch(tmp_path_factory.mktemp("export"), part_posts=6))


def written(batch: Batch, filters: Filters = EVERY_POST, columns=COLUMNS) -> list[list[str]]:
    target = io.BytesIO()
    count = write_csv(batch, filters, columns, target)
    rows = parsed(target.getvalue())
    assert count == len(rows) - 1
    return rows


def parsed(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def of_texts(folder: Path, texts: list[str]) -> Batch:
    return score(
        new_batch(folder, post_frame([{"post_id": f"p{i}", "text": t} for i, t in enumerate(texts)]))
    )


@pytest.mark.slow
def test_the_preview_equals_the_files_first_rows(batch: Batch) -> None:
    shown = preview_report(batch, EVERY_POST, COLUMNS, posts=7)
    header, *rows = written(batch)
    assert list(shown.columns) == header
    assert shown.to_numpy().tolist() == rows[:7]


def test_the_file_holds_the_filtered_posts_in_the_order_of_the_batch(batch: Batch) -> None:
    filters = Filters(inputs=("both",))
    assert [row[0] for row in written(batch, filters)[1:]] == list(query.read_page(batch, filters)["post_id"])


def test_values_in_the_file_are_those_of_the_scores(batch: Batch) -> None:
    header, *rows = written(batch)
    for row, post in zip(rows, query.read_page(batch).itertuples(), strict=True):
        cells = dict(zip(header, row, strict=True))
        assert cells["text"] == post.text
        assert float(cells["valence"]) == pytest.approx(post.valence, abs=5e-7)
        assert cells["uncertain"] == ("true" if post.uncertain else "false")
        assert cells["n_images"] == str(len(post.images))
        assert cells["agreement"] == ("" if pd.isna(post.agreement) else f"{float(cells['agreement']):.6g}")
        assert cells["likes"] == ("" if pd.isna(post.likes) else str(post.likes))
    assert (rows[1][header.index("created_at")], rows[0][header.index("created_at")]) == (
        "2026-03-03T09:30:00Z",
        "",
    )
    assert rows[1][header.index("images")] == "photo 1.jpg"


def test_only_the_chosen_columns_are_written_in_the_order_chosen(batch: Batch) -> None:
    chosen = [column for name in ("valence", "post_id") for column in COLUMNS if column.name == name]
    assert written(batch, columns=chosen)[0] == ["valence", "post_id"]


def test_an_unscored_batch_is_written_with_empty_scores(tmp_path: Path) -> None:
    header, *rows = written(new_batch(tmp_path))
    scores = {*header[header.index("inputs_used") : header.index("likes")], "model"}
    assert {cell for row in rows for name, cell in zip(header, row, strict=True) if name in scores} == {""}
    assert rows[1][header.index("text")].startswith("Post number 1")


def test_own_columns_are_written_as_they_came(batch: Batch) -> None:
    names = query.list_own_columns(batch)
    columns = [column for column in report_columns(HEADS, names) if column.name.startswith("original: ")]
    header, first, second, *_ = written(batch, columns=columns)
    assert header == ["original: campaign", "original: reach"]
    assert (first, second) == (["autumn", "12"], ["'=spring", ""])


def test_half_a_surrogate_pair_in_an_own_column_does_not_stop_the_report(tmp_path: Path) -> None:
    posts = post_frame([{"post_id": "a", "text": "x", "extra": json.dumps({"mood \ud83d": "\ud83d"})}])
    batch = new_batch(tmp_path, posts)
    columns = report_columns({}, query.list_own_columns(batch))[-1:]
    assert written(batch, columns=columns) == [["original: mood ?"], ["?"]]


def test_headers_are_inert_too(batch: Batch) -> None:
    topics = report_columns({})
    evil = [replace(column, name="=cmd()") for column in topics[:1]]
    assert written(batch, columns=evil)[0] == ["'=cmd()"]
    assert list(preview_report(batch, EVERY_POST, evil).columns) == ["'=cmd()"]


def test_numbers_below_zero_stay_numbers(batch: Batch) -> None:
    header, *rows = written(batch)
    below = [row[header.index("valence")] for row in rows if row[header.index("valence")].startswith("-")]
    assert below
    assert all(float(cell) < 0 for cell in below)


def test_tiny_and_round_numbers_are_written_plainly(tmp_path: Path) -> None:
    batch = new_batch(tmp_path, post_frame([{"post_id": f"p{i}", "text": "x"} for i in range(4)]))
    scores = query.read_page(score(batch))[[*query_score_columns(batch)]]
    batch.write_part("scores", 0, scores.assign(valence=[-1e-9, 0.1234567, 1.0, -0.25]))
    header, *rows = written(batch)
    assert [row[header.index("valence")] for row in rows] == ["0", "0.123457", "1", "-0.25"]


def query_score_columns(batch: Batch) -> list[str]:
    others = {"position", "disagree", "top_words", "image_map", "copies", "copy_of", "interactions"}
    skipped = {*batch.posts().columns, *others} - {"post_id"}
    return [name for name in query.read_page(batch).columns if name not in skipped]


def test_times_are_utc_with_a_z_and_keep_fractions(tmp_path: Path) -> None:
    time = datetime(2026, 1, 5, 12, 0, 0, 250_000, tzinfo=UTC)
    batch = new_batch(tmp_path, post_frame([{"post_id": "a", "text": "x", "created_at": time}]))
    assert preview_report(batch, EVERY_POST, COLUMNS)["created_at"][0] == "2026-01-05T12:00:00.250000Z"


def test_the_target_stays_open_even_when_the_batch_cannot_be_read(tmp_path: Path) -> None:
    batch = score(new_batch(tmp_path))
    (batch.folder / "scores" / "part-00000.parquet").write_bytes(b"PAR1")
    target = io.BytesIO()
    with pytest.raises(Exception, match="Score it again"):
        write_csv(batch, EVERY_POST, COLUMNS, target)
    assert not target.closed


def test_the_rejected_rows_are_written_inert(batch: Batch) -> None:
    header, row = parsed(export_rejected_csv(batch.rejected()))
    cells = dict(zip(header, row, strict=True))
    assert (cells["kind"], cells["post_id"], cells["raw"]) == ("row", "", "'=HYPERLINK(1)")


@pytest.mark.slow
@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_any_text_comes_back_from_the_file_and_none_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    batch = of_texts(tmp_path_factory.mktemp("any"), [f"{text}." for text in texts])
    header, *rows = written(batch)
    shown = preview_report(batch, EVERY_POST, COLUMNS)
    assert shown.to_numpy().tolist() == rows
    back = [row[header.index("text")] for row in rows]
    assert back == [escape_formulas(f"{text}.") for text in texts]
    assert [cell.replace("'", "") for cell in back] == [f"{text}.".replace("'", "") for text in texts]
    for row in rows:
        for name, cell in zip(header, row, strict=True):
            if name in TEXT and cell:
                assert unicodedata.normalize("NFKC", cell.lstrip()[:1])[:1] not in {"=", "+", "-", "@"}
                assert cell[0] not in "\t\r\0"


def test_a_report_on_disk_is_the_same_file_and_a_cancelled_one_leaves_none(batch: Batch) -> None:
    columns, calls = COLUMNS, list[tuple[str, int, int]]()
    target = io.BytesIO()
    write_csv(batch, Filters(), columns, target)
    assert not write_report(batch, Filters(), columns, lambda *_: None, lambda: True, CSV)
    assert not list((batch.folder / REPORTS).iterdir())
    assert write_report(batch, Filters(), columns, lambda *each: calls.append(each), lambda: False, CSV)
    (path,) = batch.report_paths()
    assert path.read_bytes() == target.getvalue()
    assert calls[-1] == ("report", batch.manifest.n_posts, batch.manifest.n_posts)


def test_a_plain_table_has_text_as_it_is(batch: Batch) -> None:
    columns = report_columns(HEADS, query.list_own_columns(batch))
    target = io.BytesIO()
    assert write_report_table(batch, EVERY_POST, columns, target, PLAIN_CSV) == len(batch.posts())
    rows = list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig"))))
    assert rows[1]["author"] == "@author1"
    assert rows[1]["original: campaign"] == "=spring"
    shown = preview_report(batch, EVERY_POST, columns, escaped=False)
    assert shown["original: campaign"][1] == "=spring"
