"""Parquet tables, read as any other table."""

import io
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.importers import RefusedError
from analysis.intake import InputFile, parse_table
from analysis.settings import Settings


def parquet(**columns: list[object]) -> InputFile:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return InputFile("posts.parquet", written.getvalue())


def test_cells_become_text_and_blank_ones_empty() -> None:
    when = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    table = parse_table(
        parquet(text=["Größe", None], likes=[2**60, 3], at=[when, None], images=[["a.jpg"], []])
    )
    assert table.columns == ("text", "likes", "at", "images")
    first = ["Größe", str(2**60), "2026-03-02T09:30:00+00:00", '["a.jpg"]']
    assert table.rows.to_numpy().tolist() == [first, ["", "3", "", "[]"]]
    assert table.notes == ("Parquet",)


def test_one_row_is_one_post() -> None:
    assert len(parse_table(parquet(text=["good"])).rows) == 1


def test_what_is_no_parquet_or_holds_no_rows_is_refused() -> None:
    with pytest.raises(RefusedError, match="is not a readable Parquet file"):
        parse_table(InputFile("posts.parquet", b"PAR1 but not really PAR1"))
    with pytest.raises(RefusedError, match="contains no rows"):
        parse_table(parquet(text=[]))


def test_limits_hold_for_what_it_unpacks_to() -> None:
    same = parquet(text=["a", "b"])
    with pytest.raises(RefusedError, match="has 2 rows; the limit is 1"):
        parse_table(same, Settings(max_table_rows=1))
    large = parquet(text=["good day " * 100_000])
    assert len(large.read()) < 200_000
    with pytest.raises(RefusedError, match="unpacks to more than 0 MB"):
        parse_table(large, Settings(max_table_bytes=200_000))
